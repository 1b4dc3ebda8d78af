//! A whole hierarchy in memory for the tests of the authority: small signing keys, fixed time.

pub(crate) mod faults;
pub(crate) mod timing;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use ca_core::audit::Actor;
use ca_core::authority::{
    ApprovalAnswer, Approver, Authority, Case, Clock, NewKey, Parts, establish, plan,
};
use ca_core::profile::{Approval, KeyUse, Policies, shipped_files};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SoftwareKeys};
use ca_core::store::MemoryStore;
use ca_core::{Suite, UnixTime};
use zeroize::Zeroizing;

/// When the test hierarchy was established.
pub(crate) const BEGIN: UnixTime = UnixTime::from_secs(1_795_000_000); // 2026-11-18

/// A clock that tests move by hand.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn advance(&self, secs: u64) {
        self.0.fetch_add(secs, Ordering::SeqCst);
    }

    pub(crate) fn turn_back(&self, secs: u64) {
        self.0.fetch_sub(secs, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// An institution that answers what it was last told to, and remembers what it was asked.
#[derive(Debug)]
pub(crate) struct TestApprover {
    answer: Mutex<ApprovalAnswer>,
    asked: Mutex<Vec<Case>>,
}

impl TestApprover {
    pub(crate) fn answers(&self, answer: ApprovalAnswer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn asked(&self) -> Vec<Case> {
        self.asked.lock().unwrap().clone()
    }
}

impl Default for TestApprover {
    fn default() -> Self {
        Self { answer: Mutex::new(ApprovalAnswer::Later), asked: Mutex::default() }
    }
}

impl Approver for TestApprover {
    fn ask(&self, _: &Approval, case: &Case) -> ApprovalAnswer {
        self.asked.lock().unwrap().push(case.clone());
        self.answer.lock().unwrap().clone()
    }
}

/// The authority of brand `Sample`, and the clock it reads.
pub(crate) struct House {
    pub(crate) authority: Authority,
    pub(crate) approver: Arc<TestApprover>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) keys: Arc<SoftwareKeys>,
    /// What the authority keeps its records in, to be looked at as a whole.
    pub(crate) records: Arc<MemoryStore>,
    /// What the authority works with: for another one over the same store.
    pub(crate) parts: Parts,
    pkcs8: Vec<Vec<u8>>,
    /// The key that the root's certificate announces.
    pub(crate) next_root: NewKey,
}

impl House {
    pub(crate) fn suite(&self) -> Suite {
        self.authority.suite()
    }

    /// Copies of all private keys.
    pub(crate) fn private_keys(&self) -> Vec<PrivateKey> {
        let copy = |pkcs8: &Vec<u8>| PrivateKey::from_pkcs8(pkcs8).expect("own key");
        self.pkcs8.iter().map(copy).collect()
    }

    /// The same authority after a restart with other policies: each shipped file is changed.
    pub(crate) fn with_policies(&self, change: impl Fn(&str, &str) -> String) -> Authority {
        let files: Vec<(String, String)> = shipped_files()
            .iter()
            .map(|(path, text)| ((*path).to_owned(), change(path, text)))
            .collect();
        let policies = Policies::from_files(self.suite(), &files).expect("good policies");
        self.reopened(|parts| parts.policies = policies.into())
    }

    /// The same authority after a restart, perhaps with other parts.
    pub(crate) fn reopened(&self, change: impl FnOnce(&mut Parts)) -> Authority {
        let mut parts = self.parts.clone();
        change(&mut parts);
        Authority::open(parts).expect("a hierarchy in the store")
    }
}

/// A house of suite `modern`. Signing keys are P-256 to be quick; encryption keys are RSA, because
/// SET wants them so.
pub(crate) fn house() -> House {
    house_with(&["Sample"], None)
}

pub(crate) fn house_with(brands: &[&str], geo: Option<&str>) -> House {
    house_in(Suite::Modern, brands, geo)
}

/// Runs a test in each suite, and says in which it failed.
pub(crate) fn in_both_suites(test: impl Fn(Suite)) {
    for suite in [Suite::Modern, Suite::Set1997] {
        let running = Running(suite);
        test(suite);
        drop(running);
    }
}

/// Runs a test with a house of brand `Sample` in each suite.
pub(crate) fn in_both_houses(test: impl Fn(House)) {
    in_both_suites(|suite| test(house_in(suite, &["Sample"], None)));
}

/// The suite that a test runs in.
struct Running(Suite);

impl Drop for Running {
    #[expect(clippy::print_stderr, reason = "shown beside the message of what failed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed in suite {}", self.0);
        }
    }
}

/// In `set-1997` all keys are RSA, of the lengths in the policies.
pub(crate) fn house_in(suite: Suite, brands: &[&str], geo: Option<&str>) -> House {
    house_of(suite, brands, geo, b"house")
}

/// Its signing keys come from the seed.
pub(crate) fn house_of(suite: Suite, brands: &[&str], geo: Option<&str>, seed: &[u8]) -> House {
    let policies = Arc::new(Policies::shipped(suite).expect("shipped policies load"));
    let brands: Vec<String> = brands.iter().map(|brand| (*brand).to_owned()).collect();
    let plan = plan(&policies, &brands, geo).expect("a plan");
    let mut keys = SoftwareKeys::default();
    let mut public = Vec::new();
    let mut next_root = None;
    let mut pkcs8 = Vec::new();
    let none: &[Vec<u8>] = &[];
    let encryption = if suite == Suite::Modern { encryption_keys() } else { none };
    let mut encryption = encryption.iter();
    for (number, (_, planned)) in plan.keys().enumerate() {
        let label = format!("key {number}");
        let key = if suite == Suite::Set1997 {
            seeded_key(planned.algorithm, seed, &label)
        } else if planned.key_use == KeyUse::Encryption {
            let pkcs8 = encryption.next().expect("enough encryption keys");
            PrivateKey::from_pkcs8(pkcs8).expect("own key")
        } else {
            seeded_key(KeyAlgorithm::EcP256, seed, &label)
        };
        public.push(NewKey { id: key.id(), spki: key.spki_der().to_vec() });
        if planned.next_root {
            next_root = public.last().cloned();
        }
        pkcs8.push(key.pkcs8_der().to_vec());
        keys.insert(key);
    }
    let keys = Arc::new(keys);
    let clock = Arc::new(TestClock(AtomicU64::new(BEGIN.as_secs())));
    let approver = Arc::new(TestApprover::default());
    let records = Arc::new(MemoryStore::new());
    let parts = Parts {
        policies,
        store: records.clone(),
        signer: keys.clone(),
        decryptor: keys.clone(),
        clock: clock.clone(),
        random: Arc::new(SeededRandom::new(b"house", "authority")),
        approver: approver.clone(),
        pan_key: Zeroizing::new([7; 32]),
        base_url: "http://ca.example".to_owned(),

        actor: Actor::Folder,
        audit_key: None,
        watch: None,
    };
    let authority = establish(parts.clone(), &plan, &public).expect("a hierarchy");
    let next_root = next_root.expect("a root has a successor");
    House { authority, approver, clock, keys, records, parts, pkcs8, next_root }
}

/// A signature key of an end entity.
pub(crate) fn signature_key(suite: Suite, seed: &[u8], label: &str) -> PrivateKey {
    let kind = match suite {
        Suite::Modern => KeyAlgorithm::EcP256,
        Suite::Set1997 => KeyAlgorithm::Rsa(1024),
    };
    seeded_key(kind, seed, label)
}

/// The key of these names. RSA keys are slow to make: each is made once in a process.
pub(crate) fn seeded_key(kind: KeyAlgorithm, seed: &[u8], label: &str) -> PrivateKey {
    type Made = Mutex<BTreeMap<String, Arc<OnceLock<Vec<u8>>>>>;
    static MADE: Made = Mutex::new(BTreeMap::new());
    let generate = || PrivateKey::generate(kind, &SeededRandom::new(seed, label)).expect("a key");
    if !matches!(kind, KeyAlgorithm::Rsa(_)) {
        return generate();
    }
    let name = format!("{kind} {seed:?} {label}");
    let made = MADE.lock().expect("no panic").entry(name).or_default().clone();
    let pkcs8 = made.get_or_init(|| generate().pkcs8_der().to_vec());
    PrivateKey::from_pkcs8(pkcs8).expect("own key")
}

/// RSA keys are slow to make: six for all tests of a process. A house of one brand uses the first
/// three.
pub(crate) fn encryption_keys() -> &'static [Vec<u8>] {
    static KEYS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let make = |number: usize| {
            let random = SeededRandom::new(b"house", &format!("encryption {number}"));
            let key = PrivateKey::generate(KeyAlgorithm::Rsa(3072), &random).expect("a key");
            key.pkcs8_der().to_vec()
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|number| scope.spawn(move || make(number))).collect();
            threads.into_iter().map(|thread| thread.join().expect("a key")).collect()
        })
    })
}
