//! A form of `policies/` as it travels: RegFormData, or the referral where there is none.

use super::Error;
use crate::profile::{FormChoice, FormField, ReferralText};
use crate::wire::{
    FieldLen, NonEmpty, PolicyText, ReferralData, RegField, RegFormData, RegFormOrReferral,
    RegTemplate, SetString, Url, ValueError,
};

/// The form that was chosen in its language, or a referral (spec `set-messages.md` §2.7).
///
/// Bounds were checked when the policies were loaded, so an error here is theirs.
pub(super) fn offer(
    choice: Option<&FormChoice<'_>>,
    referral: Option<&ReferralText>,
) -> Result<RegFormOrReferral, Error> {
    let offered = match choice {
        Some(choice) => form(choice).map(RegFormOrReferral::Form),
        None => referral_data(referral).map(RegFormOrReferral::Referral),
    };
    offered.map_err(odd)
}

/// acctDataField: the label under which a merchant or gateway names its account, if the form asks
/// for it (spec `set-messages.md` §2.4).
pub(super) fn account_field(choice: Option<&FormChoice<'_>>) -> Result<Option<RegField>, Error> {
    let account = choice.and_then(|choice| choice.text.account.as_ref());
    account.map(field).transpose().map_err(odd)
}

fn odd(fault: ValueError) -> Error {
    Error::Policy(format!("registration form: {fault}"))
}

fn form(choice: &FormChoice<'_>) -> Result<RegFormData, ValueError> {
    let text = choice.text;
    let fields = text.fields.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok(RegFormData {
        reg_template: Some(RegTemplate {
            reg_form_id: choice.form.id,
            brand_logo_url: text.brand_logo_url.as_deref().map(Url::new).transpose()?,
            card_logo_url: text.card_logo_url.as_deref().map(Url::new).transpose()?,
            reg_field_seq: if fields.is_empty() { None } else { Some(NonEmpty::new(fields)?) },
        }),
        policy: PolicyText::new(&text.policy_text)?,
    })
}

fn field(field: &FormField) -> Result<RegField, ValueError> {
    let labels = field.names.iter().map(|label| SetString::new(label));
    Ok(RegField {
        field_id: field.field_id,
        field_name: NonEmpty::new(labels.collect::<Result<_, _>>()?)?,
        field_desc: field.description.as_deref().map(SetString::new).transpose()?,
        field_len: FieldLen::new(field.max_len)?,
        field_required: field.required,
        field_invisible: field.invisible,
    })
}

/// No form for this brand, BIN and type: whom to ask is the brand's to say.
fn referral_data(text: Option<&ReferralText>) -> Result<ReferralData, ValueError> {
    let Some(text) = text else {
        let reason = Some(SetString::new(REFERRAL)?);
        return Ok(ReferralData { reason, referral_url_seq: None });
    };
    let urls: Vec<Url> = text.urls.iter().map(|url| Url::new(url)).collect::<Result<_, _>>()?;
    Ok(ReferralData {
        reason: text.reason.as_deref().map(SetString::new).transpose()?,
        referral_url_seq: if urls.is_empty() { None } else { Some(NonEmpty::new(urls)?) },
    })
}

/// Shown to the requester where the brand says nothing, so it names what to do.
const REFERRAL: &str = "This account is not registered here. Please ask your bank.";
