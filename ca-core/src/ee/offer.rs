//! What the CA says to the wish for a form: the form, or where else to go (spec `set-messages.md`
//! §2.7).

use super::exchange::Exchange;
use super::wallet::{Labels, Session};
use crate::wire::{Cert, Challenge, IdData, ReferralData, RegField, RegFormData, RequestType};

/// What the CA says to the wish for a form.
#[derive(Clone, Debug)]
pub enum FormAnswer {
    /// It serves this end entity.
    Form(Box<FormOffer>),
    /// It does not: a new run begins elsewhere.
    Referral(Referral),
}

/// A form to fill in and a policy to agree to.
///
/// Stays good for another try when the answers were refused (§4.7 step 10).
#[derive(Clone, Debug)]
pub struct FormOffer {
    pub(super) session: Session,
    pub(super) labels: Labels,
    pub(super) exchange: Exchange,
    pub(super) request_type: RequestType,
    pub(super) id_data: Option<IdData>,
    pub(super) chall_ca: Challenge,
    pub(super) form: RegFormData,
    pub(super) account_field: Option<RegField>,
}

impl FormOffer {
    /// What must be shown, and agreed to before a certificate is requested. Consent has no field on
    /// the wire: the caller records it (decisions.md 32).
    #[must_use]
    pub fn policy(&self) -> &str {
        self.form.policy.as_str()
    }

    /// The fields in order; none if there is no form.
    #[must_use]
    pub fn fields(&self) -> &[RegField] {
        self.form
            .reg_template
            .as_ref()
            .and_then(|template| template.reg_field_seq.as_deref())
            .unwrap_or_default()
    }

    /// How the CA wants the bank account to be asked for, if it does: merchants and gateways
    /// (§2.4).
    #[must_use]
    pub const fn account_field(&self) -> Option<&RegField> {
        self.account_field.as_ref()
    }

    /// Addresses of the logos of brand and card, to be shown with the form.
    #[must_use]
    pub fn logos(&self) -> [Option<&str>; 2] {
        let template = self.form.reg_template.as_ref();
        let brand = template.and_then(|template| template.brand_logo_url.as_ref());
        let card = template.and_then(|template| template.card_logo_url.as_ref());
        [brand, card].map(|url| url.map(|url| url.as_str()))
    }

    /// What is asked for.
    #[must_use]
    pub const fn request_type(&self) -> RequestType {
        self.request_type
    }

    /// The CA's key-exchange certificate: who will read the request.
    #[must_use]
    pub const fn recipient(&self) -> &Cert {
        &self.exchange.recipient
    }

    /// regFormID; 0 is no form (decisions.md 4).
    pub(super) fn form_id(&self) -> u64 {
        self.form.reg_template.as_ref().map_or(NO_FORM, |template| template.reg_form_id)
    }
}

/// Why not here, and where else.
#[derive(Clone, Debug)]
pub struct Referral(ReferralData);

impl Referral {
    /// To be shown.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_ref().map(|reason| reason.as_str())
    }

    /// Other CAs in order of preference; their addresses are not trusted more than this answer.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let urls = self.0.referral_url_seq.as_deref().unwrap_or_default();
        urls.iter().map(|url| url.as_str())
    }
}

impl From<ReferralData> for Referral {
    fn from(data: ReferralData) -> Self {
        Self(data)
    }
}

/// regFormID without a form (decisions.md 4).
const NO_FORM: u64 = 0;
