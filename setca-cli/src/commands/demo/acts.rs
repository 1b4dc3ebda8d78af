//! What the operator does in the demo.

use std::sync::Arc;

use ca_core::Suite;
use ca_core::authority::{Authority, DirectOrder};
use ca_core::path::Purpose;
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::store::{CaId, RevocationReason, SerialNumber};
use ca_core::wire::extensions::{MerName, MerchantData};
use ca_core::wire::{Bin, Cert, MerchantId, SetString};
use ca_server::SystemRandom;
use ca_server::data::{Folder, InitOrder, OperatorHash, PassphraseSource, Settings};

use super::folder::Home;
use super::story::{BRAND, Told};
use crate::failure::Failure;
use crate::house::{authority_failure, chain, data_failure};

/// A certificate issued in the demo.
pub(super) struct Holder {
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) purpose: Purpose,
    pub(super) certificate: Cert,
}

/// A hierarchy of its own, opened without the root's keys.
pub(super) fn establish(home: &Home, url: &str) -> Result<Told<Arc<Authority>>, Failure> {
    let order = InitOrder {
        brands: vec![BRAND.to_owned()],
        geo: None,
        combined_ca: false,
        suite: Suite::Modern,
        policies_dir: None,
        base_url: url.to_owned(),
        passphrase: None,
    };
    let path = home.join("setca-data");
    let created = Folder::create(&path, &order, &mut |_| {}).map_err(|e| data_failure(&e))?;
    // The root's keys are not opened: nothing in the story needs them once they have signed.
    let opened = Folder::open(&path, &PassphraseSource::Given(created.passphrase), false)
        .map_err(|e| data_failure(&e))?;
    let authority = Authority::open(opened.parts).map_err(|e| authority_failure(&e))?;
    let names: Vec<String> =
        authority.hierarchy().cas().iter().map(|ca| ca.record.id.to_string()).collect();
    let verdict = match created.passphrase_is_new && home.kept().is_some() {
        true => format!("{}; passphrase in setca-data/passphrase (0600)", names.join(", ")),
        false => names.join(", "),
    };
    Ok(Told { verdict, expected: names.len() == 5, value: Arc::new(authority) })
}

/// Who may decide on registrations in it.
pub(super) fn operator(home: &Home) -> Result<OperatorHash, Failure> {
    let folder = Folder::at(&home.join("setca-data"));
    Ok(Settings::read(&folder).map_err(|e| data_failure(&e))?.operator)
}

/// The merchant's and the gateway's certificates, issued without a registration.
pub(super) fn by_hand(authority: &Authority) -> Result<Told<Vec<Holder>>, Failure> {
    let orders = [
        ("merchant-signature", Role::Merchant, KeyUse::MessageSignature),
        ("merchant-encryption", Role::Merchant, KeyUse::Encryption),
        ("gateway-signature", Role::Gateway, KeyUse::MessageSignature),
        ("gateway-encryption", Role::Gateway, KeyUse::Encryption),
    ];
    let mut holders = Vec::new();
    for (name, role, key_use) in orders {
        let (issuing, common_name) = match role {
            Role::Merchant => (Role::Mca, "Daves Shop"),
            _ => (Role::Pca, "411111:0001"),
        };
        let hierarchy = authority.hierarchy();
        let ca = hierarchy
            .serving(BRAND, issuing)
            .ok_or_else(|| Failure::refused(format!("the hierarchy has no {issuing}")))?;
        let algorithm = match key_use {
            KeyUse::Encryption => KeyAlgorithm::Rsa(3072),
            _ => KeyAlgorithm::EcP256,
        };
        let key = PrivateKey::generate(algorithm, &SystemRandom)
            .map_err(|e| Failure::outside(chain(&e)))?;
        let order = DirectOrder {
            ca: &ca.record.id,
            role,
            key_use,
            spki: key.spki_der(),
            institution: "Example Acquirer",
            country: "US",
            common_name,
            merchant_data: if role == Role::Merchant { merchant_data() } else { None },
        };
        let der = authority.issue_direct(&order).map_err(|e| authority_failure(&e))?;
        let certificate = Cert::from_der(&der)
            .map_err(|e| Failure::refused(format!("{name} is no certificate: {e}")))?;
        let purpose = match key_use {
            KeyUse::Encryption => Purpose::Encryption,
            _ => Purpose::MessageSignature,
        };
        holders.push(Holder { name, role, purpose, certificate });
    }
    let verdict = "four certificates: signature and encryption for each".to_owned();
    Ok(Told { verdict, expected: true, value: holders })
}

/// Revokes a merchant's certificate and publishes what says so.
pub(super) fn revoke(authority: &Authority, holder: &Holder) -> Result<Told<()>, Failure> {
    let mca = id_of(authority, Role::Mca)?;
    let serial = SerialNumber::from_octets(holder.certificate.serial())
        .ok_or_else(|| Failure::refused("the merchant's serial number is not one of ours"))?;
    authority
        .revoke(&mca, &serial, RevocationReason::KeyCompromise)
        .map_err(|e| authority_failure(&e))?;
    let crl = authority
        .publish_after_revocation(&mca)
        .map_err(|e| authority_failure(&e))?
        .ok_or_else(|| Failure::refused(format!("{mca} issues no CRL")))?;
    let verdict = format!("{serial}, keyCompromise; CRL {} of {mca} published", crl.number);
    Ok(Told { verdict, expected: crl.number == 2, value: () })
}

/// Identifier of the CA with a role.
pub(super) fn id_of(authority: &Authority, role: Role) -> Result<CaId, Failure> {
    let hierarchy = authority.hierarchy();
    let ca = hierarchy.serving(BRAND, role);
    let missing = || Failure::refused(format!("the hierarchy has no {role}"));
    ca.map(|ca| ca.record.id.clone()).ok_or_else(missing)
}

/// Certificate-signing certificate of the CA with a role.
pub(super) fn signing(authority: &Authority, role: Role) -> Result<Cert, Failure> {
    let hierarchy = authority.hierarchy();
    let ca = hierarchy.cas().iter().find(|ca| ca.record.roles.contains(&role));
    let held = ca.and_then(|ca| ca.held(KeyUse::CertificateSigning));
    let missing = || Failure::refused(format!("the hierarchy has no {role}"));
    held.map(|held| held.certificate.clone()).ok_or_else(missing)
}

fn merchant_data() -> Option<MerchantData> {
    Some(MerchantData {
        mer_id: MerchantId::new("MERCHANT01").ok()?,
        mer_acquirer_bin: Bin::new("411111").ok()?,
        mer_name_seq: vec![MerName {
            language: None,
            name: SetString::new("Daves Shop").ok()?,
            city: SetString::new("Eketahuna").ok()?,
            state_province: None,
            postal_code: None,
            country_name: SetString::new("New Zealand").ok()?,
        }],
        mer_country: 554,
        mer_auth_flag: true,
    })
}
