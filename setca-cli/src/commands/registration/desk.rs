//! The operator's side of the service's HTTP paths.

use std::path::PathBuf;
use std::time::Duration;

use ca_server::data::{Folder, OperatorToken, Settings};
use serde::Deserialize;
use serde_json::Value;

use super::Where;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::data_failure;
use crate::http::{Answer, Client, Lost};

/// A service, and the token to show it.
pub(super) struct Desk {
    url: String,
    token: OperatorToken,
    token_file: PathBuf,
    client: Client,
}

/// A problem document, as far as it is read.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

impl Desk {
    /// The service and token that were named, or those of DIR.
    ///
    /// # Errors
    /// There is no token file, no data folder to tell the URL, or a URL of another scheme.
    pub(super) fn open(global: &Global, at: &Where) -> Result<Self, Failure> {
        let folder = Folder::at(&global.dir);
        let url = match &at.url {
            Some(url) => url.clone(),
            None => Settings::read(&folder).map_err(|e| data_failure(&e))?.base_url,
        };
        // The token must not travel to whoever answers first.
        if !url.starts_with("http://") {
            return Err(Failure::usage(format!(
                "{url} is not a URL like http://127.0.0.1:8080 (https is not built in: use the \
                 service's own address, or a tunnel to it)"
            )));
        }
        let token_file = at.token_file.clone().unwrap_or_else(|| folder.operator_token_file());
        let token = OperatorToken::from_file(&token_file).map_err(|e| data_failure(&e))?;
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { url, token, token_file, client: Client::new(PATIENCE, MAX_ANSWER) })
    }

    /// GET.
    ///
    /// # Errors
    /// No answer, or a problem.
    pub(super) fn fetch(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        let url = format!("{}{path}", self.url);
        let bearer = self.bearer();
        self.read(self.client.get_with(&url, query, Some((AUTHORIZATION, &bearer))))
    }

    /// POST.
    ///
    /// # Errors
    /// No answer, or a problem.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let (url, bearer, body) = (format!("{}{path}", self.url), self.bearer(), body.to_string());
        let header = Some((AUTHORIZATION, bearer.as_str()));
        self.read(self.client.post_with(&url, "application/json", body.as_bytes(), header))
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.expose())
    }

    fn read(&self, answer: Result<Answer, Lost>) -> Result<Value, Failure> {
        let answer = answer.map_err(|lost| {
            let url = &self.url;
            Failure::outside(format!("{url}: {lost}: is setca serve running there?"))
        })?;
        let status = answer.status;
        if status == 200 {
            return serde_json::from_slice(&answer.body).map_err(|_| self.stranger(status));
        }
        let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
        Err(self.problem(status, &problem))
    }

    fn problem(&self, status: u16, problem: &Problem) -> Failure {
        let Problem { code, detail } = problem;
        let url = &self.url;
        match (status, code.as_str()) {
            (_, "") => self.stranger(status),
            (401 | 403, _) => {
                let file = self.token_file.display();
                Failure::refused(format!("{url}: {detail}: {file} is of another data folder"))
            }
            (404, _) => Failure::refused(format!("{url}: {detail}: see setca registration list")),
            (400..=499, _) => Failure::refused(format!("{url}: {detail} ({code})")),
            _ => Failure::outside(format!("{url}: {detail} ({code})")),
        }
    }

    fn stranger(&self, status: u16) -> Failure {
        Failure::outside(format!(
            "{} answers HTTP {status} and not as setca does: is this the service's address?",
            self.url
        ))
    }
}

/// RFC 9110 §11.6.2.
const AUTHORIZATION: &str = "authorization";
/// A little longer than the service takes at most.
const PATIENCE: Duration = Duration::from_secs(20);
/// A page of a thousand registrations.
const MAX_ANSWER: u64 = 4 << 20;
