//! A data folder from `init` to a revoked certificate, through the binary alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse battery staple";

/// A copy of a hierarchy with one brand; it is made once, because its keys cost seconds.
fn hierarchy() -> TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let output = setca(dir.path(), &["init", "--brand", "Sample"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        dir
    });
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&made.path().join("data"), &copy.path().join("data"));
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &place);
        } else {
            fs::copy(&path, place).unwrap();
        }
    }
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_setca"));
    command
        .args(arguments)
        .env_remove("SETCA_PASSPHRASE_FILE")
        .env("SETCA_PASSPHRASE", PASSPHRASE)
        .env("SETCA_DIR", dir.join("data"))
        .stdin(Stdio::null())
        .current_dir(dir);
    command
}

fn setca(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

fn done(dir: &Path, arguments: &[&str]) -> String {
    let output = setca(dir, arguments);
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {talk}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(dir: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&done(dir, &[arguments, &["--format", "json"]].concat())).unwrap()
}

/// Serial number of a CA's encryption certificate, which its superior issued.
fn serial(dir: &Path, ca: &str) -> String {
    let cas = json(dir, &["ca", "list"]);
    let ca = cas.as_array().unwrap().iter().find(|entry| entry["id"] == ca).unwrap();
    let held = ca["certificates"].as_array().unwrap();
    let wanted = held.iter().find(|one| one["keyUse"] == "encryption").unwrap();
    wanted["serial"].as_str().unwrap().to_owned()
}

#[test]
fn hierarchy_is_listed_superior_before_subordinate() {
    let dir = hierarchy();
    let cas = json(dir.path(), &["ca", "list"]);
    let ids: Vec<&str> =
        cas.as_array().unwrap().iter().map(|ca| ca["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["root", "sample-bca", "sample-cca", "sample-mca", "sample-pca"]);
}

#[test]
fn exported_chain_is_valid_under_the_root_and_under_no_other() {
    let dir = hierarchy();
    done(dir.path(), &["ca", "export", "sample-cca", "--out", "cca.pem"]);
    let text = done(dir.path(), &["verify", "cca.pem", "--trust", "data/root.pem"]);
    assert!(text.starts_with("VALID at "), "{text}");

    let output = setca(
        dir.path(),
        &["verify", "cca.pem", "--trust", "cca.pem", "--brand", "Other", "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(1));
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(verdict["verdict"], "invalid");
    for key in ["code", "rule", "subject", "message"] {
        assert!(verdict["reasons"][0][key].is_string(), "{verdict}");
    }
}

#[test]
fn certificate_is_shown_with_its_set_extensions_by_name() {
    let dir = hierarchy();
    done(
        dir.path(),
        &["ca", "export", "sample-cca", "--key-use", "encryption", "--single", "--out", "e.pem"],
    );
    let tree = json(dir.path(), &["inspect", "e.pem"]);
    let extensions = tree["extensions"].as_array().unwrap();
    let value = |name: &str| {
        &extensions.iter().find(|extension| extension["extension"] == name).unwrap()["value"]
    };
    assert_eq!(value("certificateType")[0], "cca");
    assert_eq!(value("keyUsage").as_array().unwrap().len(), 2);
    // Spec set-certificates.md §3.10: a CCA always says which back keys it can use.
    assert_eq!(value("tunneling")["tunnelAlgIDs"][0], "AES-256-GCM (2.16.840.1.101.3.4.1.46)");
}

#[test]
fn revoked_certificate_is_on_the_next_crl_and_refused() {
    let dir = hierarchy();
    let serial = serial(dir.path(), "sample-cca");
    let revoked =
        json(dir.path(), &["cert", "revoke", &serial, "--reason", "cessationOfOperation"]);
    assert_eq!(revoked["state"], "revoked");
    let lists: Vec<&str> = revoked["published"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| list["list"].as_str().unwrap())
        .collect();
    assert_eq!(lists, ["CRL", "BCI"]);

    let listed = json(dir.path(), &["crl", "show", "sample-bca"]);
    assert_eq!(listed["revoked"][0]["serial"], serial.as_str());
    assert_eq!(listed["revoked"][0]["reason"], "cessationOfOperation");

    let export = ["ca", "export", "sample-cca", "--key-use", "encryption", "--out", "e.pem"];
    done(dir.path(), &export);
    done(dir.path(), &["crl", "show", "sample-bca", "--pem", "--out", "bca.crl"]);
    done(dir.path(), &["crl", "issue", "root"]);
    done(dir.path(), &["crl", "show", "root", "--der", "--out", "root.crl"]);
    let verify = ["verify", "e.pem", "--trust", "data/root.pem", "--crl", "bca.crl", "root.crl"];
    let output = setca(dir.path(), &verify);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("[revoked]"), "{text}");
}

#[test]
fn certificate_is_revoked_once() {
    let dir = hierarchy();
    let serial = serial(dir.path(), "sample-mca");
    done(dir.path(), &["cert", "revoke", &serial, "--reason", "superseded"]);
    let again = setca(dir.path(), &["cert", "revoke", &serial, "--reason", "superseded"]);
    assert_eq!(again.status.code(), Some(1));
}

#[test]
fn root_that_was_carried_away_is_asked_for_only_where_it_is_needed() {
    let dir = hierarchy();
    fs::rename(dir.path().join("data/offline-root"), dir.path().join("safe")).unwrap();
    done(dir.path(), &["crl", "issue", "sample-bca"]);
    let output = setca(dir.path(), &["crl", "issue", "root"]);
    assert_eq!(output.status.code(), Some(3));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("offline-root"), "{line}");

    let listed = json(dir.path(), &["cert", "list", "--ca", "root", "--role", "bca"]);
    let serial = listed["certificates"][0]["serial"].as_str().unwrap();
    let output = setca(dir.path(), &["cert", "revoke", serial, "--reason", "cessationOfOperation"]);
    assert_eq!(output.status.code(), Some(0));
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("setca crl issue root"), "{talk}");
}

#[test]
fn wrong_passphrase_is_one_line_that_does_not_repeat_it() {
    let dir = hierarchy();
    let output = command(dir.path(), &["crl", "issue", "sample-bca"])
        .env("SETCA_PASSPHRASE", "not the right one")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("wrong passphrase"), "{line}");
    assert!(!line.contains("not the right one"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

#[test]
fn init_leaves_a_folder_with_data_alone() {
    let dir = hierarchy();
    let output = setca(dir.path(), &["init", "--brand", "Other"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!done(dir.path(), &["ca", "list"]).contains("Other"));
}

#[test]
fn unknown_names_are_refused_with_those_that_are_known() {
    let dir = hierarchy();
    for (arguments, known) in [
        (&["ca", "show", "nobody"][..], "sample-cca"),
        (&["bci", "show", "Nobody"], "Sample"),
        (&["crl", "issue", "nobody"], "sample-cca"),
        (&["cert", "show", "0102"], "setca cert list"),
    ] {
        let output = setca(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(line.contains(known), "{line}");
    }
}

#[test]
fn text_and_json_of_a_crl_say_the_same_number() {
    let dir = hierarchy();
    let text = done(dir.path(), &["crl", "show", "sample-pca"]);
    let number = json(dir.path(), &["crl", "show", "sample-pca"])["number"].as_u64().unwrap();
    assert!(text.contains(&format!("\nnumber: {number}\n")), "{text}");
}
