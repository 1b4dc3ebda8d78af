//! What the operator does in the demo.

use std::sync::Arc;

use ca_core::Suite;
use ca_core::authority::{Authority, ByHandDecision, Ca};
use ca_core::ee::Pending;
use ca_core::profile::{KeyUse, Role};
use ca_core::store::{CaId, RevocationReason, SerialNumber};
use ca_core::wire::Cert;
use ca_server::data::{Created, Folder, InitOrder, Passphrase, PassphraseSource, Settings, Tokens};

use super::BRAND;
use super::evidence::Holder;
use super::folder::Home;
use super::step::Told;
use crate::failure::Failure;
use crate::house::{authority_failure, chain, data_failure};

/// A hierarchy of its own, as the service has it, and the passphrase of its folder.
pub(super) struct Established {
    pub(super) authority: Arc<Authority>,
    pub(super) passphrase: Passphrase,
}

/// Makes the hierarchy and opens it without the root's keys.
pub(super) fn establish(
    home: &Home,
    suite: Suite,
    url: &str,
) -> Result<Told<Established>, Failure> {
    let order = InitOrder {
        brands: vec![BRAND.to_owned()],
        geo: None,
        combined_ca: false,
        suite,
        policies_dir: None,
        base_url: url.to_owned(),
        test: false,
        passphrase: None,
    };
    let path = home.join(DATA);
    let Created { passphrase, .. } =
        Folder::at(&path).create(&order, &mut |_| {}).map_err(|e| data_failure(&e))?;
    // A service never opens the root's keys.
    let opened = Folder::at(&path)
        .open(&PassphraseSource::Given(passphrase.clone()), false)
        .map_err(|e| data_failure(&e))?;
    let authority = Authority::open(opened.parts).map_err(|e| authority_failure(&e))?;
    let names: Vec<String> =
        authority.hierarchy().cas().iter().map(|ca| ca.record.id.to_string()).collect();
    let value = Established { authority: Arc::new(authority), passphrase };
    Ok(Told { verdict: names.join(", "), expected: names.len() == 5, value })
}

/// Who may decide on registrations in it.
pub(super) fn operator(home: &Home) -> Result<Tokens, Failure> {
    let folder = Folder::at(&home.join(DATA));
    Ok(Settings::read(&folder).map_err(|e| data_failure(&e))?.tokens())
}

/// Approves what waits, as `setca registration approve` does.
pub(super) fn approve(authority: &Authority, waiting: &Pending) -> Result<Told<()>, Failure> {
    let decision = ByHandDecision { approve: true, by: "operator", message: None };
    let decided = authority
        .decide_registration(waiting.lid_ca().as_bytes(), decision)
        .map_err(|e| Failure::refused(chain(&e)))?;
    let issued = decided.issued.len();
    let verdict = format!("registration {}: {issued} certificate issued", waiting.lid_ca());
    Ok(Told { verdict, expected: issued == 1, value: () })
}

/// Revokes a certificate that `ca` issued, and publishes what says so.
pub(super) fn revoke(
    authority: &Authority,
    ca: Role,
    holder: &Holder,
) -> Result<Told<()>, Failure> {
    let ca = id_of(authority, ca)?;
    let serial = SerialNumber::from_octets(holder.certificate.serial())
        .ok_or_else(|| Failure::refused(format!("{}: not a serial of ours", holder.name)))?;
    authority
        .revoke(&ca, &serial, RevocationReason::KeyCompromise)
        .map_err(|e| authority_failure(&e))?;
    let crl = authority
        .publish_after_revocation(&ca)
        .map_err(|e| authority_failure(&e))?
        .ok_or_else(|| Failure::refused(format!("{ca} issues no CRL")))?;
    let verdict = format!("{serial}, keyCompromise; CRL {} of {ca} published", crl.number);
    Ok(Told { verdict, expected: crl.number == 2, value: () })
}

/// Identifier of the CA with a role.
pub(super) fn id_of(authority: &Authority, role: Role) -> Result<CaId, Failure> {
    with_role(authority, role, |ca| Some(ca.record.id.clone()))
}

/// Certificate-signing certificate of the CA with a role.
pub(super) fn signing(authority: &Authority, role: Role) -> Result<Cert, Failure> {
    with_role(authority, role, |ca| Some(ca.held(KeyUse::CertificateSigning)?.certificate.clone()))
}

fn with_role<T>(
    authority: &Authority,
    role: Role,
    take: impl Fn(&Ca) -> Option<T>,
) -> Result<T, Failure> {
    let hierarchy = authority.hierarchy();
    let ca = hierarchy.cas().iter().find(|ca| ca.record.roles.contains(&role));
    ca.and_then(take).ok_or_else(|| Failure::refused(format!("the hierarchy has no {role}")))
}

/// The data folder in the demo's own.
pub(super) const DATA: &str = "setca-data";
