//! What a merchant or a payment gateway is granted (spec `set-certificates.md` §2.1, §3.9, §3.10).

use super::cert_req::Backing;
use super::fault::Fault;
use super::form_answer::AnsweredForm;
use super::grant::{GatewayTerms, Grant, GrantedKey, Reply};
use super::{Authority, Error};
use crate::decide::{Refusal, common_name};
use crate::hex;
use crate::issue::SubjectName;
use crate::profile::{AcquirerRules, Role};
use crate::store::Registration;
use crate::wire::extensions::{MerName, MerchantData};
use crate::wire::{Bin, Language, MerchantId, SetString, ValueError, oids};

impl Authority {
    /// The acquirer is served: whatever certificates and answer are made of.
    ///
    /// `backing` is the certificate that signed the request, if one did.
    pub(super) fn me_aq_grant(
        &self,
        registration: &Registration,
        keys: Vec<GrantedKey>,
        form: &AnsweredForm<'_>,
        backing: Option<&Backing>,
    ) -> Result<Grant, Fault> {
        let bin = registration.bin.as_deref().unwrap_or_default();
        let acquirer = self.brand_rules(&registration.brand)?.acquirer_for_bin(bin);
        let acquirer = acquirer.ok_or_else(|| Refusal::PanBin(bin.to_owned()))?;
        let (common_name, merchant_data, gateway_terms) = if registration.role == Role::Gateway {
            let name = self.gateway_name(registration, backing)?;
            (name, None, Some(terms(acquirer)))
        } else {
            let name = answer(form, oids::FIELD_FULL_NAME)?;
            let data = merchant_data(registration, form, acquirer)?;
            (name.to_owned(), Some(data), None)
        };
        Ok(Grant {
            role: registration.role,
            keys,
            subject: SubjectName {
                country: acquirer.country.clone(),
                organization: registration.brand.clone(),
                units: vec![acquirer.name.clone()],
                common_name: Some(common_name),
            },
            not_after_cap: None,
            merchant_data,
            gateway_terms,
            answers: form.listed(),
            reply: Reply::default(),
        })
    }

    /// `BIN:identifier` (spec `set-certificates.md` §2.1): the number that the acquirer gave the
    /// gateway, or one that is drawn once and kept by whatever builds on the certificate.
    fn gateway_name(
        &self,
        registration: &Registration,
        backing: Option<&Backing>,
    ) -> Result<String, Error> {
        let bin = registration.bin.as_deref().unwrap_or_default();
        if let Some(identifier) = &registration.business_id {
            return Ok(format!("{bin}:{identifier}"));
        }
        if let Some(name) = backing.and_then(|backing| common_name(&backing.certificate)) {
            return Ok(name);
        }
        let mut identifier = [0; IDENTIFIER_OCTETS];
        self.parts.random.fill(&mut identifier)?;
        Ok(format!("{bin}:{}", hex(&identifier)))
    }
}

/// merchantData from the form, in its language, and from the acquirer's entry (decisions.md 24).
fn merchant_data(
    registration: &Registration,
    form: &AnsweredForm<'_>,
    acquirer: &AcquirerRules,
) -> Result<MerchantData, Error> {
    let language = &form.text.language;
    let name = answer(form, oids::FIELD_FULL_NAME)?;
    let city = answer(form, oids::FIELD_PLACE_NAME)?;
    let build = || -> Result<MerchantData, ValueError> {
        Ok(MerchantData {
            mer_id: MerchantId::new(registration.business_id.as_deref().unwrap_or_default())?,
            mer_acquirer_bin: Bin::new(registration.bin.as_deref().unwrap_or_default())?,
            mer_name_seq: vec![MerName {
                language: Some(Language::new(language)?),
                name: SetString::new(name)?,
                city: SetString::new(city)?,
                state_province: None,
                postal_code: None,
                country_name: SetString::new(acquirer.country_name.in_language(language))?,
            }],
            mer_country: acquirer.country_number,
            mer_auth_flag: acquirer.auth_flag,
        })
    };
    build().map_err(|fault| Error::Policy(format!("merchantData: {fault}")))
}

fn terms(acquirer: &AcquirerRules) -> GatewayTerms {
    GatewayTerms {
        card_cert_required: acquirer.card_cert_required,
        set_extensions: acquirer.set_extensions.clone(),
    }
}

/// The answer to a field that each form for merchants has and requires.
fn answer<'a>(
    form: &'a AnsweredForm<'_>,
    field_id: const_oid::ObjectIdentifier,
) -> Result<&'a str, Error> {
    form.answer(field_id)
        .ok_or_else(|| Error::Policy(format!("the form does not ask for {field_id}")))
}

/// 64 bits are enough to tell the gateways of one acquirer apart.
const IDENTIFIER_OCTETS: usize = 8;
