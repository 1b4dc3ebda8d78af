//! Cards, merchants, gateways and form answers to measure with.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use ca_core::UnixTime;
use ca_core::ee::{FormOffer, PanData};
use ca_core::profile::Role;
use ca_core::wire::{
    AcquirerId, Bin, CardExpiry, IdData, MerchantAcquirerId, MerchantId, NumericString, Pan,
};

/// Every required field answered, none of the others.
pub(crate) fn answers(form: &FormOffer) -> Vec<(String, String)> {
    let required = form.fields().iter().filter(|field| field.field_required);
    required
        .filter_map(|field| field.field_name.first())
        .map(|label| (label.as_str().to_owned(), "Ada Lovelace".to_owned()))
        .collect()
}

/// A card of its own for each registration, with a good check digit, good for two years.
pub(crate) fn card(now: UnixTime) -> Result<PanData> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let digits = with_check_digit(&format!("411111{number:09}"));
    let year: u16 = now.to_string().get(..4).unwrap_or_default().parse()?;
    Ok(PanData { pan: Pan::new(&digits)?, expiry: CardExpiry::new(year + 2, 12)? })
}

/// A customer of "Example Acquirer", which decides at once.
pub(crate) fn identity(role: Role) -> Result<IdData> {
    let bin = Bin::new("490000")?;
    Ok(match role {
        Role::Merchant => IdData::Merchant(MerchantAcquirerId {
            merchant_bin: bin,
            merchant_id: MerchantId::new("MERCHANT01")?,
        }),
        _ => IdData::Acquirer(AcquirerId {
            acquirer_bin: bin,
            acquirer_business_id: Some(NumericString::new("4711")?),
        }),
    })
}

/// The number with the digit that makes it pass ISO/IEC 7812-1 annex B.
fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
