//! A bank's own endpoint: one signed question, one signed answer, within seconds.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ca_core::authority::{Case, Clock};
use ca_core::hex;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::signature::{SIGNATURE_HEADER, SignatureFault, sign, verify};

/// An endpoint as the policies name it.
pub(super) struct Bank<'a> {
    pub(super) url: &'a str,
    pub(super) key_file: PathBuf,
    pub(super) timeout_secs: u64,
}

impl Bank<'_> {
    /// Host and port: names the bank in records without what else stands in the URL.
    pub(super) fn host(&self) -> &str {
        let rest = self.url.strip_prefix("http://").unwrap_or(self.url);
        let host = rest.split(['/', '?']).next().unwrap_or(rest);
        host.rsplit('@').next().unwrap_or(host)
    }
}

/// What a bank says.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Said {
    Approve,
    ByHand,
    Later,
    Refuse(Option<String>),
}

/// Why a bank said nothing that counts.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// So many questions are waiting that one more would keep other work from its turn.
    #[error("{MAX_WAITING} questions to banks are waiting already")]
    Busy,
    /// The shared secret cannot be read.
    #[error("cannot read the shared secret {0}")]
    Key(PathBuf, #[source] io::Error),
    /// The shared secret is too short to be one, or too long.
    #[error("the shared secret {0} must have {MIN_KEY} to {MAX_KEY} octets")]
    KeyLength(PathBuf),
    /// The question could not be written.
    #[error("the question cannot be written as JSON")]
    Question(#[source] serde_json::Error),
    /// No answer in time, or no connection.
    #[error("no answer")]
    Silent(#[source] Box<ureq::Error>),
    /// It was silent a moment ago.
    #[error("it did not answer a moment ago, and is not asked again yet")]
    Resting,
    /// Another status than 200.
    #[error("it answers HTTP {0}")]
    Status(u16),
    /// Forged, unsigned or stale.
    #[error("its answer is not signed as it must be")]
    Signature(#[source] SignatureFault),
    /// Signed, and not what was agreed.
    #[error("its answer is not the JSON agreed upon")]
    Answer(#[source] serde_json::Error),
    /// Signed, and about another registration.
    #[error("its answer is about another registration")]
    OtherCase,
}

/// The way to all endpoints.
pub(super) struct Endpoints {
    clock: Arc<dyn Clock>,
    waiting: AtomicUsize,
    /// Who was silent, and when.
    silent: Mutex<HashMap<String, Instant>>,
}

impl Endpoints {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, waiting: AtomicUsize::new(0), silent: Mutex::default() }
    }

    /// Asks `bank` about `case`.
    ///
    /// # Errors
    /// [`AskError`]: nothing was decided.
    pub(super) fn ask(&self, bank: &Bank<'_>, case: &Case) -> Result<Said, AskError> {
        let _waiting = Waiting::enter(&self.waiting).ok_or(AskError::Busy)?;
        if self.silent().get(bank.url).is_some_and(|since| since.elapsed() < REST) {
            return Err(AskError::Resting);
        }
        let secret = read_secret(&bank.key_file)?;
        let question = serde_json::to_vec(&Question::of(case)).map_err(AskError::Question)?;
        let outcome = self.exchange(bank, &secret, &question);
        // A bank that is down costs each of its customers no more than one wait.
        match &outcome {
            Err(AskError::Silent(_)) => self.silent().insert(bank.url.to_owned(), Instant::now()),
            _ => self.silent().remove(bank.url),
        };
        let body = outcome?;
        let answer: Answer = serde_json::from_slice(&body).map_err(AskError::Answer)?;
        if answer.id != hex(&case.lid_ca) {
            return Err(AskError::OtherCase);
        }
        Ok(answer.said())
    }

    /// Sends the question; returns the body of an answer that is signed.
    fn exchange(
        &self,
        bank: &Bank<'_>,
        secret: &[u8],
        question: &[u8],
    ) -> Result<Vec<u8>, AskError> {
        let silent = |error| AskError::Silent(Box::new(error));
        let mut answer = agent(bank.timeout_secs)
            .post(bank.url)
            .content_type("application/json")
            .header(SIGNATURE_HEADER, sign(secret, self.clock.now(), question))
            .send(question)
            .map_err(silent)?;
        if answer.status() != 200 {
            return Err(AskError::Status(answer.status().as_u16()));
        }
        let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let body = body.map_err(silent)?;
        let signature = answer.headers().get(SIGNATURE_HEADER);
        let signature = signature.and_then(|value| value.to_str().ok()).unwrap_or_default();
        verify(secret, signature, &body, self.clock.now()).map_err(AskError::Signature)?;
        Ok(body)
    }

    fn silent(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a bank is told: no account number.
#[derive(Serialize)]
struct Question<'a> {
    id: String,
    lid_ee: String,
    ca: &'a str,
    brand: &'a str,
    institution: &'a str,
    role: &'a str,
    request_type: &'a str,
    bin: Option<&'a str>,
    pan_hash: Option<String>,
    pan_tail: Option<&'a str>,
    business_id: Option<&'a str>,
    answers: Vec<Answered<'a>>,
}

#[derive(Serialize)]
struct Answered<'a> {
    label: &'a str,
    value: &'a str,
}

impl<'a> Question<'a> {
    fn of(case: &'a Case) -> Self {
        let answered = |(label, value): &'a (String, String)| Answered { label, value };
        Self {
            id: hex(&case.lid_ca),
            lid_ee: hex(&case.lid_ee),
            ca: case.ca.as_str(),
            brand: &case.brand,
            institution: &case.institution,
            role: case.role.name(),
            request_type: case.request_type.name(),
            bin: case.bin.as_deref(),
            pan_hash: case.pan_hash.as_ref().map(|hash| hex(hash)),
            pan_tail: case.pan_tail.as_deref(),
            business_id: case.business_id.as_deref(),
            answers: case.answers.iter().map(answered).collect(),
        }
    }
}

/// What a bank answers.
#[derive(Deserialize)]
struct Answer {
    /// The question's: an answer recorded for one registration decides no other.
    id: String,
    decision: Decision,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Decision {
    Approve,
    ByHand,
    Later,
    Refuse,
}

impl Answer {
    fn said(self) -> Said {
        match self.decision {
            Decision::Approve => Said::Approve,
            Decision::ByHand => Said::ByHand,
            Decision::Later => Said::Later,
            Decision::Refuse => Said::Refuse(self.message),
        }
    }
}

/// A place among the questions that wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Option<Self> {
        let place = Self(count);
        (count.fetch_add(1, Ordering::AcqRel) < MAX_WAITING).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The address is the operator's, so nothing in the environment or in an answer changes it.
fn agent(timeout_secs: u64) -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(timeout_secs)))
        .max_redirects(0)
        .proxy(None)
        .http_status_as_error(false)
        .user_agent(concat!("setca/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

/// The content of the file without line breaks at its end.
fn read_secret(path: &PathBuf) -> Result<Zeroizing<Vec<u8>>, AskError> {
    let mut octets = Zeroizing::new(Vec::with_capacity(MAX_KEY + 2));
    let limit = u64::try_from(MAX_KEY + 2).unwrap_or(u64::MAX);
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut octets))
        .map_err(|error| AskError::Key(path.clone(), error))?;
    while octets.ends_with(b"\n") || octets.ends_with(b"\r") {
        octets.pop();
    }
    if !(MIN_KEY..=MAX_KEY).contains(&octets.len()) {
        return Err(AskError::KeyLength(path.clone()));
    }
    Ok(octets)
}

/// Questions at a time: a quarter of the threads that answer requests.
const MAX_WAITING: usize = 16;
/// How long a bank that was silent is left alone.
const REST: Duration = Duration::from_secs(5);
/// Largest answer of a bank.
const MAX_ANSWER: u64 = 16 * 1024;
/// Octets of a shared secret: 128 bits at least.
const MIN_KEY: usize = 16;
const MAX_KEY: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_is_named_by_host_and_port_alone() {
        for (url, host) in [
            ("http://127.0.0.1:9000/decide?a=b", "127.0.0.1:9000"),
            ("http://user:word@bank.example", "bank.example"),
            ("http://bank.example?x@y", "bank.example"),
        ] {
            let bank = Bank { url, key_file: PathBuf::new(), timeout_secs: 1 };
            assert_eq!(bank.host(), host);
        }
    }

    #[test]
    fn one_question_too_many_is_not_asked() {
        let count = AtomicUsize::new(0);
        let held: Vec<_> = (0..MAX_WAITING).map(|_| Waiting::enter(&count).unwrap()).collect();
        assert!(Waiting::enter(&count).is_none());
        drop(held);
        assert!(Waiting::enter(&count).is_some());
        assert_eq!(count.load(Ordering::Acquire), 0);
    }
}
