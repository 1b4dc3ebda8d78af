//! The conformance files of others, through `setca selftest`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use e2e::{Outcome, setca};
use serde_json::Value;

/// Those in `tests/conformance`, and those in the folder named by `SETCA_CONFORMANCE`.
fn files() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let more = std::env::var_os("SETCA_CONFORMANCE").map(PathBuf::from);
    let mut files: Vec<PathBuf> = [Some(own), more]
        .into_iter()
        .flatten()
        .flat_map(|folder| fs::read_dir(&folder).unwrap_or_else(|e| panic!("{folder:?}: {e}")))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

fn selftest(arguments: &[&str]) -> Outcome {
    let nowhere = Path::new("/nonexistent");
    Outcome::of(setca(nowhere).arg("selftest").args(["--format", "json"]).args(arguments))
}

fn count(score: &Value, field: &str) -> usize {
    score[field].as_array().map_or(0, Vec::len)
}

/// Each case of each file passes, diverges with a reason, or is skipped for a stated feature; none
/// is forgotten.
#[test]
fn every_case_comes_out_as_it_must() {
    let files = files();
    assert!(files.len() >= 3, "{files:?}");
    let mut arguments = Vec::new();
    for file in &files {
        arguments.extend(["--suite", file.to_str().unwrap()]);
    }
    let outcome = selftest(&arguments);
    let report = outcome.json();
    let suites = report["suites"].as_array().unwrap();
    assert_eq!(suites.len(), files.len() + 1, "the built-in suite comes first");
    let failed: BTreeMap<&str, &Value> = suites
        .iter()
        .flat_map(|suite| suite["failed"].as_array().unwrap())
        .map(|failed| (failed["id"].as_str().unwrap(), &failed["message"]))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    for (suite, file) in suites.iter().skip(1).zip(&files) {
        let text: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let passed = usize::try_from(suite["passed"].as_u64().unwrap()).unwrap();
        let sum = passed + count(suite, "diverged") + count(suite, "skipped");
        assert_eq!(Some(sum as u64), text["count"].as_u64(), "{}", file.display());
    }
    assert_eq!((outcome.code, report["ok"].as_bool()), (0, Some(true)));
}

/// A case that expects the contrary of what is true.
#[test]
fn an_unexpected_outcome_is_named_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("turned.json");
    turned("pkits-4.1.2", &file);
    let outcome = selftest(&["--suite", file.to_str().unwrap()]);
    let report = outcome.json();
    assert_eq!((outcome.code, report["ok"].as_bool()), (1, Some(false)));
    let failed = &report["suites"][1]["failed"][0];
    assert_eq!(failed["id"], "pkits-4.1.2");
    assert_eq!(failed["outcome"]["reasons"][0]["code"], "bad-signature");
}

/// What is listed as a divergence must diverge, and in the way that is listed.
#[test]
fn a_divergence_must_be_listed_and_must_diverge() {
    let folder = tempfile::tempdir().unwrap();
    let (file, list) = (folder.path().join("turned.json"), folder.path().join("list.toml"));
    turned("pkits-4.1.2", &file);
    let straight = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/pkits.json");
    let entry = "[[divergence]]\nid = \"pkits-4.1.2\"\nexpected = \"valid\"\nours = \"invalid\"\n\
                 source = \"RFC 5280 §6.1.3 (a)(1)\"\nsentence = \"…\"\n";
    fs::write(&list, entry).unwrap();
    let run = |suite: &Path| {
        let list = ["--divergences", list.to_str().unwrap(), "--case", "pkits-4.1.2"];
        selftest(&[&["--suite", suite.to_str().unwrap()], list.as_slice()].concat())
    };
    assert_eq!(run(&file).json()["suites"][1]["diverged"][0][0], "pkits-4.1.2");
    assert_eq!(run(&file).code, 0);
    assert_eq!(run(&straight).code, 1, "an unexpected pass");
}

/// `pkits.json` with this case alone and the contrary expectation.
fn turned(id: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/pkits.json");
    let mut file: Value = serde_json::from_str(&fs::read_to_string(from).unwrap()).unwrap();
    let cases = file["cases"].as_array_mut().unwrap();
    cases.retain(|case| case["id"] == id);
    cases[0]["expect"] = "valid".into();
    file["count"] = 1.into();
    fs::write(to, file.to_string()).unwrap();
}
