//! A backup made while cardholders register, and the drill: restored, the folder goes on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ca_core::hex;
use e2e::wallet::{self, Registered, SET_REGISTRATION};
use e2e::{Hierarchy, Outcome, PAN, Service, setca};

const REFUSED: i32 = 1;
const OUTSIDE: i32 = 3;

/// One cardholder over HTTP.
fn register(hierarchy: &Hierarchy, service: &Service, number: u32) -> Registered {
    let root = hierarchy.root_certificate();
    wallet::register(&root, &wallet::pan(number), |request| {
        let answer = service.post("/set", SET_REGISTRATION, request);
        assert_eq!(answer.status, 200);
        answer.body
    })
}

fn serial(registered: &Registered) -> String {
    hex(registered.certified.signature().unwrap().certificate.serial())
}

/// Serial numbers of a folder.
fn serials(dir: &Path) -> BTreeSet<String> {
    let list = Outcome::of(setca(dir).args(["--format", "json", "cert", "list"])).json();
    let rows = list["certificates"].as_array().unwrap().iter();
    rows.map(|row| row["serial"].as_str().unwrap().to_owned()).collect()
}

fn crl_number(dir: &Path, ca: &str) -> u64 {
    let shown = Outcome::of(setca(dir).args(["--format", "json", "crl", "show", ca])).json();
    shown["number"].as_u64().unwrap()
}

#[test]
fn restored_folder_goes_on_without_a_clash() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let before: Vec<Registered> = (0..2).map(|n| register(&hierarchy, &service, n)).collect();
    let (file, enough) = (hierarchy.beside("backup.tar"), AtomicBool::new(false));
    let during = thread::scope(|threads| {
        let crowd = threads.spawn(|| {
            let mut registered = Vec::new();
            for number in 100.. {
                registered.push(register(&hierarchy, &service, number));
                if enough.load(Ordering::Acquire) {
                    break;
                }
            }
            registered
        });
        let _ = hierarchy.run(&[Path::new("backup"), &file]);
        enough.store(true, Ordering::Release);
        crowd.join().unwrap()
    });
    // After the backup: lost, and its list numbers are given out.
    let _ = hierarchy.run(&["cert", "revoke", &serial(&before[0]), "--reason", "keyCompromise"]);
    let lost_number = crl_number(&hierarchy.dir(), "sample-cca");
    let lost = serials(&hierarchy.dir());
    service.kill();

    let restored = hierarchy.beside("restored");
    let _ = Outcome::of(setca(&restored).arg("restore").arg(&file)).done();
    let found = serials(&restored);
    assert!(before.iter().all(|one| found.contains(&serial(one))));
    assert!(found.is_subset(&lost));
    assert!(during.iter().all(|one| lost.contains(&serial(one))));

    let drill = Service::start(serve(&restored), &hierarchy.beside("drill.log"));
    for exchange in before.iter().flat_map(|one| &one.exchanges) {
        let again = drill.post("/set", SET_REGISTRATION, &exchange.request);
        assert_eq!(again.body, exchange.answer, "another answer to the same request");
    }
    let after: Vec<Registered> = (0..3).map(|n| register(&hierarchy, &drill, 200 + n)).collect();
    assert!(after.iter().all(|one| !lost.contains(&serial(one))));
    let revoke = ["cert", "revoke", &serial(&before[1]), "--reason", "superseded"];
    let _ = Outcome::of(setca(&restored).args(revoke)).done();
    assert!(crl_number(&restored, "sample-cca") > lost_number);
    for check in [["status", "check"], ["audit", "verify"]] {
        let _ = Outcome::of(setca(&restored).args(check)).done();
    }
}

fn serve(dir: &Path) -> std::process::Command {
    let mut command = setca(dir);
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    command
}

/// A backup of the shared hierarchy.
fn backup() -> (Hierarchy, PathBuf) {
    let hierarchy = Hierarchy::new();
    let file = hierarchy.beside("backup.tar");
    let _ = hierarchy.run(&[Path::new("backup"), &file]);
    (hierarchy, file)
}

#[test]
fn backup_holds_nothing_that_stands_in_the_folder_in_clear_and_no_root_key() {
    let (hierarchy, file) = backup();
    let listed = Outcome::of(std::process::Command::new("tar").arg("tf").arg(&file)).done();
    for name in ["passphrase", "operator.token", "offline-root"] {
        assert!(!listed.contains(name), "{listed}");
    }
    assert!(listed.starts_with("manifest.json\nsetca.db\n"), "{listed}");
    let whole = hierarchy.beside("whole.tar");
    let _ = hierarchy.run(&[Path::new("backup"), &whole, Path::new("--offline-root")]);
    let listed = Outcome::of(std::process::Command::new("tar").arg("tf").arg(&whole)).done();
    assert!(listed.contains("offline-root/") && !listed.contains(PAN), "{listed}");
}

#[test]
fn damaged_backup_is_refused_and_leaves_nothing_behind() {
    let (hierarchy, file) = backup();
    let good = fs::read(&file).unwrap();
    let spoilt = |name: &str, octets: &[u8]| {
        let (file, dir) = (hierarchy.beside(name), hierarchy.beside(&format!("{name}.dir")));
        fs::write(&file, octets).unwrap();
        let outcome = Outcome::of(setca(&dir).arg("restore").arg(&file));
        let said = outcome.failed(REFUSED).to_owned();
        assert!(!dir.exists());
        said
    };
    let mut changed = good.clone();
    changed[good.len() / 2] ^= 1;
    assert!(spoilt("changed", &changed).contains("it has another SHA-256"));
    assert!(spoilt("cut", &good[..good.len() / 2]).contains("is not what its manifest says"));
    assert!(spoilt("empty", b"").ends_with("is no setca backup: it is empty"));
    assert!(spoilt("text", &[b'x'; 4_096]).contains("is no setca backup"));
    let left: Vec<_> = fs::read_dir(hierarchy.beside("")).unwrap().collect();
    let hidden = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().contains(".new-");
    assert!(!left.into_iter().any(|entry| hidden(&entry.unwrap())));
}

#[test]
fn neither_backup_nor_folder_is_written_over_and_no_place_is_made() {
    let (hierarchy, file) = backup();
    let outcome = Outcome::of(hierarchy.command(&["backup"]).arg(&file));
    assert!(outcome.failed(REFUSED).ends_with("exists: a backup is never written over"));
    let outcome = Outcome::of(setca(&hierarchy.dir()).arg("restore").arg(&file));
    assert!(outcome.failed(REFUSED).contains("already holds setca data"));
    let elsewhere = hierarchy.beside("not-mounted");
    let outcome = Outcome::of(hierarchy.command(&["backup"]).arg(elsewhere.join("backup.tar")));
    assert!(outcome.failed(OUTSIDE).starts_with("cannot write into"), "{}", outcome.all());
    assert!(!elsewhere.exists());
}
