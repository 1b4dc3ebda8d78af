//! The audit log through the command line: what stands in it, proofs that another program checks,
//! and a log that somebody has changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use ca_server::data::{Folder, Settings};
use e2e::{Hierarchy, Outcome, files, openssl_with, setca};
use serde_json::Value;

const REFUSED: i32 = 1;
/// The example of the package `golang.org/x/mod/sumdb/note`.
const ANOTHER_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

/// A hierarchy with a revocation in its log, and a checkpoint in a file.
struct Signed {
    hierarchy: Hierarchy,
    serial: String,
}

impl Signed {
    fn new() -> Self {
        let hierarchy = Hierarchy::new();
        let inventory = hierarchy.inventory();
        let responder = |record: &&Value| record["issuer"] == "sample-pca";
        let found = inventory.iter().find(responder).unwrap();
        let serial = found["serial"].as_str().unwrap().to_owned();
        let signed = Self { hierarchy, serial };
        let revoke = ["cert", "revoke", &signed.serial, "--reason", "superseded"];
        let _ = signed.hierarchy.run(&revoke);
        signed.checkpoint("first.checkpoint");
        signed
    }

    fn checkpoint(&self, name: &str) {
        let out = self.file(name);
        let _ = self.hierarchy.run(&["audit", "checkpoint", "--out", &out]);
    }

    fn file(&self, name: &str) -> String {
        self.hierarchy.beside(name).display().to_string()
    }

    fn key(&self) -> String {
        let settings = Settings::read(&Folder::at(&self.hierarchy.dir())).unwrap();
        settings.audit_key.unwrap().to_string()
    }

    /// Position of the entry of the revocation.
    fn revocation(&self) -> u64 {
        let found = self.hierarchy.json(&["audit", "list", "--containing", &self.serial]);
        let entries = found["entries"].as_array().unwrap().clone();
        let of_act = |entry: &&Value| entry["act"] == "certificate.revoke";
        entries.iter().find(of_act).unwrap()["position"].as_u64().unwrap()
    }
}

/// `setca audit check`, far from any data folder.
fn check(proof: &str, key: &str) -> Outcome {
    let mut command = setca(Path::new("/nowhere"));
    Outcome::of(command.args(["--format", "json", "audit", "check", proof, "--key", key]))
}

/// The verdict of `setca audit verify` against the log.
fn changed(outcome: &Outcome) -> String {
    assert_eq!(outcome.code, REFUSED, "{}", outcome.all());
    outcome.stdout.clone()
}

#[test]
fn log_says_who_did_what_to_which_certificate() {
    let signed = Signed::new();
    let found = signed.hierarchy.json(&["audit", "list", "--containing", &signed.serial]);
    let acts: Vec<_> = found["entries"].as_array().unwrap().iter().collect();
    let names: Vec<&str> = acts.iter().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert_eq!(names, ["certificate.intend", "certificate.issue", "certificate.revoke"]);
    let revocation = acts[2];
    assert_eq!(revocation["by"], "folder");
    assert_eq!(revocation["of"]["reason"], "superseded");
    assert_eq!(revocation["outcome"], "done");
    let all = signed.hierarchy.json(&["audit", "list", "--from", "0", "--limit", "7"]);
    assert_eq!(all["entries"].as_array().unwrap().len(), 7);
    assert_eq!(all["next"], 7);
}

#[test]
fn inclusion_proof_is_checked_without_the_folder_and_by_another_program() {
    let signed = Signed::new();
    let (proof, position) = (signed.file("entry.tlog-proof"), signed.revocation().to_string());
    let _ = signed.hierarchy.run(&["audit", "prove", "--inclusion", &position, "--out", &proof]);
    let key = signed.key();
    let shown = check(&proof, &key).json();
    assert_eq!(shown["entry"]["of"]["serial"], signed.serial);

    // Another program: RFC 9162 §2.1.3.2 in Python, the signature by OpenSSL.
    let (text, signature, public) =
        (signed.file("text"), signed.file("signature"), signed.file("public.der"));
    let arguments = ["-c", READER, &proof, &key, &text, &signature, &public];
    let said = Outcome::of(Command::new("python3").args(arguments));
    let line = said.done();
    assert!(line.contains(&signed.serial), "{line}");
    let verify = "pkeyutl -verify -rawin -pubin -keyform DER -inkey {0} -in {1} -sigfile {2}";
    let _ = openssl_with(verify, &[&public, &text, &signature].map(Path::new)).done();
}

#[test]
fn consistency_proof_shows_that_the_log_has_only_grown() {
    let signed = Signed::new();
    let _ = signed.hierarchy.run(&["crl", "issue", "sample-cca"]);
    signed.checkpoint("second.checkpoint");
    let (old, proof) = (signed.file("first.checkpoint"), signed.file("grown.proof"));
    let _ = signed.hierarchy.run(&["audit", "prove", "--consistency", &old, "--out", &proof]);
    assert_eq!(check(&proof, &signed.key()).json()["proves"], "the log has only grown");
    // Of another log.
    let outcome = check(&proof, ANOTHER_KEY);
    let said = outcome.failed(REFUSED);
    assert!(said.contains("the note has no signature by the key"), "{said}");
}

#[test]
fn changed_log_is_found_and_the_entry_named() {
    let signed = Signed::new();
    let whole = signed.hierarchy.json(&["audit", "verify"]);
    assert_eq!((&whole["verdict"], &whole["notSignedYet"]), (&"whole".into(), &0.into()));
    let position = signed.revocation();
    let sql = format!(
        "UPDATE audit SET line = replace(line, 'superseded', 'keyCompromise') \
         WHERE position = {position}"
    );
    let database = signed.hierarchy.dir().join("setca.db");
    rusqlite::Connection::open(database).unwrap().execute_batch(&sql).unwrap();
    let outcome = signed.hierarchy.try_run(&["audit", "verify"]);
    let said = changed(&outcome);
    assert!(said.contains(&format!("entry {position} is not the one that was written")), "{said}");
}

#[test]
fn log_that_was_cut_back_with_its_folder_is_found_by_a_checkpoint_kept_elsewhere() {
    let signed = Signed::new();
    let before = signed.hierarchy.beside("before");
    files::copy(&signed.hierarchy.dir(), &before);
    let _ = signed.hierarchy.run(&["crl", "issue", "sample-cca"]);
    signed.checkpoint("second.checkpoint");
    // Somebody puts the folder of before in its place: it agrees with itself.
    fs::remove_dir_all(signed.hierarchy.dir()).unwrap();
    fs::rename(before, signed.hierarchy.dir()).unwrap();
    let _ = signed.hierarchy.run(&["audit", "verify"]);
    let second = signed.file("second.checkpoint");
    let outcome = signed.hierarchy.try_run(&["audit", "verify", "--checkpoint", &second]);
    let said = changed(&outcome);
    assert!(said.contains("a checkpoint was signed over"), "{said}");
}

/// Prints the entry of a tlog-proof if its hashes lead to the root; writes the signed text, the
/// signature and the public key for OpenSSL.
const READER: &str = r#"
import base64, hashlib, sys
proof, key, text_file, signature_file, public_file = sys.argv[1:]
head, text, signatures = open(proof, encoding="utf-8").read().split("\n\n")
lines = head.split("\n")
assert lines[0] == "c2sp.org/tlog-proof@v1"
entry = base64.b64decode(lines[1].removeprefix("extra "))
index = int(lines[2].removeprefix("index "))
origin, size, root = text.split("\n")
sha = lambda octets: hashlib.sha256(octets).digest()
fn, sn, r = index, int(size) - 1, sha(b"\x00" + entry)
for p in map(base64.b64decode, lines[3:]):
    assert sn != 0
    if fn & 1 or fn == sn:
        r = sha(b"\x01" + p + r)
        while not fn & 1 and fn != 0:
            fn, sn = fn >> 1, sn >> 1
    else:
        r = sha(b"\x01" + r + p)
    fn, sn = fn >> 1, sn >> 1
assert sn == 0 and r == base64.b64decode(root)
name, key_id, public = key.split("+", 2)
public = base64.b64decode(public)
assert sha(name.encode() + b"\n" + public)[:4].hex() == key_id
dash, signer, value = signatures.strip().split(" ")
value = base64.b64decode(value)
assert signer == name == origin and value[:4].hex() == key_id
open(text_file, "wb").write((text + "\n").encode())
open(signature_file, "wb").write(value[4:])
open(public_file, "wb").write(bytes.fromhex("302a300506032b6570032100") + public[1:])
print(entry.decode())
"#;
