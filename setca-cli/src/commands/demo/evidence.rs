//! What a relying party of the demo fetches, and what it makes of it.

use std::time::{Duration, Instant};

use ca_core::Suite;
use ca_core::authority::Authority;
use ca_core::ee::Certified;
use ca_core::path::{Purpose, Request, Rules, Settings, Verdict, validate};
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::SecureRandom as _;
use ca_core::store::ListId;
use ca_core::wire::ocsp::{CertId, CertIdHash, CertStatus, OcspRequest, OcspResponse};
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};
use ca_server::SystemRandom;

use super::BRAND;
use super::acts::{id_of, signing};
use super::end_entity::now;
use super::http::Served;
use super::step::Told;
use crate::failure::Failure;
use crate::house::store_failure;

/// A certificate issued in the demo.
pub(super) struct Holder {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) purpose: Purpose,
    pub(super) certificate: Cert,
}

impl Holder {
    /// One for each certificate that was got.
    pub(super) fn of(who: &str, role: Role, certified: &Certified) -> Vec<Self> {
        let one = |issued: &ca_core::ee::Issued| {
            let (purpose, key_use) = match issued.key_use {
                KeyUse::Encryption => (Purpose::Encryption, "encryption"),
                _ => (Purpose::MessageSignature, "signature"),
            };
            let name = format!("{who}-{key_use}");
            Self { name, role, purpose, certificate: issued.certificate.clone() }
        };
        certified.issued.iter().map(one).collect()
    }
}

/// What validation takes: certificates, CRLs and BCI as a relying party fetched them.
pub(super) struct Evidence {
    pub(super) root: Cert,
    pub(super) cas: Vec<Cert>,
    pub(super) crls: Vec<Crl>,
    pub(super) bci: BrandCrlIdentifier,
}

/// CRLs and BCI as the service serves them.
pub(super) fn fetched(
    authority: &Authority,
    served: &Served,
    root: &Cert,
) -> Result<Told<Evidence>, Failure> {
    let hierarchy = authority.hierarchy();
    let mut cas = Vec::new();
    let mut crls = Vec::new();
    for ca in hierarchy.cas() {
        let id = &ca.record.id;
        if ca.issues_crls() {
            let octets = served.fetch(&format!("/crl/{id}.crl"))?;
            crls.push(
                Crl::from_der(&octets)
                    .map_err(|e| Failure::refused(format!("the CRL of {id} is none: {e}")))?,
            );
        }
        let signing = ca.held(KeyUse::CertificateSigning);
        cas.extend(signing.filter(|_| ca.record.superior.is_some()).map(|h| h.certificate.clone()));
    }
    let octets = served.fetch(&format!("/bci/{BRAND}.der"))?;
    let bci = BrandCrlIdentifier::from_der(&octets)
        .map_err(|e| Failure::refused(format!("the BCI is none: {e}")))?;
    let listed = bci.unsigned().crls.len();
    let verdict = format!("{} CRLs, all {listed} that the BCI lists", crls.len());
    let expected = listed == crls.len();
    Ok(Told { verdict, expected, value: Evidence { root: root.clone(), cas, crls, bci } })
}

/// Validates every holder; all must be valid but `refused`, which must be revoked.
pub(super) fn judged(
    suite: Suite,
    holders: &[Holder],
    evidence: &Evidence,
    refused: Option<&Holder>,
) -> Told<()> {
    let mut said = Vec::new();
    let mut expected = true;
    for holder in holders {
        let verdict = judge(suite, holder, evidence);
        let code = verdict.reasons.first().map(|reason| reason.code.name());
        let is_refused = refused.is_some_and(|refused| refused.name == holder.name);
        let fits = if is_refused { code == Some("revoked") } else { verdict.valid };
        expected &= fits;
        if is_refused || !fits {
            said.push(format!("{}: INVALID, {}", holder.name, code.unwrap_or("no reason")));
        }
    }
    let valid = holders.len() - said.len();
    said.push(format!("{valid} VALID"));
    Told { verdict: said.join("; "), expected, value: () }
}

fn judge(suite: Suite, holder: &Holder, evidence: &Evidence) -> Verdict {
    let settings = Settings {
        purpose: Some(holder.purpose),
        role: Some(holder.role),
        brand: Some(BRAND.to_owned()),
        ..Settings::new(Rules::Set, suite, now())
    };
    validate(&Request {
        certificate: &holder.certificate,
        untrusted: &evidence.cas,
        anchors: std::slice::from_ref(&evidence.root),
        crls: &evidence.crls,
        bcis: std::slice::from_ref(&evidence.bci),
        ocsp: &[],
        register: &[],
        settings: &settings,
    })
}

/// Asks the responder over HTTP; again for a moment if it does not say what is wanted, because the
/// service sees what another process has done within a second.
pub(super) fn ask(
    authority: &Authority,
    served: &Served,
    holder: &Holder,
    wanted: &str,
) -> Result<Told<()>, Failure> {
    let begin = Instant::now();
    loop {
        let late = begin.elapsed() > SEEN_WITHIN;
        let told = ask_once(authority, served, holder, wanted)?;
        if told.expected || late {
            return Ok(told);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ask_once(
    authority: &Authority,
    served: &Served,
    holder: &Holder,
    wanted: &str,
) -> Result<Told<()>, Failure> {
    let odd = |what: &dyn std::fmt::Display| Failure::refused(format!("OCSP: {what}"));
    let issuer = signing(authority, Role::Mca)?;
    let id = CertId::of(CertIdHash::Sha256, &issuer, holder.certificate.serial())
        .map_err(|e| odd(&e))?;
    let nonce: [u8; 16] = SystemRandom.array().map_err(|e| odd(&e))?;
    let request = OcspRequest { cert_ids: vec![id.clone()], nonce: Some(nonce.to_vec()) };
    let request = request.to_der().map_err(|e| odd(&e))?;
    let answer = served.post("/ocsp", "application/ocsp-request", &request)?;
    let answer = OcspResponse::from_der(&answer).map_err(|e| odd(&e))?;
    let basic = answer.basic.ok_or_else(|| odd(&"no answer"))?;
    ca_core::issue::verify_ocsp(&basic, &issuer, now()).map_err(|e| odd(&e))?;
    let found = match basic.status_of(&id).map(|single| single.status) {
        Some(CertStatus::Good) => "good",
        Some(CertStatus::Revoked(_)) => "revoked",
        _ => "unknown",
    };
    let repeated = basic.nonce.as_deref() == Some(&nonce[..]);
    let verdict = format!("{found}, signed by the MCA's responder");
    Ok(Told { verdict, expected: found == wanted && repeated, value: () })
}

/// The CRL of `ca` lists what it revoked, and the BCI demands that very CRL.
pub(super) fn listed(
    authority: &Authority,
    served: &Served,
    root: &Cert,
    ca: Role,
    holder: &Holder,
) -> Result<Told<Evidence>, Failure> {
    let evidence = fetched(authority, served, root)?.value;
    let issuer = holder.certificate.issuer_der();
    let crl = evidence.crls.iter().find(|crl| crl.issuer_der() == issuer);
    let listed = crl.is_some_and(|crl| crl.revoked(holder.certificate.serial()).is_some());
    let number = crl.and_then(|crl| crl.set_fields().ok()).map(|said| said.number);
    let demanded = evidence.bci.unsigned().crl_number(issuer);
    let ca = id_of(authority, ca)?;
    let stored = authority.store().list(&ListId::Crl(ca)).map_err(|e| store_failure(&e))?;
    let expected = listed && number == demanded && number == stored.map(|list| list.number);
    let verdict = match (listed, demanded) {
        (true, Some(demanded)) => format!("listed; the BCI demands CRL {demanded}"),
        (true, None) => "listed; the BCI names no CRL of the CA".to_owned(),
        (false, _) => "not listed".to_owned(),
    };
    Ok(Told { verdict, expected, value: evidence })
}

/// Twice what the service promises.
const SEEN_WITHIN: Duration = Duration::from_secs(2);
