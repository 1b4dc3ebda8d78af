//! Certificates over HTTP: how one stands, who may end it, and what is said to whom may not.

use axum::body::Body;
use axum::http::Request;
use ca_core::UnixTime;
use ca_core::decide::Remit;
use ca_core::profile::{BinRange, KeyUse, Side};
use ca_core::store::conformance::samples;
use ca_core::store::{Intent, ListId, Registration};
use ca_core::wire::Cert;
use ca_server::data::{Institution, OperatorToken};
use serde_json::{Value, json};

use super::common::{Answer, Site};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
/// Cards of the banks.
const CARD: &str = "/v1/certificates/sample-cca/01";
const OTHER_CARD: &str = "/v1/certificates/sample-cca/02";
/// Recorded without a registration.
const NOBODYS: &str = "/v1/certificates/sample-cca/03";

/// A service with the tokens of two issuers of 411111 and 420000, and of an acquirer.
struct Desk {
    site: Site,
    tokens: [OperatorToken; 3],
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
enum By {
    Operator,
    Bank(usize),
}

const FIRST: By = By::Bank(0);
const SECOND: By = By::Bank(1);
const ACQUIRER: By = By::Bank(2);

impl Desk {
    fn open() -> Self {
        let token = || OperatorToken::generate(&ca_server::SystemRandom).unwrap();
        let tokens = [token(), token(), token()];
        let bank = |number: usize, name: &str, side, bin: &str| {
            let bins = vec![BinRange::parse(bin).unwrap()];
            let remit = Remit { brand: "Sample".to_owned(), side, bins };
            Institution { name: name.to_owned(), remit, token: tokens[number].hash() }
        };
        let institutions = vec![
            bank(0, "first-bank", Side::Issuer, "411111"),
            bank(1, "second-bank", Side::Issuer, "420000"),
            bank(2, "acquirer", Side::Acquirer, "411111"),
        ];
        let site = Site::with(NOW, institutions);
        let intents: Vec<Intent> =
            (1..=3).map(|number| samples::intent("sample-cca", number).unwrap()).collect();
        let store = site.authority.store();
        store.record_intents(&intents, &samples::acting()).unwrap();
        let issued: Vec<_> = intents.iter().map(samples::issued).collect();
        store.record_issued(&issued, None, &samples::acting()).unwrap();
        for (number, bin) in [(1, "411111"), (2, "420000")] {
            let registration = Registration {
                bin: Some(bin.to_owned()),
                issued: vec![intents[usize::from(number) - 1].serial],
                ..samples::registration(number).unwrap()
            };
            store.record_registration(&registration, None, &samples::acting()).unwrap();
        }
        Self { site, tokens }
    }

    async fn send(&self, by: By, method: &str, path: &str, body: &Value) -> Answer {
        let token = match by {
            By::Operator => self.site.token.expose(),
            By::Bank(number) => self.tokens[number].expose(),
        };
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = request.header("content-type", "application/json");
        self.site.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn show(&self, by: By, path: &str) -> Answer {
        self.send(by, "GET", path, &Value::Null).await
    }

    async fn revoke(&self, by: By, path: &str, reason: &str) -> Answer {
        self.send(by, "POST", &format!("{path}/revoke"), &json!({ "reason": reason })).await
    }

    async fn release(&self, by: By, path: &str) -> Answer {
        self.send(by, "POST", &format!("{path}/release"), &Value::Null).await
    }

    /// Number of the CRL of the CCA.
    fn crl(&self) -> Option<u64> {
        let list = ListId::Crl(samples::ca_id("sample-cca").unwrap());
        self.site.authority.store().list_head(&list).unwrap().map(|head| head.number)
    }

    /// The path of a CA's own certificate.
    fn of_ca(&self, ca: &str) -> String {
        let cas = self.site.authority.cas().unwrap();
        let ca = cas.into_iter().find(|found| found.id.as_str() == ca).unwrap();
        let own = ca.in_force(KeyUse::CertificateSigning).unwrap();
        let serial = ca_core::hex(Cert::from_der(&own.der).unwrap().serial());
        let issuer = ca.superior.unwrap_or(ca.id);
        format!("/v1/certificates/{issuer}/{serial}")
    }
}

fn done(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}

/// The code of a refusal, and its words.
fn refused(answer: &Answer) -> (u16, String, String) {
    let (status, code) = answer.problem();
    let problem: Value = serde_json::from_slice(&answer.body).unwrap();
    (status, code, problem["detail"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_bank_revokes_the_card_it_approved_and_the_crl_says_so() {
    let desk = Desk::open();
    let before = done(&desk.show(FIRST, CARD).await);
    assert_eq!((&before["state"], &before["revocation"]), (&"issued".into(), &Value::Null));
    let number = desk.crl().unwrap_or(0);

    let revoked = done(&desk.revoke(FIRST, CARD, "privilegeWithdrawn").await);
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(revoked["revocation"]["reason"], "privilegeWithdrawn");
    assert_eq!(
        (&revoked["crl"]["number"], &revoked["listed"]),
        (&(number + 1).into(), &true.into())
    );
    assert_eq!(done(&desk.show(By::Operator, CARD).await)["revocation"], revoked["revocation"]);
}

#[tokio::test]
async fn asked_again_a_revocation_answers_as_it_did_and_makes_no_list() {
    let desk = Desk::open();
    let first = done(&desk.revoke(By::Operator, CARD, "superseded").await);
    // A list of the same second may be older than the revocation: then there is one more.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let second = done(&desk.revoke(By::Operator, CARD, "superseded").await);
    let number = desk.crl();
    let third = done(&desk.revoke(FIRST, CARD, "superseded").await);
    assert_eq!((&second["revocation"], &second["listed"]), (&first["revocation"], &true.into()));
    assert_eq!((&third, desk.crl()), (&second, number));

    let other = refused(&desk.revoke(By::Operator, CARD, "keyCompromise").await);
    assert_eq!((other.0, other.1.as_str()), (409, "revoked"));
    assert!(other.2.contains("01 of sample-cca") && other.2.contains("superseded"), "{}", other.2);
    let release = refused(&desk.release(By::Operator, CARD).await);
    assert_eq!((release.0, release.1.as_str()), (409, "revoked"));
}

#[tokio::test]
async fn a_hold_is_released_once_and_then_there_is_none() {
    let desk = Desk::open();
    let held = done(&desk.revoke(FIRST, CARD, "certificateHold").await);
    assert_eq!(held["revocation"]["reason"], "certificateHold");
    let released = done(&desk.release(FIRST, CARD).await);
    assert_eq!((&released["state"], &released["listed"]), (&"issued".into(), &true.into()));
    let number = desk.crl();
    let again = done(&desk.release(FIRST, CARD).await);
    assert_eq!((&again["state"], desk.crl()), (&"issued".into(), number));
}

#[tokio::test]
async fn a_bank_sees_and_ends_nothing_of_anybody_else() {
    let desk = Desk::open();
    let (cca, card) = (desk.of_ca("sample-cca"), "cessationOfOperation");
    for (by, path, why) in [
        (SECOND, CARD, "its BIN 411111 is not one of institution second-bank"),
        (FIRST, OTHER_CARD, "its BIN 420000 is not one of institution first-bank"),
        (FIRST, NOBODYS, "issued in no registration of institution first-bank"),
        (ACQUIRER, CARD, "of a cardholder: that is not for institution acquirer, an acquirer"),
        (FIRST, &cca, "of a cca: that is not for institution first-bank, an issuer"),
    ] {
        let answers = [
            desk.show(by, path).await,
            desk.revoke(by, path, card).await,
            desk.release(by, path).await,
        ];
        for answer in &answers {
            let (status, code, detail) = refused(answer);
            assert_eq!((status, code.as_str()), (403, "revocation-refused"), "{by:?} {path}");
            assert!(detail.contains(why), "{detail}");
        }
        assert_eq!(done(&desk.show(By::Operator, path).await)["state"], "issued", "{path}");
    }
    let (status, code, detail) = refused(&desk.revoke(FIRST, CARD, "unspecified").await);
    assert_eq!((status, code.as_str()), (403, "revocation-refused"));
    assert!(detail.contains("unspecified is not a reason"), "{detail}");
}

#[tokio::test]
async fn a_reason_fits_the_key_and_a_root_is_not_revoked() {
    let desk = Desk::open();
    let (cca, root) = (desk.of_ca("sample-cca"), desk.of_ca("root"));
    for (path, reason, why) in [
        (cca.as_str(), "keyCompromise", "write cACompromise"),
        (CARD, "cACompromise", "write keyCompromise"),
        (&root, "cessationOfOperation", "roll it over"),
    ] {
        let (status, code, detail) = refused(&desk.revoke(By::Operator, path, reason).await);
        assert_eq!((status, code.as_str()), (403, "revocation-refused"), "{path}");
        assert!(detail.contains(why), "{detail}");
    }
    let revoked = done(&desk.revoke(By::Operator, &cca, "cACompromise").await);
    assert_eq!((&revoked["state"], &revoked["role"]), (&"revoked".into(), &"cca".into()));
}

#[tokio::test]
async fn what_the_root_issued_is_revoked_while_its_key_is_away_and_listed_later() {
    let desk = Desk::open();
    let bca = desk.of_ca("sample-bca");
    let revoked = done(&desk.revoke(By::Operator, &bca, "cACompromise").await);
    assert_eq!((&revoked["state"], &revoked["listed"]), (&"revoked".into(), &false.into()));
}

#[tokio::test]
async fn what_cannot_be_meant_is_said_with_a_code() {
    let desk = Desk::open();
    for path in [
        "/v1/certificates/sample-cca/77",
        "/v1/certificates/nobody/01",
        "/v1/certificates/Sample/01",
        "/v1/certificates/sample-cca/xyz",
        "/v1/certificates/sample-cca/ff",
    ] {
        let unknown = (404, "unknown-certificate".to_owned());
        for by in [By::Operator, FIRST] {
            assert_eq!(desk.show(by, path).await.problem(), unknown, "{path}");
            assert_eq!(desk.revoke(by, path, "superseded").await.problem(), unknown, "{path}");
            assert_eq!(desk.release(by, path).await.problem(), unknown, "{path}");
        }
    }
    let revoke = format!("{CARD}/revoke");
    let bad = (400, "bad-revocation".to_owned());
    for body in [
        json!({"reason": "because"}),
        json!({"reason": "superseded", "invalid_since": "yesterday"}),
        json!({"reason": "superseded", "invalid_since": "2999-01-01T00:00:00Z"}),
    ] {
        let answer = desk.send(By::Operator, "POST", &revoke, &body).await;
        assert_eq!(answer.problem(), bad, "{body}");
    }
    for body in [json!([]), json!({}), json!({"reason": "superseded", "by": "me"})] {
        let answer = desk.send(By::Operator, "POST", &revoke, &body).await;
        assert_eq!(answer.problem(), (400, "bad-body".to_owned()), "{body}");
    }
    assert_eq!(done(&desk.show(By::Operator, CARD).await)["state"], "issued");
}

#[tokio::test]
async fn the_token_of_a_bank_is_not_the_operators() {
    let desk = Desk::open();
    let answer = desk.show(FIRST, "/v1/registrations").await;
    assert_eq!(answer.problem(), (403, "forbidden".to_owned()));
}
