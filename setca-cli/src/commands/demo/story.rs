//! The steps of the demo in one suite, each with its verdict.

use std::sync::Arc;

use ca_core::Suite;
use ca_core::ee::{Certified, Issued, Outcome, Pending};
use ca_core::pem;
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::{Cert, Crl};

use super::acts::{Established, approve, establish, operator, revoke, signing};
use super::end_entity::{EndEntity, card, certified};
use super::evidence::{Evidence, Holder, ask, fetched, judged, listed};
use super::folder::Home;
use super::http::{Port, Served};
use super::keys::Keys;
use super::rollover::{learned, roll_over};
use super::step::{Step, Teller, Told};
use crate::failure::Failure;

/// Who is who while the story is told.
struct Scene<'a> {
    home: &'a Home,
    served: &'a Served,
    house: &'a Established,
    keys: &'a Keys,
    root: &'a Cert,
    software: EndEntity<'a>,
}

/// Tells all of it in one suite; `aloud` says each step when it is done.
///
/// # Errors
/// A step could not be done at all; a verdict other than expected is no error.
pub(super) fn tell(suite: Suite, home: &Home, aloud: bool) -> Result<Vec<Step>, Failure> {
    let mut teller = Teller::new(suite, aloud);
    let port = Port::take()?;
    let keys = teller.step("keys of the end entities", || Keys::make(suite))?;
    let house = teller.step("hierarchy", || establish(home, suite, &port.url))?;
    let served = port.serve(Arc::clone(&house.authority), operator(home)?);
    let root = signing(&house.authority, Role::Rca)?;
    let scene = Scene {
        home,
        served: &served,
        house: &house,
        keys: &keys,
        root: &root,
        software: EndEntity { suite, served: &served, root: &root },
    };
    let mut holders = scene.cardholder(&mut teller)?;
    holders.extend(scene.acceptors(&mut teller)?);
    holders.extend(scene.waiting_cardholder(&mut teller)?);
    scene.revocation(&mut teller, &holders)?;
    scene.rollover(&mut teller)?;
    teller.step("service stopped", || {
        served.stop()?;
        Ok(Told::good("everything begun was finished", ()))
    })?;
    Ok(teller.steps)
}

impl Scene<'_> {
    /// The three message pairs of a cardholder.
    fn cardholder(&self, teller: &mut Teller) -> Result<Vec<Holder>, Failure> {
        let card = card(AUTOMATIC)?;
        let begun = teller.step("CardCInitReq, CardCInitRes", || {
            let value = self.software.initiate()?;
            Ok(Told::good("CCA's chain, CRLs, BCI, signature and challenge good", value))
        })?;
        let form = teller.step("RegFormReq, RegFormRes", || {
            let value = self.software.ask_form(begun, &card)?;
            let fields = value.fields().len();
            Ok(Told::good(format!("account sealed; a form of {fields} fields"), value))
        })?;
        let done = teller.step("CertReq, CertRes", || {
            let key = &self.keys.cardholder;
            complete(certified(self.software.request_for_card(&form, &card, key)?)?)
        })?;
        Ok(Holder::of("cardholder", Role::Cardholder, &done))
    }

    /// A merchant and a gateway with both certificates; the merchant renews one.
    fn acceptors(&self, teller: &mut Teller) -> Result<Vec<Holder>, Failure> {
        let (software, keys) = (&self.software, self.keys);
        let merchant = teller.step("merchant, Me-AqCInitReq to CertRes", || {
            complete(software.register_merchant(&keys.merchant)?)
        })?;
        let gateway = teller.step("gateway, Me-AqCInitReq to CertRes", || {
            complete(software.register_gateway(&keys.gateway)?)
        })?;
        let renewed = teller.step("merchant renews its signature", || {
            let held = merchant.signature().ok_or_else(|| Failure::refused("nothing to renew"))?;
            let held = ca_core::ee::Holder { certificate: &held.certificate, key: &held.key };
            complete(software.renew_merchant(held, &keys.renewed)?)
        })?;
        let mut holders = Holder::of("merchant", Role::Merchant, &renewed);
        let first = merchant.issued.into_iter().filter(|one| one.key_use == KeyUse::Encryption);
        let first = Certified { issued: first.collect(), ..*merchant };
        holders.extend(Holder::of("merchant", Role::Merchant, &first));
        holders.extend(Holder::of("gateway", Role::Gateway, &gateway));
        Ok(holders)
    }

    /// A cardholder whose bank decides by hand.
    fn waiting_cardholder(&self, teller: &mut Teller) -> Result<Vec<Holder>, Failure> {
        let card = card(BY_HAND)?;
        let waiting: Box<Pending> =
            teller.step("cardholder whose bank is careful", || {
                match self.software.register_card(&card, &self.keys.waiting)? {
                    Outcome::Pending(waiting) => {
                        let message = waiting.message().unwrap_or_default();
                        let verdict = format!("{}: {message}", waiting.status());
                        Ok(Told::good(verdict, waiting))
                    }
                    _ => Err(Failure::refused("the registration did not wait for a person")),
                }
            })?;
        teller.step("operator approves", || approve(&self.house.authority, &waiting))?;
        let done = teller.step("CertInqReq, CertInqRes", || {
            complete(certified(self.software.inquire(&waiting)?)?)
        })?;
        Ok(Holder::of("second-cardholder", Role::Cardholder, &done))
    }

    /// All chains are good; one certificate is revoked, and all that says so says so.
    fn revocation(&self, teller: &mut Teller, holders: &[Holder]) -> Result<(), Failure> {
        let (suite, authority) = (teller.suite, &*self.house.authority);
        let (served, root) = (self.served, self.root);
        let Revoked { who, role, ca } = revoked_in(suite);
        let evidence = teller.step("CRLs and BCI fetched", || fetched(authority, served, root))?;
        self.leave(holders, &evidence)?;
        teller.step("all chains validated", || Ok(judged(suite, holders, &evidence, None)))?;
        let revoked = holders
            .iter()
            .find(|holder| holder.role == role)
            .ok_or_else(|| Failure::refused(format!("the demo has no {who}")))?;
        // SET of 1997 knows no OCSP.
        let has_ocsp = suite == Suite::Modern;
        if has_ocsp {
            teller.step(format!("OCSP about the {who}"), || {
                ask(authority, served, revoked, "good")
            })?;
        }
        teller.step(format!("{who} revoked"), || revoke(authority, ca, revoked))?;
        if has_ocsp {
            teller.step("OCSP says so", || ask(authority, served, revoked, "revoked"))?;
        }
        let later =
            teller.step("CRL and BCI say so", || listed(authority, served, root, ca, revoked))?;
        self.home.write_pem("crls.pem", pem::CRL, later.crls.iter().map(Crl::der))?;
        teller.step(format!("validation refuses the {who}"), || {
            Ok(judged(suite, holders, &later, Some(revoked)))
        })
    }

    /// The next root, for a wallet that knows the old one alone.
    fn rollover(&self, teller: &mut Teller) -> Result<(), Failure> {
        let new = teller.step("root rolled over", || roll_over(self.home, self.house))?;
        self.home.write_pem("new-root.pem", pem::CERTIFICATE, [new.der()])?;
        let card = card(LATE)?;
        teller.step("wallet that trusts the old root", || {
            learned(&self.software, &card, &self.keys.late, &new)
        })
    }

    /// What a relying party holds before the revocation, as files.
    fn leave(&self, holders: &[Holder], evidence: &Evidence) -> Result<(), Failure> {
        let home = self.home;
        home.write_pem("root.pem", pem::CERTIFICATE, [self.root.der()])?;
        home.write_pem("chain.pem", pem::CERTIFICATE, evidence.cas.iter().map(Cert::der))?;
        home.write_pem("crls-before.pem", pem::CRL, evidence.crls.iter().map(Crl::der))?;
        for holder in holders {
            let name = format!("{}.pem", holder.name);
            home.write_pem(&name, pem::CERTIFICATE, [holder.certificate.der()])?;
        }
        Ok(())
    }
}

/// Whose signature certificate is revoked.
pub(super) struct Revoked {
    pub(super) who: &'static str,
    role: Role,
    ca: Role,
}

/// In `set-1997` an MCA issues no CRL, so nobody could say that a merchant is revoked.
pub(super) const fn revoked_in(suite: Suite) -> Revoked {
    match suite {
        Suite::Modern => Revoked { who: "merchant", role: Role::Merchant, ca: Role::Mca },
        Suite::Set1997 => Revoked { who: "gateway", role: Role::Gateway, ca: Role::Pca },
    }
}

fn complete(done: Box<Certified>) -> Result<Told<Box<Certified>>, Failure> {
    let told = |issued: &Issued| {
        let key_use = match issued.key_use {
            KeyUse::Encryption => "encryption",
            _ => "signature",
        };
        format!("{key_use} {}", ca_core::hex(issued.certificate.serial()))
    };
    let serials: Vec<String> = done.issued.iter().map(told).collect();
    Ok(Told::good(format!("requestComplete: {}", serials.join(", ")), done))
}

/// A card of "Example Issuer" in the sample policies, which decides at once.
const AUTOMATIC: &str = "4111111111111111";
/// Another one.
const LATE: &str = "4111111111111129";
/// A card of "Example Careful Bank", where people decide.
const BY_HAND: &str = "4200000000000000";
