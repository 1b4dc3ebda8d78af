//! What can go wrong around a command: one clear line, the contract's exit code, nothing
//! half-written.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use e2e::{Hierarchy, Outcome, files, setca};

const REFUSED: i32 = 1;
const USAGE: i32 = 2;
const OUTSIDE: i32 = 3;

/// Runs a command that must fail and leave everything as it was: its one line.
fn fails(hierarchy: &Hierarchy, command: &mut Command, code: i32) -> String {
    let home = hierarchy.beside("");
    let before = (files::listing(&home), records(hierarchy));
    let outcome = Outcome::of(command);
    let line = outcome.failed(code).to_owned();
    assert_eq!((files::listing(&home), records(hierarchy)), before, "{line}");
    line
}

/// What the records say, whichever file they are in.
fn records(hierarchy: &Hierarchy) -> String {
    hierarchy.try_run(&["cert", "list", "--limit", "1000"]).stdout
}

#[test]
fn wrong_passphrase() {
    let hierarchy = Hierarchy::new();
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["crl", "issue", "sample-cca"]] {
        let mut command = hierarchy.command(arguments);
        let line = fails(&hierarchy, command.env("SETCA_PASSPHRASE", "wrong"), OUTSIDE);
        assert!(line.starts_with("wrong passphrase"), "{line}");
        assert!(!line.contains("\"wrong\""), "the passphrase is not repeated: {line}");
    }
}

#[test]
fn no_passphrase() {
    let hierarchy = Hierarchy::new();
    let mut command = hierarchy.command(&["crl", "issue", "sample-cca"]);
    let line = fails(&hierarchy, command.env_remove("SETCA_PASSPHRASE"), OUTSIDE);
    assert!(line.contains("SETCA_PASSPHRASE") && line.contains("--passphrase-file"), "{line}");
    let mut command = hierarchy.command(&["crl", "issue", "sample-cca"]);
    let line = fails(&hierarchy, command.env("SETCA_PASSPHRASE", ""), OUTSIDE);
    assert!(line.contains("SETCA_PASSPHRASE is empty"), "{line}");
    let mut command = hierarchy.command(&["crl", "issue", "sample-cca", "--passphrase-file"]);
    let line = fails(&hierarchy, command.arg("/nowhere/passphrase"), OUTSIDE);
    assert!(line.contains("/nowhere/passphrase"), "{line}");
}

#[test]
fn port_in_use() {
    let hierarchy = Hierarchy::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = hierarchy.command(&["serve", "--listen", &address]);
    let line = fails(&hierarchy, &mut command, OUTSIDE);
    assert!(line.contains(&address) && line.contains("--listen"), "{line}");
}

#[test]
fn folder_that_cannot_be_written() {
    let hierarchy = Hierarchy::new();
    let file = hierarchy.beside("file");
    fs::write(&file, "in the way").unwrap();
    let below = file.join("data");
    let line = fails(&hierarchy, setca(&below).args(["init", "--brand", "Sample"]), OUTSIDE);
    assert!(line.contains(file.to_str().unwrap()), "{line}");
    let mut command = hierarchy.command(&["crl", "show", "root", "--pem", "--out"]);
    let line = fails(&hierarchy, command.arg(file.join("root.crl")), OUTSIDE);
    assert!(line.contains("root.crl"), "{line}");
}

#[test]
fn folder_of_another_version() {
    let hierarchy = Hierarchy::new();
    let settings = hierarchy.dir().join("setca.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("format = 1", "format = 99")).unwrap();
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["ca", "list"]] {
        let line = fails(&hierarchy, &mut hierarchy.command(arguments), OUTSIDE);
        assert!(line.contains("setca.toml has data format 99"), "{line}");
        assert!(line.contains("reads format 1"), "{line}");
    }
}

#[test]
fn database_of_a_newer_schema() {
    let hierarchy = Hierarchy::new();
    let database = hierarchy.dir().join("setca.db");
    let mut octets = fs::read(&database).unwrap();
    // The user version stands at offset 60 of the header (SQLite file format §1.3).
    octets[60..64].copy_from_slice(&77u32.to_be_bytes());
    fs::write(&database, &octets).unwrap();
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["cert", "list"]] {
        let line = fails(&hierarchy, &mut hierarchy.command(arguments), OUTSIDE);
        assert!(line.contains("schema version 77"), "{line}");
    }
    assert_eq!(fs::read(&database).unwrap(), octets, "the database stays as it is");
}

#[test]
fn database_that_is_gone_or_is_none() {
    let hierarchy = Hierarchy::new();
    let database = hierarchy.dir().join("setca.db");
    fs::write(&database, "this is no database, and long enough for a header".repeat(9)).unwrap();
    let commands = [&["serve", "--listen", "127.0.0.1:0"][..], &["cert", "list"]];
    for arguments in commands {
        let line = fails(&hierarchy, &mut hierarchy.command(arguments), OUTSIDE);
        assert!(line.contains("setca.db is not a setca store"), "{line}");
    }
    fs::remove_file(&database).unwrap();
    for arguments in commands {
        let line = fails(&hierarchy, &mut hierarchy.command(arguments), OUTSIDE);
        assert!(line.contains("setca.db"), "{line}");
    }
    assert!(!database.exists(), "an empty store is not made in its place");
}

#[test]
fn init_where_there_is_something() {
    let hierarchy = Hierarchy::new();
    let before = files::contents(&hierarchy.dir());
    let mut command = hierarchy.command(&["init", "--brand", "Other"]);
    let line = fails(&hierarchy, &mut command, REFUSED);
    assert!(line.contains("already holds"), "{line}");
    assert_eq!(files::contents(&hierarchy.dir()), before);

    let other = hierarchy.beside("other");
    fs::create_dir_all(other.join("keys")).unwrap();
    fs::write(other.join("keys/precious.p8"), "key").unwrap();
    let line = fails(&hierarchy, setca(&other).args(["init", "--brand", "Other"]), REFUSED);
    assert!(line.contains("already holds keys"), "{line}");
}

#[test]
fn names_that_are_unknown() {
    let hierarchy = Hierarchy::new();
    for arguments in [
        &["ca", "show", "nobody"][..],
        &["ca", "export", "nobody"],
        &["crl", "issue", "nobody"],
        &["crl", "show", "nobody"],
        &["cert", "list", "--ca", "nobody"],
        &["cert", "show", "1234", "--ca", "nobody"],
    ] {
        let line = fails(&hierarchy, &mut hierarchy.command(arguments), REFUSED);
        assert!(line.contains("nobody") && line.contains("sample-cca"), "{line}");
    }
    for arguments in [&["bci", "show", "Nobody"][..], &["bci", "issue", "Nobody"]] {
        let line = fails(&hierarchy, &mut hierarchy.command(arguments), REFUSED);
        assert!(line.contains("Nobody"), "{line}");
    }
    for arguments in
        [&["cert", "show", "123456"][..], &["cert", "revoke", "123456", "--reason", "superseded"]]
    {
        let line = fails(&hierarchy, &mut hierarchy.command(arguments), REFUSED);
        assert!(line.contains("123456"), "{line}");
    }
}

#[test]
fn values_that_cannot_be_meant() {
    let hierarchy = Hierarchy::new();
    for arguments in [
        &["cert", "show", "xyz"][..],
        &["cert", "revoke", "12", "--reason", "boredom"],
        &["cert", "list", "--state", "lost"],
        &["init"],
        &["init", "--brand", "B", "--base-url", "example.com"],
        &["init", "--brand", "B", "--geo", "Germany"],
        &["init", "--brand", "B", "--geo", "??"],
        &["serve", "--listen", "somewhere"],
        &["verify", "x.pem"],
        &["frobnicate"],
    ] {
        let outcome = hierarchy.try_run(arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (USAGE, ""), "{}", outcome.all());
    }
}

#[test]
fn brand_that_cannot_be() {
    let hierarchy = Hierarchy::new();
    let new = hierarchy.beside("new");
    for (arguments, what) in
        [(&["--brand", ""][..], "brand"), (&["--brand", "Sample", "--brand", "Sample"], "Sample")]
    {
        let line = fails(&hierarchy, setca(&new).arg("init").args(arguments), REFUSED);
        assert!(line.contains(what), "{arguments:?}: {line}");
    }
}

#[test]
fn certificate_revoked_twice() {
    let hierarchy = Hierarchy::new();
    let serial = hierarchy.inventory().last().unwrap()["serial"].as_str().unwrap().to_owned();
    let revoke = ["cert", "revoke", &serial, "--reason", "superseded"];
    let _ = hierarchy.run(&revoke);
    let number = hierarchy.json(&["crl", "show", "sample-pca"])["number"].clone();
    let line = fails(&hierarchy, &mut hierarchy.command(&revoke), REFUSED);
    assert!(line.contains(&serial) && line.contains("already"), "{line}");
    assert_eq!(hierarchy.json(&["crl", "show", "sample-pca"])["number"], number);
}

#[test]
fn policies_that_contradict_themselves() {
    let hierarchy = Hierarchy::new();
    let policies = hierarchy.beside("policies");
    files::copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies")), &policies);
    let file = policies.join("profiles/modern/cardholder-message-signature.toml");
    let good = fs::read_to_string(&file).unwrap();
    let new = hierarchy.beside("new");
    let refused = |text: &str| {
        fs::write(&file, text).unwrap();
        let mut command = setca(&new);
        command.args(["init", "--brand", "Sample", "--policies"]).arg(&policies);
        fails(&hierarchy, &mut command, REFUSED)
    };
    let unknown = refused(&format!("{good}\n[extra]\nkey = 1\n"));
    let last = good.lines().count() + 2;
    assert!(unknown.contains("cardholder-message-signature.toml"), "{unknown}");
    assert!(unknown.contains(&format!(":{last}")), "line {last}: {unknown}");
    let broken = refused(&good.replacen("role = ", "role == ", 1));
    assert!(broken.contains("cardholder-message-signature.toml:"), "{broken}");
    // More days than the CCA's key may sign for.
    let days = good.lines().position(|line| line.starts_with("validity_days")).unwrap();
    let longer: Vec<&str> = good
        .lines()
        .enumerate()
        .map(|(number, line)| if number == days { "validity_days = 9000" } else { line })
        .collect();
    let outlives = refused(&longer.join("\n"));
    assert!(outlives.contains("cardholder-message-signature.toml:"), "{outlives}");
    assert!(outlives.contains("9000"), "{outlives}");

    let line = fails(
        &hierarchy,
        setca(&new).args(["init", "--brand", "Sample", "--policies", "/nowhere"]),
        OUTSIDE,
    );
    assert!(line.contains("/nowhere"), "{line}");
}

#[test]
fn root_list_while_the_root_is_away() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let line = fails(&hierarchy, &mut hierarchy.command(&["crl", "issue", "root"]), OUTSIDE);
    assert!(line.contains("offline-root"), "{line}");
    hierarchy.bring_root_back();
    assert_eq!(hierarchy.json(&["crl", "issue", "root"])["published"][0]["number"], 2);
}

#[test]
fn brand_ca_revoked_while_the_root_is_away() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let serial = hierarchy
        .inventory()
        .iter()
        .find(|row| row["role"] == "bca" && row["keyUse"] == "message-signature")
        .map(|row| row["serial"].as_str().unwrap().to_owned())
        .unwrap();
    let outcome = hierarchy.try_run(&["cert", "revoke", &serial, "--reason", "superseded"]);
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    assert!(outcome.stderr.contains("setca crl issue root"), "{}", outcome.stderr);
    hierarchy.bring_root_back();
    let _ = hierarchy.run(&["crl", "issue", "root"]);
    assert_eq!(hierarchy.json(&["crl", "show", "root"])["revokedCertificates"], 1);
}

#[test]
fn files_that_are_no_certificates() {
    let hierarchy = Hierarchy::new();
    let root = hierarchy.root();
    let der = hierarchy.der(&root);
    let long = [&der[..], &[0]].concat();
    let files: [(&str, &[u8], i32); 4] = [
        ("truncated.der", &der[..der.len() - 1], REFUSED),
        ("trailing.der", &long, REFUSED),
        ("empty.der", b"", REFUSED),
        ("text.pem", b"-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n", REFUSED),
    ];
    for (name, octets, code) in files {
        let file = hierarchy.beside(name);
        fs::write(&file, octets).unwrap();
        let mut command = hierarchy.command(&["verify"]);
        let line = fails(&hierarchy, command.arg(&file).arg("--trust").arg(&root), code);
        assert!(line.contains(name), "{line}");
        let mut command = hierarchy.command(&["verify"]);
        command.arg(&root).arg("--trust").arg(&root).arg("--crl").arg(&file);
        let line = fails(&hierarchy, &mut command, code);
        assert!(line.contains(name), "{line}");
        let line = fails(&hierarchy, hierarchy.command(&["inspect"]).arg(&file), code);
        assert!(line.contains(name), "{line}");
    }
    let mut command = hierarchy.command(&["verify", "/nowhere.pem", "--trust"]);
    let line = fails(&hierarchy, command.arg(&root), OUTSIDE);
    assert!(line.contains("/nowhere.pem"), "{line}");
}

#[test]
fn responder_that_does_not_answer() {
    let hierarchy = Hierarchy::new();
    let (certificate, issuer) = (hierarchy.issuer("sample-cca"), hierarchy.issuer("sample-bca"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command =
        hierarchy.command(&["ocsp", "query", "--url", &format!("http://{free}/ocsp")]);
    let line = fails(&hierarchy, command.arg(&certificate).arg("--issuer").arg(&issuer), OUTSIDE);
    assert!(line.contains(&free.to_string()), "{line}");
}

#[test]
fn key_file_that_is_damaged_or_gone() {
    let hierarchy = Hierarchy::new();
    let cca = hierarchy.json(&["ca", "show", "sample-cca"]);
    let key = cca["certificates"][0]["key"].as_str().unwrap();
    let file = hierarchy.dir().join(format!("keys/{key}.p8"));
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let mut command = hierarchy.command(&["crl", "issue", "sample-cca"]);
    let line = fails(&hierarchy, &mut command, OUTSIDE);
    assert!(line.contains(&format!("{key}.p8")), "{line}");
    fs::remove_file(&file).unwrap();
    let mut command = hierarchy.command(&["crl", "issue", "sample-cca"]);
    let line = fails(&hierarchy, &mut command, OUTSIDE);
    assert!(line.contains(key), "{line}");
}
