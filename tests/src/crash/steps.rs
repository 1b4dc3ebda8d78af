//! Every step of a command is one at which it dies: what is left is no obstacle, and disagrees with
//! nothing.

use std::os::unix::process::ExitStatusExt as _;

use super::death::dying;
use crate::Hierarchy;

/// A command, and how many steps of the store and of keys it has.
pub type Steps = (String, u64);

/// Lets each of the operator's commands die at each of its steps, on a fresh folder each; `told`
/// hears of each command.
///
/// # Panics
/// If a command that died cannot be brought to its end by being given again, or records, lists and
/// audit log do not agree then.
pub fn every_step(told: &dyn Fn(&Steps)) {
    let revoked = responder(&Hierarchy::for_tests());
    for command in [
        &["cert", "revoke", &revoked, "--reason", "superseded"][..],
        &["crl", "issue", "sample-cca"],
        &["bci", "issue", crate::BRAND],
        &["ca", "renew", "sample-cca"],
        &["ca", "rollover", "sample-mca"],
        &["ca", "rollover", "root"],
        &["ca", "create", "--brand", "Borealis"],
    ] {
        let steps = (1..).find(|at| survives(command, *at)).unwrap_or_default() - 1;
        told(&(command.join(" "), steps));
    }
}

/// True if the command ends before this step.
fn survives(command: &[&str], at: u64) -> bool {
    let hierarchy = Hierarchy::for_tests();
    let output = dying(hierarchy.command(command), at).output().expect("setca starts");
    if output.status.success() {
        return true;
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.signal(), Some(ABORTED), "{command:?} at step {at}: {said}");
    let again = hierarchy.try_run(command);
    let done = again.code == 0 || again.all().contains("already");
    assert!(done, "{command:?} after death at step {at}: {}", again.all());
    for check in [["status", "check"], ["audit", "verify"]] {
        let checked = hierarchy.try_run(&check);
        assert_eq!(checked.code, 0, "{command:?}, death at step {at}: {}", checked.all());
    }
    false
}

/// Serial number of the certificate of a responder.
fn responder(hierarchy: &Hierarchy) -> String {
    let inventory = hierarchy.inventory();
    let found = inventory.iter().find(|row| row["issuer"] == "sample-pca").expect("a responder");
    found["serial"].as_str().expect("text").to_owned()
}

/// SIGABRT.
const ABORTED: i32 = 6;
