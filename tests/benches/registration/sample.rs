//! Cards, merchants and form answers to measure with.

use anyhow::Result;
use ca_core::ee::FormOffer;
use ca_core::wire::extensions::{MerName, MerchantData};
use ca_core::wire::{Bin, MerchantId, SetString};

/// Every required field answered, none of the others.
pub(crate) fn answers(form: &FormOffer) -> Vec<(String, String)> {
    let required = form.fields().iter().filter(|field| field.field_required);
    required
        .filter_map(|field| field.field_name.first())
        .map(|label| (label.as_str().to_owned(), "Ada Lovelace".to_owned()))
        .collect()
}

/// The number with the digit that makes it pass ISO/IEC 7812-1 annex B.
pub(crate) fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// A merchant's data.
pub(crate) fn merchant_data() -> Result<MerchantData> {
    Ok(MerchantData {
        mer_id: MerchantId::new("MERCHANT01")?,
        mer_acquirer_bin: Bin::new("411111")?,
        mer_name_seq: vec![MerName {
            language: None,
            name: SetString::new("Daves Shop")?,
            city: SetString::new("Eketahuna")?,
            state_province: None,
            postal_code: None,
            country_name: SetString::new("New Zealand")?,
        }],
        mer_country: 554,
        mer_auth_flag: true,
    })
}
