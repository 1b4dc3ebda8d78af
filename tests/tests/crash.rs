//! `kill -9` of the service while cardholders register (design.md §7, "Nothing is lost").

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use ca_core::hex;
use ca_core::signer::SecureRandom as _;
use ca_server::SystemRandom;
use e2e::wallet::{self, Registered, SET_REGISTRATION};
use e2e::{Hierarchy, Service, http};
use serde_json::Value;

const CARDHOLDERS: u32 = 4;
const CRASHES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn nothing_that_was_answered_is_lost_by_kill_9_during_registrations() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let registered = Crowd::new(&hierarchy).register_through_crashes(&hierarchy);
    assert!(registered.len() >= CARDHOLDERS as usize);
    let before = hierarchy.inventory();
    every_certificate_is_recorded_once(&hierarchy, &before, &registered);

    let service = hierarchy.serve();
    every_answer_is_repeated(&service, &registered);
    assert_eq!(hierarchy.inventory(), before, "to ask again issues nothing");
    assert_eq!(service.fetch("/readyz").status, 200);
}

/// Every request that was acknowledged gets the same octets again.
fn every_answer_is_repeated(service: &Service, registered: &[Registered]) {
    for exchange in registered.iter().flat_map(|one| &one.exchanges) {
        let again = service.post("/set", SET_REGISTRATION, &exchange.request);
        assert_eq!(again.status, 200);
        assert_eq!(again.body, exchange.answer, "another answer to the same request");
    }
}

/// Every certificate handed out is issued in the inventory, and no serial number occurs twice.
fn every_certificate_is_recorded_once(
    hierarchy: &Hierarchy,
    inventory: &[Value],
    registered: &[Registered],
) {
    let mut states: HashMap<(String, String), String> = HashMap::new();
    for row in inventory {
        let field = |name: &str| row[name].as_str().unwrap().to_owned();
        let twice = states.insert((field("issuer"), field("serial")), field("state"));
        assert_eq!(twice, None, "serial number used twice: {row}");
    }
    for one in registered {
        let certificate = &one.certified.signature().unwrap().certificate;
        let serial = hex(certificate.serial());
        let state = states.get(&("sample-cca".to_owned(), serial.clone()));
        assert_eq!(state.map(String::as_str), Some("issued"), "{serial}");
        let file = hierarchy.beside("shown.pem");
        fs::write(&file, hierarchy.run(&["cert", "show", &serial, "--pem"])).unwrap();
        assert_eq!(hierarchy.der(&file), certificate.der());
    }
    let issued =
        inventory.iter().filter(|row| row["role"] == "cardholder" && row["state"] == "issued");
    assert_eq!(issued.count(), registered.len(), "as many as were handed out");
}

/// Cardholders who register one after the other, and send again what got no answer.
struct Crowd {
    url: RwLock<String>,
    answers: AtomicUsize,
    enough: AtomicBool,
    registered: Mutex<Vec<Registered>>,
    root: ca_core::wire::Cert,
}

impl Crowd {
    fn new(hierarchy: &Hierarchy) -> Self {
        Self {
            url: RwLock::default(),
            answers: AtomicUsize::new(0),
            enough: AtomicBool::new(false),
            registered: Mutex::default(),
            root: hierarchy.root_certificate(),
        }
    }

    fn register_through_crashes(self, hierarchy: &Hierarchy) -> Vec<Registered> {
        let mut service = hierarchy.serve();
        service.url().clone_into(&mut self.url.write().unwrap());
        thread::scope(|scope| {
            let register = |cardholder| self.register_until_enough(cardholder);
            let crowd: Vec<_> = (0..CARDHOLDERS)
                .map(|cardholder| scope.spawn(move || register(cardholder)))
                .collect();
            for _ in 0..CRASHES {
                self.wait_for_a_random_moment();
                service.kill();
                service = hierarchy.serve();
                service.url().clone_into(&mut self.url.write().unwrap());
            }
            self.enough.store(true, Ordering::Release);
            // The registrations under way end before the service does.
            crowd.into_iter().for_each(|cardholder| cardholder.join().expect("registered"));
            service.kill();
        });
        self.registered.into_inner().unwrap()
    }

    fn register_until_enough(&self, cardholder: u32) {
        for number in 0.. {
            let pan = wallet::pan(cardholder * 1_000 + number);
            let one = wallet::register(&self.root, &pan, |request| self.post(request));
            self.registered.lock().unwrap().push(one);
            if self.enough.load(Ordering::Acquire) {
                return;
            }
        }
    }

    /// What may have been lost is sent again unchanged (spec `set-messages.md` §4.6 step 9).
    fn post(&self, request: &[u8]) -> Vec<u8> {
        let agent = http::new_agent();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let url = format!("{}/set", self.url.read().unwrap());
            if let Some(answer) = http::post(&agent, &url, SET_REGISTRATION, request) {
                assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                self.answers.fetch_add(1, Ordering::AcqRel);
                return answer.body;
            }
            assert!(Instant::now() < deadline, "never answered");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A few more answers, and then somewhere within the next requests.
    fn wait_for_a_random_moment(&self) {
        let [more, delay]: [u8; 2] = SystemRandom.array().unwrap();
        let wanted = self.answers.load(Ordering::Acquire) + 3 + usize::from(more % 16);
        let deadline = Instant::now() + PATIENCE;
        while self.answers.load(Ordering::Acquire) < wanted {
            assert!(Instant::now() < deadline, "nobody is answered any more");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(u64::from(delay) * 100));
    }
}
