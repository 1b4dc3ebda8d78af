//! What `setca crl notify` and `setca bci distribute` share: a message to another service's CA
//! (spec `set-certificates.md` §6.4).

use std::time::Duration;

use ca_core::store::{ListId, Store};
use ca_core::wire::bounds::MAX_CA_MESSAGE;

use super::publish;
use crate::failure::Failure;
use crate::house::store_failure;
use crate::http::Client;
use crate::report::Report;

/// Another service that keeps CAs.
#[derive(Debug)]
pub(crate) struct Peer {
    url: String,
}

impl Peer {
    /// The service at a URL.
    ///
    /// # Errors
    /// Not an http URL.
    pub(crate) fn at(url: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::usage(format!("--url {url} {why}: write one like http://127.0.0.1:8257"))
        };
        let rest = url.strip_prefix("http://").ok_or_else(|| {
            wrong("is no http URL (https is not built in; the messages are signed themselves)")
        })?;
        let url = match rest.split_once('/') {
            _ if rest.is_empty() || rest.starts_with('/') => return Err(wrong("names no host")),
            None => format!("{url}{PATH}"),
            Some((_, "")) => format!("{}{PATH}", url.trim_end_matches('/')),
            Some(_) => url.to_owned(),
        };
        Ok(Self { url })
    }

    /// Posts a message; `None` is 204, a message taken that has no answer.
    ///
    /// # Errors
    /// Nobody answers, the message is refused, or what answers is no CA.
    pub(crate) fn send(&self, message: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let url = &self.url;
        let answer = Client::new(PATIENCE, MAX_ANSWER).post(url, CA_MESSAGE, message);
        let answer = answer
            .map_err(|lost| Failure::outside(format!("{url}: {lost}: is that service running?")))?;
        match answer.status {
            204 => Ok(None),
            200 => Ok(Some(answer.body)),
            400 => Err(Failure::refused(format!(
                "{url} does not take the message: the log of that service says why"
            ))),
            status if status >= 500 => {
                Err(Failure::outside(format!("{url} answers HTTP {status}: try again later")))
            }
            status => Err(self.misunderstood(&format!("it answers HTTP {status}"))),
        }
    }

    /// What answers there does not speak as CAs do.
    pub(crate) fn misunderstood(&self, why: &str) -> Failure {
        let url = &self.url;
        Failure::outside(format!("{url}: {why}: is it the {PATH} of a service of CAs?"))
    }
}

/// What was sent: the list published last, and to whom.
///
/// # Errors
/// The records cannot be read.
pub(crate) fn sent(store: &dyn Store, list: &ListId, to: &Peer) -> Result<Report, Failure> {
    let found = store.list(list).map_err(|e| store_failure(&e))?;
    let found = found.ok_or_else(|| Failure::refused(format!("{list}: it is gone")))?;
    Report::tree(&publish::tree(&found.head()).with("takenBy", to.url.as_str()))
}

/// Where messages between CAs are posted to.
const PATH: &str = "/set/ca";
/// Ours: SET names none.
const CA_MESSAGE: &str = "application/x-setca-ca-message";
/// How long the other service may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer read: that of any message between CAs.
const MAX_ANSWER: u64 = MAX_CA_MESSAGE as u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_added_to_a_url_without_one() {
        let url = |url: &str| Peer::at(url).map(|peer| peer.url);
        assert_eq!(url("http://a:1").as_deref(), Ok("http://a:1/set/ca"));
        assert_eq!(url("http://a:1/").as_deref(), Ok("http://a:1/set/ca"));
        assert_eq!(url("http://a:1/x").as_deref(), Ok("http://a:1/x"));
        for wrong in ["https://a", "a:1", "http://", "http:///set/ca"] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }
}
