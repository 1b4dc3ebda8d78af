//! The steps of the demo, each with its verdict.

use std::sync::Arc;
use std::time::Instant;

use ca_core::authority::Clock as _;
use ca_core::ee::Certified;
use ca_core::path::Purpose;
use ca_core::profile::Role;
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::{Cert, Crl};
use ca_core::{Suite, UnixTime};
use ca_server::{SystemClock, SystemRandom};
use serde::Serialize;

use super::acts::{Holder, by_hand, establish, operator, revoke, signing};
use super::cardholder::{Cardholder, test_card};
use super::evidence::{Evidence, ask, fetched, judged, listed};
use super::folder::Home;
use super::http::{Port, Served};
use crate::commands::ca::CERTIFICATE;
use crate::failure::Failure;
use crate::house::chain;
use crate::report::say_result;

/// One step, told.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    name: &'static str,
    verdict: String,
    pub(super) expected: bool,
    milliseconds: u128,
}

/// What was done and found so far.
pub(super) struct Story<'a> {
    home: &'a Home,
    aloud: bool,
    pub(super) steps: Vec<Step>,
}

/// A step's outcome: what is said of it, and whether it is what was expected.
pub(super) struct Told<T> {
    pub(super) verdict: String,
    pub(super) expected: bool,
    pub(super) value: T,
}

impl<'a> Story<'a> {
    /// Nothing told yet; `aloud` says each step when it is done.
    pub(super) fn new(home: &'a Home, aloud: bool) -> Self {
        Self { home, aloud, steps: Vec::new() }
    }

    /// Tells it all.
    ///
    /// # Errors
    /// A step could not be done at all; a verdict other than expected is no error.
    pub(super) fn tell(&mut self) -> Result<(), Failure> {
        let port = Port::take()?;
        let authority = self.step("hierarchy", |home| establish(home, &port.url))?;
        let served = port.serve(Arc::clone(&authority), operator(self.home)?);
        let now = SystemClock::default().now();
        let root = signing(&authority, Role::Rca)?;
        let certified = self.register(&served, &root, now)?;
        let mut holders = vec![Holder {
            name: "cardholder",
            role: Role::Cardholder,
            purpose: Purpose::MessageSignature,
            certificate: signature_of(&certified)?,
        }];
        holders.extend(self.step("merchant and gateway, by hand", |_| by_hand(&authority))?);
        let evidence =
            self.step("CRLs and BCI fetched", |_| fetched(&authority, &served, &root))?;
        self.leave(&certified, &holders, &evidence)?;
        self.step("all chains validated", |_| Ok(judged(&holders, &evidence, None)))?;
        let merchant = holders
            .iter()
            .find(|holder| holder.role == Role::Merchant)
            .ok_or_else(|| Failure::refused("the demo has no merchant"))?;
        self.step("OCSP about the merchant", |_| ask(&authority, &served, merchant, "good"))?;
        self.step("merchant revoked", |_| revoke(&authority, merchant))?;
        self.step("OCSP says so", |_| ask(&authority, &served, merchant, "revoked"))?;
        let later =
            self.step("CRL and BCI say so", |_| listed(&authority, &served, &root, merchant))?;
        self.home.write_pem("crls.pem", CRL, later.crls.iter().map(Crl::der))?;
        self.step("validation refuses the merchant", |_| {
            Ok(judged(&holders, &later, Some(merchant)))
        })?;
        self.step("service stopped", |_| {
            served.stop()?;
            Ok(Told {
                verdict: "everything begun was finished".to_owned(),
                expected: true,
                value: (),
            })
        })
    }

    /// The three message pairs of a cardholder.
    fn register(
        &mut self,
        served: &Served,
        root: &Cert,
        now: UnixTime,
    ) -> Result<Box<Certified>, Failure> {
        let cardholder = Cardholder { served, now };
        let card = test_card(now)?;
        let wallet = self.step("CardCInitReq, CardCInitRes", |_| {
            let value = cardholder.initiate(Suite::Modern, root)?;
            let verdict = "CCA's chain, CRLs, BCI, signature and challenge good".to_owned();
            Ok(Told { verdict, expected: true, value })
        })?;
        let form = self.step("RegFormReq, RegFormRes", |_| {
            let value = cardholder.ask_form(wallet, &card)?;
            let verdict = format!("account sealed; a form of {} fields", value.fields().len());
            Ok(Told { verdict, expected: true, value })
        })?;
        let key = PrivateKey::generate(KeyAlgorithm::Rsa(3072), &SystemRandom)
            .map_err(|e| Failure::outside(chain(&e)))?;
        self.step("CertReq, CertRes", |_| {
            let value = cardholder.request(&form, &card, &key)?;
            let serial = ca_core::hex(signature_of(&value)?.serial());
            let verdict = format!("requestComplete: cardholder certificate {serial}");
            Ok(Told { verdict, expected: true, value })
        })
    }

    /// Does one step, notes its verdict and time.
    fn step<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&Home) -> Result<Told<T>, Failure>,
    ) -> Result<T, Failure> {
        let begin = Instant::now();
        let Told { verdict, expected, value } = work(self.home)?;
        let milliseconds = begin.elapsed().as_millis();
        if self.aloud {
            let number = self.steps.len() + 1;
            let mark = if expected { "ok" } else { "NOT AS EXPECTED" };
            say_result(format_args!(
                "{number:>2}  {name:<32} {mark}  {verdict}  ({milliseconds} ms)"
            ));
        }
        self.steps.push(Step { name, verdict, expected, milliseconds });
        Ok(value)
    }

    /// What a relying party holds before the revocation, as files.
    fn leave(
        &self,
        certified: &Certified,
        holders: &[Holder],
        evidence: &Evidence,
    ) -> Result<(), Failure> {
        let home = self.home;
        home.write_pem("root.pem", CERTIFICATE, [certified.root.der()])?;
        home.write_pem("chain.pem", CERTIFICATE, evidence.cas.iter().map(Cert::der))?;
        home.write_pem("crls-before.pem", CRL, evidence.crls.iter().map(Crl::der))?;
        for holder in holders {
            let name = format!("{}.pem", holder.name);
            home.write_pem(&name, CERTIFICATE, [holder.certificate.der()])?;
        }
        Ok(())
    }
}

fn signature_of(certified: &Certified) -> Result<Cert, Failure> {
    let signature = certified.signature().map(|issued| issued.certificate.clone());
    signature.ok_or_else(|| Failure::refused("the cardholder has no certificate"))
}

/// The brand of the demo.
pub(super) const BRAND: &str = "Sample";
/// PEM label of a CRL (RFC 7468 §6).
const CRL: &str = "X509 CRL";
