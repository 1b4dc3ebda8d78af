//! The README's own commands, in its order, against a service of their own: each prints what the
//! README shows.
//!
//! A `console` block holds `$ command` lines, each with what it prints on a terminal. What differs
//! from run to run (serial numbers, digests, times) is masked on both sides.

use std::path::Path;
use std::process::Command;

use e2e::{Service, setca_at};

#[test]
fn every_command_of_the_readme_prints_what_it_shows() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let binary = setca_at();
    let mut up = Command::new(&binary);
    up.args(["up", "--listen", "127.0.0.1:0"]).current_dir(home.path());
    for name in ["SETCA_DIR", "SETCA_LOG", "SETCA_PASSPHRASE", "SETCA_PASSPHRASE_FILE"] {
        up.env_remove(name);
    }
    let service = Service::start(up, &home.path().join("service.log"));
    let steps = steps(README);
    assert!(steps.len() > 15, "the README shows {} commands", steps.len());
    for step in steps {
        let command = step.command.replace(LISTEN, service.url());
        let said = run(&command, home.path(), binary.parent().expect("a folder"));
        assert_eq!(masked(&said), masked(&step.shown), "$ {command}\n{said}");
    }
}

struct Step {
    command: String,
    shown: String,
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            steps.push(Step { command: command.to_owned(), shown: String::new() });
        } else if let Some(step) = steps.last_mut().filter(|_| inside) {
            step.shown.push_str(line);
            step.shown.push('\n');
        }
    }
    steps
}

/// What a terminal shows: both streams as they come.
fn run(command: &str, home: &Path, binaries: &Path) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(home)
        .env("PATH", format!("{}:{path}", binaries.display()))
        .env_remove("SETCA_DIR")
        .env_remove("SETCA_PASSPHRASE")
        .env_remove("SETCA_PASSPHRASE_FILE")
        .output()
        .expect("sh runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Lines without what is of one run: progress that a terminal shows as a bar, times, serial
/// numbers and digests, blinded names, names of logs, the columns they make wider.
fn masked(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !(line.starts_with("key ") && line.contains(" of ")))
        .map(|line| line.split_whitespace().map(masked_word).collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

fn masked_word(word: &str) -> String {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '=');
    let bare = bare.strip_prefix("setca/").unwrap_or(bare);
    let hex = bare.len() >= 4 && bare.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let time = bare.len() == 20 && bare.ends_with('Z') && bare.as_bytes().get(10) == Some(&b'T');
    let name = bare.strip_prefix("CN=").is_some_and(|name| name.replace('\\', "").len() == 44);
    // Four letters alone are a group of the root's confirmation hash.
    let hex = hex && (bare.len() == 4 || bare.bytes().any(|b| b.is_ascii_digit()));
    if hex || time || name {
        return word.replace(bare, "…");
    }
    match word.strip_prefix('(').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit())) {
        Some(_) => "(…".to_owned(),
        None => word.to_owned(),
    }
}

const README: &str = include_str!("../../README.md");
/// Where the README's service is.
const LISTEN: &str = "http://127.0.0.1:8080";
