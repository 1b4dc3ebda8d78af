//! A certificate by the operator's hand: merchants and gateways whose registration is not a
//! message.

use super::issuance::{Entry, locations, profile, record_and_sign, tunneling};
use super::{Authority, Error};
use crate::decide::check_key;
use crate::issue::{CertificateOrder, Issuer, SubjectName, prepare};
use crate::profile::{KeyUse, Role};
use crate::store::CaId;
use crate::wire::extensions::MerchantData;

/// A certificate issued by the operator's hand instead of a registration.
#[derive(Clone, Debug)]
pub struct DirectOrder<'a> {
    /// The issuing CA.
    pub ca: &'a CaId,
    /// Role of the subject: merchant or gateway.
    pub role: Role,
    /// What the key is for.
    pub key_use: KeyUse,
    /// DER SubjectPublicKeyInfo.
    pub spki: &'a [u8],
    /// Name of the acquiring institution: OU.
    pub institution: &'a str,
    /// Its country: ISO 3166 alpha-2.
    pub country: &'a str,
    /// commonName: the merchant as on the statement, or `BIN:identifier` of a gateway.
    pub common_name: &'a str,
    /// merchantData, for merchants.
    pub merchant_data: Option<MerchantData>,
}

impl Authority {
    /// Issues a certificate by the operator's hand: prepared, recorded, signed, recorded.
    ///
    /// # Errors
    /// [`Error::Policy`] if the key or role does not fit, else [`Error`] of the stage that failed.
    pub fn issue_direct(&self, order: &DirectOrder<'_>) -> Result<Vec<u8>, Error> {
        let now = self.parts.clock.now();
        let hierarchy = self.hierarchy();
        let ca = hierarchy
            .ca(order.ca)
            .ok_or_else(|| Error::Hierarchy(format!("there is no CA {}", order.ca)))?;
        let held = ca.need(KeyUse::CertificateSigning)?;
        let rules = profile(&self.parts.policies, order.role, order.key_use)?;
        check_key(order.spki, rules).map_err(|refusal| Error::Policy(refusal.to_string()))?;
        let gateway = order.role == Role::Gateway;
        let prepared = prepare(
            &CertificateOrder {
                profile: rules,
                suite: self.suite(),
                issuer: Issuer {
                    certificate: Some(held.certificate),
                    key: held.key,
                    algorithm: held.algorithm,
                },
                subject: SubjectName {
                    country: order.country.to_owned(),
                    organization: ca.record.brand.clone().unwrap_or_default(),
                    units: vec![order.institution.to_owned()],
                    common_name: Some(order.common_name.to_owned()),
                },
                spki_der: order.spki,
                roles: &[order.role],
                not_before: now,
                not_after_cap: None,
                hashed_root_key: None,
                tunneling: gateway.then(|| tunneling(self.suite())),
                merchant_data: order.merchant_data.clone(),
                // A gateway that takes payments of cardholders without certificates, too, until the
                // acquirer says otherwise (spec `set-certificates.md` §3.10).
                card_cert_required: gateway.then_some(false),
                set_extensions: None,
                locations: Some(&locations(&self.parts.base_url, &ca.record.id)),
            },
            self.parts.random.as_ref(),
        )?;
        let entry = Entry {
            issuer: &ca.record.id,
            key: held.key,
            role: order.role,
            key_use: order.key_use,
            brand: ca.record.brand.as_deref(),
            request: None,
            renews: None,
            now,
        };
        let issued = record_and_sign(&self.parts, entry, prepared)?;
        self.parts.store.record_issued(std::slice::from_ref(&issued), None)?;
        Ok(issued.der)
    }
}
