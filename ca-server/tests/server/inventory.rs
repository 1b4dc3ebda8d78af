//! The inventory over HTTP: what each parameter finds, page by page.

use axum::body::Body;
use axum::http::Request;
use ca_core::UnixTime;
use ca_core::profile::Role;
use ca_core::store::conformance::samples;
use ca_core::store::{Intent, Registration, Revocation, RevocationReason};
use serde_json::Value;

use super::common::{Answer, Site};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// A service whose CCA has recorded four certificates: a shop among three cards, of which the
/// second is revoked and the third of another brand.
fn site() -> Site {
    let site = Site::at(NOW);
    let store = site.authority.store();
    for number in 1..=4_u32 {
        let base = samples::intent("sample-cca", u64::from(number)).unwrap();
        let base = Intent { not_after: samples::NOW.plus_days(number), ..base };
        let intent = match number {
            3 => Intent { brand: Some("Other".to_owned()), ..base },
            4 => Intent {
                role: Role::Merchant,
                subject: "C=NZ, O=Sample, OU=Example Acquirer, CN=Daves Shop".to_owned(),
                ..base
            },
            _ => base,
        };
        store.record_intents(std::slice::from_ref(&intent), &samples::acting()).unwrap();
        store.record_issued(&[samples::issued(&intent)], None, &samples::acting()).unwrap();
    }
    let (issuer, second) = (samples::ca_id("sample-cca").unwrap(), samples::serial(2).unwrap());
    let revocation = Revocation::new(NOW, RevocationReason::Superseded);
    store.revoke(&issuer, &second, &revocation, &samples::acting()).unwrap();
    let issued = vec![samples::serial(1).unwrap()];
    let registration = Registration { issued, ..samples::registration(1).unwrap() };
    store.record_registration(&registration, None, &samples::acting()).unwrap();
    site
}

async fn fetch(site: &Site, query: &str) -> Answer {
    let request = Request::builder().uri(format!("/v1/certificates?{query}"));
    let request = request.header("authorization", format!("Bearer {}", site.token.expose()));
    site.send(request.body(Body::empty()).unwrap()).await
}

/// Serial numbers of a page, without that of the CCA's responder, which is drawn by lot.
async fn page(site: &Site, query: &str) -> (Vec<String>, Option<String>) {
    let answer = fetch(site, query).await;
    assert_eq!(answer.status, 200, "{query}");
    let page: Value = serde_json::from_slice(&answer.body).unwrap();
    let lines = page["certificates"].as_array().unwrap();
    let recorded = lines.iter().filter(|line| line["role"] != "ocsp");
    let serials = recorded.map(|line| line["serial"].as_str().unwrap().to_owned());
    (serials.collect(), page["next"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn each_parameter_finds_what_it_names() {
    let site = site();
    let key = ca_core::hex(&samples::intent("sample-cca", 3).unwrap().public_key);
    let cards = "issuer=sample-cca&role=cardholder";
    for (query, found) in [
        ("issuer=sample-cca".to_owned(), vec!["01", "02", "03", "04"]),
        (cards.to_owned(), vec!["01", "02", "03"]),
        (format!("{cards}&brand=Other"), vec!["03"]),
        (format!("{cards}&state=revoked"), vec!["02"]),
        ("subject=SHOP%20daves".to_owned(), vec!["04"]),
        ("subject=dave".to_owned(), vec![]),
        ("serial=04&issuer=sample-cca".to_owned(), vec!["04"]),
        ("registration=ca01".to_owned(), vec!["01"]),
        (format!("key={key}"), vec!["03"]),
        (
            "expires_after=2026-11-24T13:00:00Z&expires_before=2026-11-25T13:00:00Z".to_owned(),
            vec!["02", "03"],
        ),
    ] {
        assert_eq!(page(&site, &query).await.0, found, "{query}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_by_their_cursors() {
    let site = site();
    let (mut serials, mut cursor) = (Vec::new(), String::new());
    loop {
        let query = format!("issuer=sample-cca&limit=1{cursor}");
        let (found, next) = page(&site, &query).await;
        assert!(found.len() < 2);
        serials.extend(found);
        let Some(next) = next else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(serials, ["01", "02", "03", "04"]);
}

#[tokio::test]
async fn what_cannot_be_meant_is_a_bad_query() {
    let site = site();
    for query in [
        "serial=xyz",
        "subject=-",
        "issuer=A%20B",
        "role=owner",
        "state=lost",
        "expires_before=tomorrow",
        "registration=",
        "key=00",
        "cursor=-1",
        "limit=0",
        "limit=1001",
        "expires=2026-11-24T13:00:00Z",
        "state=issued&state=revoked",
    ] {
        let answer = fetch(&site, query).await;
        assert_eq!(answer.problem(), (400, "bad-query".to_owned()), "{query}");
    }
}
