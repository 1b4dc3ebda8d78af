//! A form of `policies/` as it travels: RegFormData, or the referral where there is none.

use super::Error;
use crate::profile::{FormChoice, FormField};
use crate::wire::{
    FieldLen, NonEmpty, PolicyText, ReferralData, RegField, RegFormData, RegFormOrReferral,
    RegTemplate, SetString, Url, ValueError,
};

/// The form that was chosen in its language, or a referral (spec `set-messages.md` §2.7).
///
/// Bounds were checked when the policies were loaded, so an error here is theirs.
pub(super) fn offer(choice: Option<&FormChoice<'_>>) -> Result<RegFormOrReferral, Error> {
    let offered = match choice {
        Some(choice) => form(choice).map(RegFormOrReferral::Form),
        None => referral().map(RegFormOrReferral::Referral),
    };
    offered.map_err(|fault| Error::Policy(format!("registration form: {fault}")))
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

/// No form for this brand, BIN and type: who to ask is the bank's to say.
fn referral() -> Result<ReferralData, ValueError> {
    Ok(ReferralData { reason: Some(SetString::new(REFERRAL)?), referral_url_seq: None })
}

/// Shown to the cardholder, so it names what to do.
const REFERRAL: &str = "This card is not registered here. Please ask the bank that issued it.";
