//! The contract of the command line: exit codes, stdout for results, stderr for talk.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn setca(arguments: &[&str], dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_setca"))
        .args(arguments)
        .env_remove("SETCA_PASSPHRASE")
        .env_remove("SETCA_PASSPHRASE_FILE")
        .env("SETCA_DIR", dir.join("data"))
        .stdin(Stdio::null())
        .current_dir(dir)
        .output()
        .unwrap()
}

/// Runs a command that fails: the exit code, and the one line on stderr.
fn failing(arguments: &[&str], dir: &Path) -> (Option<i32>, String) {
    let output = setca(arguments, dir);
    assert!(output.stdout.is_empty(), "a failure says nothing on stdout");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn unknown_command_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(failing(&["frobnicate"], dir.path()).0, Some(2));
}

#[test]
fn option_that_cannot_be_read_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [
        &["cert", "show", "not-hex"][..],
        &["cert", "revoke", "01", "--reason", "because"],
        &["cert", "revoke", "01"],
        &["cert", "revoke", "--reason", "superseded"],
        &["cert", "revoke", "01", "--file", "list.txt", "--reason", "superseded"],
        &["cert", "revoke", "01", "--reason", "superseded", "--invalid-since", "yesterday"],
        &["cert", "release"],
        &["verify", "a.pem", "--trust", "b.pem", "--at", "yesterday"],
        &["serve", "--listen", "nowhere"],
    ] {
        assert_eq!(failing(arguments, dir.path()).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn missing_file_belongs_to_the_outside_world_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (code, line) = failing(&["inspect", "no-such-file.pem"], dir.path());
    assert_eq!(code, Some(3));
    assert!(line.contains("no-such-file.pem"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

#[test]
fn broken_object_is_refused_with_its_file_name() {
    let dir = tempfile::tempdir().unwrap();
    let pem = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
    for (name, octets) in [
        ("truncated.der", &[0x30, 0x10, 0x02, 0x01][..]),
        ("text.der", b"hello, world"),
        ("empty.der", b""),
        ("other.pem", pem.as_bytes()),
    ] {
        fs::write(dir.path().join(name), octets).unwrap();
        let (code, line) = failing(&["inspect", name], dir.path());
        assert_eq!(code, Some(1), "{name}");
        assert!(line.contains(name), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[test]
fn folder_without_data_says_how_to_make_some() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [
        &["ca", "list"][..],
        &["cert", "list"],
        &["crl", "show", "root"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let output = setca(arguments, dir.path());
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(line.contains("setca init"), "{arguments:?}: {line}");
    }
}

#[test]
fn init_without_passphrase_and_terminal_says_where_to_put_one() {
    let dir = tempfile::tempdir().unwrap();
    let (code, line) = failing(&["init", "--brand", "Sample"], dir.path());
    assert_eq!(code, Some(3));
    assert!(line.contains("--passphrase-file"), "{line}");
    assert!(!dir.path().join("data").exists());
}

#[test]
fn port_in_use_is_told_before_any_key_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (code, line) = failing(&["up", "--listen", &address], dir.path());
    assert_eq!(code, Some(3));
    assert!(line.contains(&address), "{line}");
    assert!(!dir.path().join("data").exists());
}

#[test]
fn unknown_der_is_dumped_in_both_formats() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.der"), [0x30, 0x03, 0x02, 0x01, 0x05]).unwrap();
    let text = setca(&["inspect", "x.der"], dir.path());
    assert_eq!(text.status.code(), Some(0));
    let expected = "kind: unknown DER\nvalue\n  SEQUENCE\n    - INTEGER: 5\n";
    assert_eq!(String::from_utf8(text.stdout).unwrap(), expected);
    let json = setca(&["inspect", "x.der", "--format", "json"], dir.path());
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(value["value"]["SEQUENCE"][0]["INTEGER"], "5");
}

#[test]
fn reader_that_goes_away_is_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    let octets = [&[0x30, 0x82, 0x27, 0x10][..], &[5, 0].repeat(5_000)].concat();
    fs::write(dir.path().join("long.der"), octets).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_setca"))
        .args(["inspect", "long.der"])
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn help_of_each_command_shows_an_example() {
    let dir = tempfile::tempdir().unwrap();
    for command in [
        &["up"][..],
        &["init"],
        &["serve"],
        &["ca"],
        &["ca", "export"],
        &["cert", "revoke"],
        &["cert", "release"],
        &["crl", "issue"],
        &["bci", "show"],
        &["ocsp", "query"],
        &["verify"],
        &["inspect"],
    ] {
        let output = setca(&[command, &["--help"]].concat(), dir.path());
        assert_eq!(output.status.code(), Some(0));
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains("Example"), "{command:?}: {help}");
        assert!(help.contains(&format!("  setca {}", command[0])), "{command:?}: {help}");
    }
}
