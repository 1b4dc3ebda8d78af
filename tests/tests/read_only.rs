//! A data folder that may not be written: every command says so, nothing is half done, and it goes on
//! when it may.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use e2e::{Hierarchy, Outcome, PASSPHRASE, files, setca_at};

/// `setca` as somebody whom the permissions of files bind: not root.
fn bound(hierarchy: &Hierarchy, arguments: &[&str]) -> Outcome {
    let is_root = hierarchy.dir().metadata().unwrap().uid() == 0;
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--clear-groups"]).arg(setca_at());
        command
    } else {
        Command::new(setca_at())
    };
    command.arg("--dir").arg(hierarchy.dir()).args(arguments).env("SETCA_PASSPHRASE", PASSPHRASE);
    Outcome::of(&mut command)
}

fn chmod(hierarchy: &Hierarchy, mode: &str) {
    // Whoever is not root must reach it.
    for (mode, place) in [("a+rx", hierarchy.beside("")), (mode, hierarchy.dir())] {
        let changed = Command::new("chmod").args(["-R", mode]).arg(place).status().unwrap();
        assert!(changed.success());
    }
}

#[test]
fn folder_that_may_not_be_written_is_refused_by_name_and_stays_as_it_is() {
    let hierarchy = Hierarchy::new();
    chmod(&hierarchy, "a-w,a+rX");
    let before = files::contents(&hierarchy.dir());
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["crl", "issue", "sample-cca"],
        &["cert", "list"],
        &["audit", "verify"],
    ] {
        let refused = bound(&hierarchy, arguments);
        assert_eq!(refused.code, 3, "{arguments:?}: {}", refused.all());
        let said = refused.all();
        assert!(said.contains("setca.db") && said.contains("readonly"), "{arguments:?}: {said}");
    }
    assert_eq!(files::contents(&hierarchy.dir()), before);
    chmod(&hierarchy, "a+rwX");
    assert_eq!(bound(&hierarchy, &["crl", "issue", "sample-cca"]).code, 0);
    assert_eq!(bound(&hierarchy, &["audit", "verify"]).code, 0);
}
