//! Who came, and what was refused, is in the audit log as what was done is.

use axum::body::Body;
use axum::http::Request;
use ca_core::UnixTime;
use ca_core::audit::AuditEntry;
use ca_core::store::conformance::samples;

use super::common::Site;

/// A service with one certificate that nobody registered.
struct Watched {
    site: Site,
    /// Entries before anybody came.
    before: u64,
}

impl Watched {
    fn open() -> Self {
        let site = Site::at(UnixTime::from_secs(1_800_000_000));
        let intent = samples::intent("sample-cca", 1).unwrap();
        let store = site.authority.store();
        store.record_intents(std::slice::from_ref(&intent), &samples::acting()).unwrap();
        store.record_issued(&[samples::issued(&intent)], None, &samples::acting()).unwrap();
        let before = store.audit_size().unwrap();
        Self { site, before }
    }

    async fn post(&self, token: &str, path: &str, body: &str) -> u16 {
        let request = Request::post(path).header("authorization", format!("Bearer {token}"));
        let request = request.header("content-type", "application/json");
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.site.send(request).await.status.as_u16()
    }

    /// Who, what, and how it ended, since it was opened.
    fn said(&self) -> Vec<(String, String, String)> {
        let lines = self.site.authority.store().audit_lines(self.before, usize::MAX).unwrap();
        let entries = lines.iter().map(|line| AuditEntry::from_line(&line.text).unwrap());
        entries.map(|entry| (entry.by, entry.act, entry.outcome)).collect()
    }
}

fn said(by: &str, act: &str, outcome: &str) -> (String, String, String) {
    (by.to_owned(), act.to_owned(), outcome.to_owned())
}

#[tokio::test]
async fn sign_in_and_act_are_in_the_log_under_the_same_name() {
    let watched = Watched::open();
    let token = watched.site.token.expose().to_owned();
    let path = "/v1/certificates/sample-cca/01/revoke";
    assert_eq!(watched.post(&token, path, r#"{"reason":"keyCompromise"}"#).await, 200);
    let found = watched.said();
    assert_eq!(
        found[..2],
        [said("operator", "sign-in", "done"), said("operator", "certificate.revoke", "done")]
    );
    assert!(found[2..].iter().all(|(by, act, _)| by == "folder" && act == "list.publish"));
}

#[tokio::test]
async fn refusal_is_in_the_log_with_its_reason() {
    let watched = Watched::open();
    let token = watched.site.token.expose().to_owned();
    let unknown = "/v1/certificates/sample-cca/77/revoke";
    assert_eq!(watched.post(&token, unknown, r#"{"reason":"keyCompromise"}"#).await, 404);
    let decide = "/v1/registrations/0707/approve";
    assert_eq!(watched.post(&token, decide, "{}").await, 404);
    let refused = "refused: sample-cca has no certificate 77";
    assert_eq!(
        watched.said(),
        [
            said("operator", "sign-in", "done"),
            said("operator", "certificate.revoke", refused),
            said("decider operator", "registration.decide", "refused: no registration 0707"),
        ]
    );
}

#[tokio::test]
async fn wrong_token_is_in_the_log_once_and_is_not_in_its_words() {
    let watched = Watched::open();
    for _ in 0..3 {
        let path = "/v1/certificates/sample-cca/01/revoke";
        let status = watched.post("open-sesame", path, r#"{"reason":"keyCompromise"}"#).await;
        assert_eq!(status, 403);
    }
    assert_eq!(watched.said(), [said("stranger", "sign-in", "refused: unknown token")]);
    let lines = watched.site.authority.store().audit_lines(watched.before, 1).unwrap();
    assert!(!lines[0].text.contains("sesame"));
}
