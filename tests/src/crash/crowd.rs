//! Those who use the service while it dies: each goes on until it is answered, and keeps what it was
//! told.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use ca_core::hex;
use ca_core::wire::{Cert, Crl, CrlNumber};
use ca_server::data::{Folder, OperatorToken};
use sha2::{Digest as _, Sha256};

use crate::wallet::{self, Exchange, Registered, SET_REGISTRATION};
use crate::{Answer, Hierarchy, http};

/// What everybody was told.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) registered: Vec<Registered>,
    /// Serial numbers, of the CCA.
    pub(super) revoked: Vec<String>,
    /// Digest of the CRL of the CCA by its number.
    pub(super) lists: BTreeMap<CrlNumber, [u8; 32]>,
}

pub(super) struct Crowd {
    /// Of every service: each request goes to the next.
    urls: RwLock<Vec<String>>,
    turn: AtomicUsize,
    token: String,
    root: Cert,
    enough: AtomicBool,
    answers: AtomicU64,
    heard: Mutex<Heard>,
}

impl Crowd {
    pub(super) fn new(hierarchy: &Hierarchy) -> Self {
        let file = Folder::at(&hierarchy.dir()).operator_token_file();
        let token = OperatorToken::from_file(&file).expect("the operator's token");
        Self {
            urls: RwLock::default(),
            turn: AtomicUsize::new(0),
            token: token.expose().to_owned(),
            root: hierarchy.root_certificate(),
            enough: AtomicBool::new(false),
            answers: AtomicU64::new(0),
            heard: Mutex::default(),
        }
    }

    pub(super) fn begin<'scope>(&'scope self, threads: &'scope Scope<'scope, '_>) {
        for cardholder in 0..CARDHOLDERS {
            threads.spawn(move || self.register(cardholder));
        }
        threads.spawn(|| self.revoke());
        threads.spawn(|| self.fetch_lists());
    }

    /// Where the services are now.
    pub(super) fn reach(&self, urls: &[&str]) {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        *self.urls.write().unwrap_or_else(PoisonError::into_inner) = urls;
    }

    /// The one whose turn it is.
    fn url(&self) -> String {
        let urls = self.urls.read().unwrap_or_else(PoisonError::into_inner);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(urls.len());
        turn.and_then(|turn| urls.get(turn)).cloned().unwrap_or_default()
    }

    /// Nobody begins anything new; what was begun is brought to its end.
    pub(super) fn end(&self) {
        self.enough.store(true, Ordering::Release);
    }

    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Acquire)
    }

    pub(super) fn heard(self) -> Heard {
        self.heard.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.enough.load(Ordering::Acquire)
    }

    fn register(&self, cardholder: u32) {
        for number in 0..SERIES {
            if self.is_over() {
                return;
            }
            let pan = wallet::pan(cardholder * SERIES + number);
            let one = wallet::register(&self.root, &pan, |request| {
                // What may have been lost is sent again unchanged (`set-messages.md` §4.6 step 9).
                self.until_answered(|agent, url| {
                    http::post(agent, &format!("{url}/set"), SET_REGISTRATION, request)
                })
                .body
            });
            self.heard.lock().expect("nobody died here").registered.push(one);
        }
    }

    /// Revokes every third certificate.
    fn revoke(&self) {
        let mut next = 0;
        while !self.is_over() {
            let serial = {
                let heard = self.heard.lock().expect("nobody died here");
                heard.registered.get(next).map(serial)
            };
            let Some(serial) = serial else {
                thread::sleep(POLL);
                continue;
            };
            next += 3;
            let answer = self.until_answered(|agent, url| {
                let url = format!("{url}/v1/certificates/sample-cca/{serial}/revoke");
                let bearer = format!("Bearer {}", self.token);
                let body = br#"{"reason":"keyCompromise"}"#;
                http::post_as(agent, &url, &bearer, "application/json", body)
            });
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status, 200, "{said}");
            self.heard.lock().expect("nobody died here").revoked.push(serial);
        }
    }

    /// Numbers never go back where they come from, and a number names one list.
    fn fetch_lists(&self) {
        let last = RefCell::new(BTreeMap::new());
        while !self.is_over() {
            let list = self.until_answered(|agent, url| {
                let list = http::get(agent, &format!("{url}/crl/sample-cca.crl"))?;
                if list.status == 200 {
                    let number = Crl::from_der(&list.body).expect("a CRL").number();
                    let before = last.borrow_mut().insert(url.to_owned(), number).flatten();
                    assert!(before <= number, "{url}: CRL {number:?} after {before:?}");
                }
                Some(list)
            });
            let crl = Crl::from_der(&list.body).expect("a CRL");
            let number = crl.number().expect("a cRLNumber");
            let digest: [u8; 32] = Sha256::digest(&list.body).into();
            let mut heard = self.heard.lock().expect("nobody died here");
            let known = *heard.lists.entry(number).or_insert(digest);
            assert_eq!(known, digest, "two CRLs have the number {number:?}");
            drop(heard);
            thread::sleep(POLL);
        }
    }

    /// Asks until there is an answer that is not "try again".
    fn until_answered(&self, ask: impl Fn(&ureq::Agent, &str) -> Option<Answer>) -> Answer {
        let (agent, deadline) = (http::patient_agent(IMPATIENCE), Instant::now() + PATIENCE);
        loop {
            let url = self.url();
            match ask(&agent, &url).filter(|_| !url.is_empty()) {
                Some(answer) if answer.status != 503 => {
                    self.answers.fetch_add(1, Ordering::AcqRel);
                    return answer;
                }
                _ => assert!(Instant::now() < deadline, "never answered"),
            }
            thread::sleep(POLL);
        }
    }
}

/// Serial number of the certificate somebody holds.
pub(super) fn serial(registered: &Registered) -> String {
    hex(certificate(registered).serial())
}

pub(super) fn certificate(registered: &Registered) -> &Cert {
    &registered.certified.signature().expect("a signature certificate").certificate
}

/// Every message and its answer.
pub(super) fn exchanges(heard: &Heard) -> impl Iterator<Item = &Exchange> {
    heard.registered.iter().flat_map(|one| &one.exchanges)
}

/// Who register at the same time.
const CARDHOLDERS: u32 = 4;
/// Account numbers of one of them.
const SERIES: u32 = 100_000;
/// Then the next service is asked.
const IMPATIENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(10);
