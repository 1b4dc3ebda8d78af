//! `POST /v1/validate`.

use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use ca_core::UnixTime;
use ca_core::path::{Question, Request, RevocationMode, validate};
use ca_core::pem;
use ca_core::profile::KeyUse;
use ca_core::store::{CaId, RevocationReason, SerialNumber};
use ca_core::wire::Cert;
use der::pem::LineEnding;
use serde_json::{Value, json};

use super::common::{Answer, Site};

fn site() -> Site {
    Site::at(UnixTime::from_secs(1_800_000_000))
}

fn signing(site: &Site, ca: &str) -> Cert {
    let hierarchy = site.authority.hierarchy();
    let ca = hierarchy.ca(&CaId::new(ca).unwrap()).unwrap();
    ca.held(KeyUse::CertificateSigning).unwrap().certificate.clone()
}

fn base64(certificate: &Cert) -> String {
    Base64::encode_string(certificate.der())
}

async fn ask(site: &Site, question: &Value) -> Answer {
    site.post("/v1/validate", "application/json", question.to_string().into_bytes()).await
}

fn verdict(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}

fn codes(verdict: &Value) -> Vec<&str> {
    let reasons = verdict["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_certificate_of_the_service_needs_nothing_beside_it() {
    let site = site();
    let question = json!({"certificate": base64(&signing(&site, "sample-mca"))});
    let verdict = verdict(&ask(&site, &question).await);
    assert_eq!(verdict["verdict"], "valid", "{verdict}");
    assert_eq!(verdict["path"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_was_revoked_later_was_good_then() {
    let site = site();
    let certificate = signing(&site, "sample-mca");
    while site.authority.now() <= certificate.not_before() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    let superior = CaId::new("sample-bca").unwrap();
    site.authority.revoke(&superior, &serial, RevocationReason::KeyCompromise).unwrap();

    let mut question = json!({"certificate": base64(&certificate)});
    let now = verdict(&ask(&site, &question).await);
    assert_eq!(codes(&now), ["revoked"]);
    question["settings"] = json!({"at": certificate.not_before().to_string()});
    let then = verdict(&ask(&site, &question).await);
    assert_eq!(then["verdict"], "valid", "{then}");
}

#[tokio::test]
async fn the_verdict_is_that_of_the_library() {
    let site = site();
    let [root, brand, mca] = ["root", "sample-bca", "sample-mca"].map(|ca| signing(&site, ca));
    let text = |cert: &Cert| {
        der::pem::encode_string(pem::CERTIFICATE, LineEnding::LF, cert.der()).unwrap()
    };
    let at = mca.not_before();
    let chain = [text(&mca), text(&brand)].concat();
    let question = json!({
        "certificate": chain,
        "trust": [base64(&root)],
        "settings": {"brand": "Other", "role": "gateway", "trace": true, "at": at.to_string()},
    });
    let answered = verdict(&ask(&site, &question).await);

    let asked: Question = serde_json::from_value(question["settings"].clone()).unwrap();
    let anchors = [root];
    let settings = asked.settings(&mca, &anchors, at, RevocationMode::Off).unwrap();
    let expected = validate(&Request {
        certificate: &mca,
        untrusted: &[brand],
        anchors: &anchors,
        crls: &[],
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings: &settings,
    });
    assert_eq!(answered, serde_json::to_value(&expected).unwrap());
    assert_eq!(codes(&answered), ["brand-mismatch", "wrong-role", "brand-mismatch"]);
}

#[tokio::test]
async fn below_a_root_that_is_handed_in_the_register_is_not_asked() {
    let site = site();
    let [root, brand, mca] = ["root", "sample-bca", "sample-mca"].map(|ca| signing(&site, ca));
    let question = json!({
        "certificate": base64(&mca),
        "untrusted": [base64(&brand)],
        "trust": [base64(&root)],
        "settings": {"revocation": "require", "at": mca.not_before().to_string()},
    });
    let verdict = verdict(&ask(&site, &question).await);
    assert_eq!(codes(&verdict), ["no-revocation-status"; 2]);
}

#[tokio::test]
async fn a_question_that_cannot_be_meant_is_a_problem_that_says_where() {
    let site = site();
    let certificate = base64(&signing(&site, "sample-mca"));
    let key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    let many = vec![certificate.clone(); 257];
    let questions = [
        (json!({}), "missing field `certificate`"),
        (json!({"certificate": "!"}), "certificate, object 1: neither PEM nor base64"),
        (json!({"certificate": ""}), "certificate, object 1: not a CERTIFICATE"),
        (json!({"certificate": certificate, "crls": [certificate]}), "crls, object 1"),
        (json!({"certificate": certificate, "untrusted": [key]}), "PEM block PRIVATE KEY where"),
        (json!({"certificate": certificate, "untrusted": many}), "more than 256 objects"),
        (json!({"certificate": certificate, "settings": {"names": ["a.example"]}}), "a peer name"),
        (json!({"certificate": certificate, "settings": {"role": "king"}}), "unknown variant"),
        (json!({"certificate": certificate, "sttings": {}}), "unknown field `sttings`"),
    ];
    for (question, part) in questions {
        let answer = ask(&site, &question).await;
        assert_eq!(answer.problem(), (400, "bad-question".to_owned()), "{part}");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(part), "{detail}");
    }
}
