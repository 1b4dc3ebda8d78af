//! `kill -9` loses nothing that was acknowledged.
//!
//! The test starts its own binary again as the writer, reads what it acknowledges, kills it, and
//! looks for every acknowledged record in what is left.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ca_core::store::conformance::samples;
use ca_core::store::{
    CaId, CertificateQuery, CertificateState, Change, ListId, SerialNumber, Store,
};
use ca_server::store::SqliteStore;

/// Where the writer writes, and the serial number it begins after.
const STORE: &str = "SETCA_TEST_KILL_STORE";
const AFTER: &str = "SETCA_TEST_KILL_AFTER";

const ROUNDS: u64 = 5;
const ROUND_SIZE: u64 = 1_000_000;
/// Acknowledgements to wait for before the kill.
const ENOUGH: usize = 300;

#[derive(Default)]
struct Acknowledged {
    intents: Vec<u64>,
    issued: Vec<u64>,
    numbers: Vec<u64>,
}

#[test]
fn killed_writer_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut acknowledged = Acknowledged::default();
    for round in 0..ROUNDS {
        collect(&mut start(&path, round * ROUND_SIZE), &mut acknowledged);
        check(&path, &acknowledged);
    }
    let Acknowledged { intents, issued, numbers } = acknowledged;
    let total = intents.len() + issued.len() + numbers.len();
    assert!(total >= ENOUGH * ROUNDS as usize, "the writer said only {total} things");
}

fn start(path: &Path, after: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer", "--ignored", "--nocapture"])
        .env(STORE, path)
        .env(AFTER, after.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads acknowledgements, kills the writer (SIGKILL) after enough, and reads what it still said.
fn collect(writer: &mut Child, acknowledged: &mut Acknowledged) {
    let mut output = BufReader::new(writer.stdout.take().unwrap());
    let mut line = String::new();
    let mut seen = 0;
    while output.read_line(&mut line).unwrap() > 0 {
        if acknowledged.note(&line) {
            seen += 1;
        }
        if seen == ENOUGH {
            writer.kill().unwrap();
        }
        line.clear();
    }
    writer.wait().unwrap();
}

impl Acknowledged {
    /// False for what the test harness says, and for a line that the kill cut off.
    fn note(&mut self, line: &str) -> bool {
        let Some((what, number)) = line.strip_suffix('\n').and_then(|line| line.split_once(' '))
        else {
            return false;
        };
        let list = match what {
            "intent" => &mut self.intents,
            "issued" => &mut self.issued,
            "number" => &mut self.numbers,
            _ => return false,
        };
        list.push(number.parse().unwrap());
        true
    }
}

fn check(path: &Path, acknowledged: &Acknowledged) {
    let store = SqliteStore::open(path).unwrap();
    let cca = samples::ca_id("cca").unwrap();
    for number in &acknowledged.issued {
        let found = store.certificate(&cca, &samples::serial(*number).unwrap()).unwrap();
        let expected = samples::issued(&samples::intent("cca", *number).unwrap()).der;
        assert_eq!(found.unwrap().der, Some(expected), "issued {number}");
    }
    for number in &acknowledged.intents {
        let found = store.certificate(&cca, &samples::serial(*number).unwrap()).unwrap();
        assert!(found.is_some(), "intent {number}");
    }
    let numbers = &acknowledged.numbers;
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a list number came twice");
    let next = store.next_number(&ListId::Crl(cca)).unwrap();
    assert!(numbers.last().is_none_or(|last| next > *last), "{next} was given before");
    check_acts_are_whole(&store);
    check_feed(&store);
}

/// The feed has an entry for every act that is there, acknowledged or not, and no other: each
/// certificate was touched once when it was intended, and once when it was issued.
fn check_feed(store: &SqliteStore) {
    let feed = store.changes(0, 1_000_000).unwrap().items;
    assert!((1..).zip(&feed).all(|(position, change)| change.position == position));
    assert_eq!(store.last_change().unwrap(), feed.len() as u64);
    let mut touched: HashMap<(CaId, SerialNumber), u32> = HashMap::new();
    for Change { standing, .. } in feed {
        *touched.entry((standing.issuer, standing.serial)).or_default() += 1;
    }
    let query = CertificateQuery { limit: 1_000_000, ..CertificateQuery::default() };
    for record in store.certificates(&query).unwrap().items {
        let acts = if record.der.is_some() { 2 } else { 1 };
        let name = (record.intent.issuer, record.intent.serial);
        assert_eq!(touched.remove(&name), Some(acts), "{name:?}");
    }
    assert!(touched.is_empty(), "of nothing that is there: {touched:?}");
}

/// Every certificate that is issued came with its answer, in the same act.
fn check_acts_are_whole(store: &SqliteStore) {
    let query = CertificateQuery {
        state: Some(CertificateState::Issued),
        limit: 1_000_000,
        ..CertificateQuery::default()
    };
    for record in store.certificates(&query).unwrap().items {
        let rrpid = rrpid(record.intent.serial.as_octets());
        assert!(store.answer(&rrpid).unwrap().is_some(), "{}", record.intent.serial);
    }
}

fn rrpid(serial: &[u8]) -> [u8; 20] {
    let mut rrpid = [0; 20];
    rrpid[..serial.len()].copy_from_slice(serial);
    rrpid
}

#[test]
#[ignore = "the other side of killed_writer_loses_nothing_it_acknowledged, which starts it"]
fn writer() {
    let (Ok(path), Ok(after)) = (std::env::var(STORE), std::env::var(AFTER)) else { return };
    let store = SqliteStore::open(Path::new(&path)).unwrap();
    let after: u64 = after.parse().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| reserve_numbers(&store));
        for thread in 0..4 {
            let store = &store;
            scope.spawn(move || issue(store, (after + 1 + thread..).step_by(4)));
        }
    });
}

fn reserve_numbers(store: &dyn Store) {
    let list = ListId::Crl(samples::ca_id("cca").unwrap());
    loop {
        say("number", store.next_number(&list).unwrap());
    }
}

fn issue(store: &dyn Store, numbers: impl Iterator<Item = u64>) {
    for number in numbers {
        let intent = samples::intent("cca", number).unwrap();
        store.record_intents(std::slice::from_ref(&intent), &samples::acting()).unwrap();
        say("intent", number);
        let mut answer = samples::answer(0, b"certificate inside");
        answer.rrpid = rrpid(intent.serial.as_octets());
        let mut registration = samples::registration(1).unwrap();
        registration.lid_ca = number.to_be_bytes().to_vec();
        store
            .record_issued(
                &[samples::issued(&intent)],
                Some((&registration, Some(&answer))),
                &samples::acting(),
            )
            .unwrap();
        say("issued", number);
    }
}

fn say(what: &str, number: u64) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{what} {number}").unwrap();
    stdout.flush().unwrap();
}
