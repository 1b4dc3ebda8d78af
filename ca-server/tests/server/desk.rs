//! The operator's paths: who may use them, and what they say.

use axum::body::Body;
use axum::http::Request;
use ca_core::UnixTime;
use ca_core::profile::Role;
use ca_core::store::conformance::samples;
use ca_core::store::{CaId, Registration};
use serde_json::Value;

use super::common::{Answer, Site};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const PATHS: [(&str, &str); 8] = [
    ("GET", "/v1/registrations"),
    ("GET", "/v1/registrations/01"),
    ("POST", "/v1/registrations/01/approve"),
    ("POST", "/v1/registrations/01/reject"),
    ("GET", "/v1/certificates"),
    ("GET", "/v1/certificates/sample-cca/01"),
    ("POST", "/v1/certificates/sample-cca/01/revoke"),
    ("POST", "/v1/certificates/sample-cca/01/release"),
];

async fn send(site: &Site, method: &str, path: &str, authorization: &str, body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header("content-type", "application/json");
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    site.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn bearer(site: &Site) -> String {
    format!("Bearer {}", site.token.expose())
}

async fn fetch(site: &Site, path: &str) -> Answer {
    send(site, "GET", path, &bearer(site), "").await
}

async fn decide(site: &Site, path: &str, body: &str) -> Answer {
    send(site, "POST", path, &bearer(site), body).await
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

/// A registration that was only begun.
fn begun(lid: u8, role: Role, brand: &str) -> Registration {
    let ca = CaId::new("sample-cca").unwrap();
    Registration {
        request_type: Some(1),
        bin: Some("420000".to_owned()),
        pan_hash: Some([7; 32]),
        pan_tail: Some("1234".to_owned()),
        ..Registration::begun(vec![lid], vec![0xee], ca, role, brand.to_owned(), NOW)
    }
}

fn desk() -> Site {
    let site = Site::at(NOW);
    let registrations = [
        begun(1, Role::Cardholder, "Sample"),
        begun(2, Role::Merchant, "Sample"),
        begun(3, Role::Cardholder, "Other"),
    ];
    for registration in registrations {
        site.authority
            .store()
            .record_registration(&registration, None, &samples::acting())
            .unwrap();
    }
    site
}

fn ids(page: &Value) -> Vec<&str> {
    let lines = page["registrations"].as_array().unwrap();
    lines.iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn nobody_without_the_token_gets_in() {
    let site = desk();
    for (method, path) in PATHS {
        for shown in ["", "Basic b3A6b3A=", "Bearer"] {
            let answer = send(&site, method, path, shown, "{}").await;
            assert_eq!(answer.problem(), (401, "unauthorized".to_owned()), "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"setca\"");
        }
        let almost = &bearer(&site)[..49];
        for shown in ["Bearer x", almost, "Bearer "] {
            let answer = send(&site, method, path, shown, "{}").await;
            assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn registrations_are_listed_by_state_brand_and_role_page_by_page() {
    let site = desk();
    let all = json(&fetch(&site, "/v1/registrations").await);
    assert_eq!((ids(&all), &all["next"]), (vec!["01", "02", "03"], &Value::Null));
    for (query, found) in [
        ("state=initiated", vec!["01", "02", "03"]),
        ("state=pended", vec![]),
        ("brand=Sample", vec!["01", "02"]),
        ("role=cardholder", vec!["01", "03"]),
        ("role=cardholder&brand=Other", vec!["03"]),
    ] {
        let page = json(&fetch(&site, &format!("/v1/registrations?{query}")).await);
        assert_eq!(ids(&page), found, "{query}");
    }
    let first = json(&fetch(&site, "/v1/registrations?limit=2").await);
    let cursor = first["next"].as_str().unwrap();
    let rest = json(&fetch(&site, &format!("/v1/registrations?cursor={cursor}")).await);
    assert_eq!((ids(&first), ids(&rest)), (vec!["01", "02"], vec!["03"]));
}

#[tokio::test]
async fn a_registration_is_shown_with_the_ends_of_its_card_and_no_hash() {
    let site = desk();
    let answer = fetch(&site, "/v1/registrations/01").await;
    let shown = json(&answer);
    assert_eq!((&shown["bin"], &shown["pan_tail"]), (&"420000".into(), &"1234".into()));
    assert_eq!(shown["institution"], "Example Careful Bank");
    assert_eq!(shown["request_type"], "cardInitialSig");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(!text.contains(&ca_core::hex(&[7; 32])), "{text}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_said_with_a_code() {
    let site = desk();
    for query in ["state=open", "role=rca", "cursor=x", "limit=0", "limit=1001", "role=a&role=b"] {
        let answer = fetch(&site, &format!("/v1/registrations?{query}")).await;
        assert_eq!(answer.problem(), (400, "bad-query".to_owned()), "{query}");
    }
    for id in ["ff", "0", "xx", &"00".repeat(21)] {
        let path = format!("/v1/registrations/{id}");
        let unknown = (404, "unknown-registration".to_owned());
        assert_eq!(fetch(&site, &path).await.problem(), unknown, "{id}");
        let approve = decide(&site, &format!("{path}/approve"), "{}").await;
        assert_eq!(approve.problem(), unknown, "{id}");
    }
    let approve = "/v1/registrations/01/approve";
    let not_open = (409, "not-open".to_owned());
    assert_eq!(decide(&site, approve, "{}").await.problem(), not_open);
    assert_eq!(decide(&site, "/v1/registrations/01/reject", "{}").await.problem(), not_open);
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(129));
    assert_eq!(decide(&site, approve, &long).await.problem(), (400, "bad-message".to_owned()));
    for body in ["[]", "x", r#"{"approve":true}"#] {
        let answer = decide(&site, approve, body).await;
        assert_eq!(answer.problem(), (400, "bad-body".to_owned()), "{body}");
    }
}
