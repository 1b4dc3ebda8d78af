//! The load script, small: it must not rot between the days on which somebody measures.

use std::path::Path;
use std::process::Command;

use e2e::{Hierarchy, Outcome, PASSPHRASE};

/// `load ARGUMENTS… --dir DIR`.
fn load(hierarchy: &Hierarchy, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_load")));
    command.args(arguments).arg("--dir").arg(hierarchy.dir());
    Outcome::of(command.env("SETCA_PASSPHRASE", PASSPHRASE))
}

#[test]
fn load_script_fills_a_folder_in_several_runs_and_measures_the_service_on_it() {
    let hierarchy = Hierarchy::new();
    let fill = |certificates, revoked| {
        let numbers = ["fill", "--certificates", certificates, "--revoked", revoked];
        let filled = load(&hierarchy, &numbers);
        assert_eq!(filled.code, 0, "{}", filled.all());
        filled.all()
    };
    let _ = (fill("1500", "100"), fill("2000", "200"));
    let again = fill("2000", "200");
    assert!(again.contains("0 certificates recorded"), "{again}");
    assert!(again.contains("0 revocations"), "{again}");

    let measured =
        load(&hierarchy, &["run", "--seconds", "1", "--list", "700", "--format", "json"]);
    assert_eq!(measured.code, 0, "{}", measured.all());
    let report = measured.json();
    assert_eq!(report["values"]["certificates"]["value"], 2_064.0);
    assert_eq!(report["values"]["list"]["value"], 700.0);
    let rates = report["rates"].as_array().unwrap();
    assert!(rates.iter().all(|rate| rate["per_second"].as_f64().unwrap() > 0.0), "{report}");
}
