//! Registration forms as they are given out.

use const_oid::ObjectIdentifier;

use super::Role;
use super::bins::BinRange;
use super::brand::TEMPLATE;
use super::local_text::{language_eq, primary_subtag};

/// A registration form (spec `set-messages.md` §2.7): one per brand, role, BINs and request types.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistrationForm {
    /// regFormID, never zero (decisions.md 4).
    pub id: u64,
    /// BrandID, or `*` for every brand.
    pub brand: String,
    /// Role of those who fill it in.
    pub role: Role,
    /// RequestType numbers it answers.
    pub request_types: Vec<u8>,
    /// The form in each of its languages.
    pub texts: Vec<FormText>,
    /// None: every BIN.
    pub(super) bins: Option<Vec<BinRange>>,
}

impl RegistrationForm {
    /// The form in this language, compared as RFC 1766 tags are: without regard to case.
    #[must_use]
    pub fn text(&self, language: &str) -> Option<&FormText> {
        self.texts.iter().find(|text| language_eq(&text.language, language))
    }

    /// The form in the language asked for: exact tag, primary subtag, the brand's default (spec
    /// `set-messages.md` §4.4).
    #[must_use]
    pub fn text_or_default(&self, language: &str, default: &str) -> Option<&FormText> {
        let primary = primary_subtag(language);
        self.text(language).or_else(|| self.text(primary)).or_else(|| self.text(default))
    }

    /// True if the form is meant for this request.
    pub(super) fn serves(&self, query: &FormQuery<'_>) -> bool {
        (self.brand == query.brand || self.brand == TEMPLATE)
            && self.role == query.role
            && self.request_types.contains(&query.request_type)
            && self.ranges().iter().any(|range| range.contains(query.bin))
    }

    /// A form for the brand goes before one for all, a form for BINs before one for all.
    pub(super) fn precedence(&self) -> (bool, bool) {
        (self.brand != TEMPLATE, self.bins.is_some())
    }

    pub(super) fn ranges(&self) -> &[BinRange] {
        self.bins.as_deref().unwrap_or(&[BinRange::ALL])
    }
}

/// A form in one language.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FormText {
    /// RFC 1766 tag.
    pub language: String,
    /// PolicyText: must be shown, the requester must agree.
    pub policy_text: String,
    /// The fields in the order of the form, 1 to 49.
    pub fields: Vec<FormField>,
    /// acctDataField: the label under which a merchant or gateway names its account, if it is asked
    /// to (spec `set-messages.md` §2.4); [`FormField::max_len`] is at most 74.
    pub account: Option<FormField>,
    /// brandLogoURL.
    pub brand_logo_url: Option<String>,
    /// cardLogoURL of the form; an issuer may have its own.
    pub card_logo_url: Option<String>,
}

/// A field in one language: RegField (spec `set-messages.md` §2.7).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FormField {
    /// fieldId: what the field means, for software.
    pub field_id: Option<ObjectIdentifier>,
    /// fieldName: labels, several wordings of one field.
    pub names: Vec<String>,
    /// fieldDesc: help text.
    pub description: Option<String>,
    /// fieldLen: most characters of the answer.
    pub max_len: u16,
    /// fieldRequired.
    pub required: bool,
    /// fieldInvisible: not shown; filled by software or left empty.
    pub invisible: bool,
}

/// What decides which form is given out.
#[derive(Clone, Copy, Debug)]
pub struct FormQuery<'a> {
    /// BrandID.
    pub brand: &'a str,
    /// Who registers.
    pub role: Role,
    /// First six digits of the account number, or the acquirer's BIN.
    pub bin: &'a str,
    /// RFC 1766 tag asked for.
    pub language: &'a str,
    /// RequestType number.
    pub request_type: u8,
}

/// The form to give out.
#[derive(Clone, Copy, Debug)]
pub struct FormChoice<'a> {
    /// The form.
    pub form: &'a RegistrationForm,
    /// The form in [`Self::language`].
    pub text: &'a FormText,
    /// The language really used.
    pub language: &'a str,
}
