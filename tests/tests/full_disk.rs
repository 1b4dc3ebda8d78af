//! A disk that is full while the service runs, and has room again: requests are refused until then,
//! and nothing is half done.

use std::process::Command;

use ca_core::store::{RegistrationQuery, Store as _};
use ca_server::SystemRandom;
use ca_server::store::SqliteStore;
use e2e::wallet::{self, SET_REGISTRATION, now, wallet};
use e2e::{BRAND, Hierarchy, PASSPHRASE, Service, setca_at};
use serde_json::Value;

/// The kernel refuses every write beyond so many octets of a file, as a full disk would: room for
/// the shared memory of the database and no more than nine pages of its log.
const FULL: &str = "--fsize=40000:";
const ENOUGH: usize = 100;

fn start(hierarchy: &Hierarchy) -> Service {
    let mut command = Command::new("env");
    command.args(["--ignore-signal=XFSZ", "prlimit", FULL]).arg(setca_at()).arg("--dir");
    command.arg(hierarchy.dir()).args(["serve", "--listen", "127.0.0.1:0"]);
    command.env("SETCA_PASSPHRASE", PASSPHRASE);
    Service::start(command, &hierarchy.log())
}

fn registrations(hierarchy: &Hierarchy) -> usize {
    let store = SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap();
    let all = RegistrationQuery { limit: 1_000, ..RegistrationQuery::default() };
    store.registrations(&all).unwrap().items.len()
}

#[test]
fn full_disk_refuses_with_try_again_and_goes_on_by_itself_when_there_is_room() {
    let hierarchy = Hierarchy::new();
    let service = start(&hierarchy);
    let root = hierarchy.root_certificate();
    let mut done = 0;
    // Until the room is used up.
    let request = loop {
        assert!(done < ENOUGH, "the disk does not become full");
        let (request, _) = wallet(&root, BRAND).initiate(now(), &SystemRandom).unwrap();
        let answer = service.post("/set", SET_REGISTRATION, &request);
        if answer.status == 503 {
            assert!(answer.header("retry-after").parse::<u64>().is_ok());
            let problem: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(problem["code"], "unavailable", "{problem}");
            break request;
        }
        assert_eq!(answer.status, 200);
        done += 1;
    };
    let log = service.log();
    assert!(log.contains("store unavailable") && log.contains("setca.db"), "{log}");

    let room = ["--pid", &service.id().to_string(), "--fsize=unlimited"];
    assert!(Command::new("prlimit").args(room).status().unwrap().success());
    assert_eq!(registrations(&hierarchy), done, "nothing of what was refused is there");
    assert_eq!(service.post("/set", SET_REGISTRATION, &request).status, 200);
    let _ = wallet::register(&root, &wallet::pan(1), |request| {
        service.post("/set", SET_REGISTRATION, request).body
    });
    assert_eq!(registrations(&hierarchy), done + 2);
    let _ = hierarchy.run(&["audit", "verify"]);
}
