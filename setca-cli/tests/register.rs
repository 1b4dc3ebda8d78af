//! `setca register` as far as no service is needed: what stops it, with which exit code, and that
//! nothing is left behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs `setca register cardholder` in `dir`, with `SETCA_PAN` set.
fn register(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_setca"))
        .args(["register", "cardholder", "--brand", "Sample", "--trust", "root.pem"])
        .args(arguments)
        .env("SETCA_DIR", dir.join("data"))
        .env("SETCA_PASSPHRASE", "secret")
        .env_remove("SETCA_PASSPHRASE_FILE")
        .env("SETCA_PAN", "4111111111111111")
        .stdin(Stdio::null())
        .current_dir(dir)
        .output()
        .unwrap()
}

/// Exit code and the last line of the talk.
fn failing(dir: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = register(dir, arguments);
    assert!(output.stdout.is_empty(), "a failure says nothing on stdout");
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(!talk.contains("4111"), "{talk}");
    (output.status.code(), talk.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn folder_with_content_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let wallet = dir.path().join("wallet");
    fs::create_dir(&wallet).unwrap();
    fs::write(wallet.join("key.p8"), "mine").unwrap();
    let url = "http://127.0.0.1:1";
    let (code, line) = failing(dir.path(), &["--url", url, "--out", "wallet"]);
    assert_eq!(code, Some(1));
    assert!(line.contains("wallet is not empty"), "{line}");
    assert_eq!(fs::read_to_string(wallet.join("key.p8")).unwrap(), "mine");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_meant_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [
        &["--url", "ca.example.com", "--out", "w"][..],
        &["--url", "http://127.0.0.1:1", "--out", "w", "--key", "rsa-512"],
        &["--url", "http://127.0.0.1:1", "--out", "w", "--answer", "Jane"],
    ] {
        assert_eq!(failing(dir.path(), arguments).0, Some(2), "{arguments:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{arguments:?}");
    }
}

#[test]
fn missing_root_is_named_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--url", "http://127.0.0.1:1", "--out", "w"];
    let (code, line) = failing(dir.path(), &arguments);
    assert_eq!(code, Some(3));
    assert!(line.contains("root.pem"), "{line}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_card_number_is_no_argument() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--url", "http://127.0.0.1:1", "--out", "w", "--pan", "5500"];
    assert_eq!(failing(dir.path(), &arguments).0, Some(2));
}
