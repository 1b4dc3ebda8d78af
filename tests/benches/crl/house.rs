//! A CA with an RSA-3072 key, and what it revokes.

use anyhow::{Context as _, Result};
use ca_core::issue::{CrlKind, CrlOrder, prepare_crl};
use ca_core::signer::{KeyId, PrivateKey, SignatureAlgorithm, SoftwareKeys};
use ca_core::status::StatusIndex;
use ca_core::store::{CaId, Revocation, RevocationReason, SerialNumber, Standing, Status};
use ca_core::wire::Cert;
use ca_core::{Octets, Suite, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, KeyPair, KeyUsagePurpose,
    RsaKeySize,
};

/// The CA.
pub(crate) struct House {
    certificate: Cert,
    keys: SoftwareKeys,
    key: KeyId,
}

impl House {
    pub(crate) fn new() -> Result<Self> {
        let pair = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072)?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::OrganizationName, "Sample Bank");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let period = CustomExtension::from_oid_content(&PERIOD_OID, PERIOD.to_vec());
        params.custom_extensions = vec![period];
        let certificate = Cert::from_der(params.self_signed(&pair)?.der())?;
        let key = PrivateKey::from_pkcs8(&pair.serialize_der())?;
        let id = key.id();
        Ok(Self { certificate, keys: SoftwareKeys::from_iter([key]), key: id })
    }

    /// Revokes the certificate with a number.
    pub(crate) fn revoke(&self, index: &StatusIndex, number: u64) -> Result<()> {
        let serial = serial(number).context("a serial number")?;
        let revocation = Revocation::new(NOW, RevocationReason::KeyCompromise);
        let status = Status::Revoked { revocation, not_after: NOW.plus_days(365) };
        index.apply(&Standing { issuer: issuer(), serial, status });
        Ok(())
    }

    /// The list of what is revoked.
    pub(crate) fn list(&self, index: &StatusIndex, number: u64) -> Result<Octets> {
        let order = CrlOrder {
            issuer: &self.certificate,
            suite: Suite::Modern,
            algorithm: SignatureAlgorithm::RsaSha256,
            kind: CrlKind::COMPLETE,
            number,
            this_update: NOW,
            next_update: NOW.plus_days(30),
            entries: index.encoded(&issuer(), NOW, Suite::Modern)?,
        };
        Ok(prepare_crl(&order)?.sign(&self.key, &self.keys)?)
    }
}

pub(crate) fn issuer() -> CaId {
    CaId::new("sample-cca").unwrap_or_else(|| unreachable!("a good identifier"))
}

/// Sixteen octets, spread as drawn ones are.
pub(crate) fn serial(number: u64) -> Option<SerialNumber> {
    let spread = u128::from(number).wrapping_mul(SPREAD);
    // Positive, and of one length: the first octet is 0x40 to 0x7f.
    let octets = (spread & !(3 << 126) | 1 << 126).to_be_bytes();
    SerialNumber::from_octets(&octets)
}

/// 2026-11-22.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_352_400);
/// Odd, so that no two numbers share a product.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
/// privateKeyUsagePeriod (RFC 3280 §4.2.1.4), without which no CA of ours signs.
const PERIOD_OID: [u64; 4] = [2, 5, 29, 16];
const PERIOD: &[u8] = b"\x30\x22\x80\x0f20260101000000Z\x81\x0f20360101000000Z";
