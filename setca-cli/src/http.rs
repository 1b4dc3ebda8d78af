//! The one HTTP client: whole answers of bounded size, and no going where a redirect points.

use std::fmt;
use std::time::Duration;

use ureq::http::Response;
use ureq::http::header::{CONTENT_TYPE, RETRY_AFTER};

use crate::house::chain;

/// Posts and gets. Every answer of the other side is an answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    /// Largest body read, in octets.
    limit: u64,
}

impl Client {
    /// A client that gives the other side `patience` from connecting to the last octet, and reads
    /// bodies of at most `limit` octets.
    pub(crate) fn new(patience: Duration, limit: u64) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(patience))
            // Nothing is ever sent on to an address the user did not give (`set-crypto.md` §6.2).
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("setca/", env!("CARGO_PKG_VERSION")));
        Self { agent: config.build().into(), limit }
    }

    /// POST.
    ///
    /// # Errors
    /// [`Lost`] if no whole answer came.
    pub(crate) fn post(&self, url: &str, kind: &str, body: &[u8]) -> Result<Answer, Lost> {
        self.post_with(url, kind, body, None)
    }

    /// POST with one more header.
    ///
    /// # Errors
    /// [`Lost`] if no whole answer came.
    pub(crate) fn post_with(
        &self,
        url: &str,
        kind: &str,
        body: &[u8],
        header: Option<(&str, &str)>,
    ) -> Result<Answer, Lost> {
        let mut request = self.agent.post(url).content_type(kind);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        self.read(request.send(body))
    }

    /// GET.
    ///
    /// # Errors
    /// [`Lost`] if no whole answer came.
    pub(crate) fn get(&self, url: &str) -> Result<Answer, Lost> {
        self.get_with(url, &[], None)
    }

    /// GET with a query, encoded as it must be, and one more header.
    ///
    /// # Errors
    /// [`Lost`] if no whole answer came.
    pub(crate) fn get_with(
        &self,
        url: &str,
        query: &[(&str, &str)],
        header: Option<(&str, &str)>,
    ) -> Result<Answer, Lost> {
        let mut request = self.agent.get(url).query_pairs(query.iter().copied());
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        self.read(request.call())
    }

    fn read(&self, answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer, Lost> {
        let mut answer = answer.map_err(|e| Lost::of(&e))?;
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let media_type = header(CONTENT_TYPE).map(media_type);
        let retry_after = header(RETRY_AFTER).and_then(|value| value.trim().parse().ok());
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(self.limit).read_to_vec();
        Ok(Answer { status, media_type, retry_after, body: body.map_err(|e| Lost::of(&e))? })
    }
}

/// What the other side said.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Media type in lower case, its parameters left aside (RFC 9110 §8.3.1).
    pub(crate) media_type: Option<String>,
    /// Retry-After in seconds; a date counts as none.
    pub(crate) retry_after: Option<u64>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// True for a status of success.
    pub(crate) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// No whole answer came: why, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Lost(String);

impl Lost {
    fn of(error: &ureq::Error) -> Self {
        Self(chain(error))
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn media_type(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_type_is_compared_without_its_parameters() {
        assert_eq!(media_type("Application/SET-Registration; x=y"), "application/set-registration");
    }
}
