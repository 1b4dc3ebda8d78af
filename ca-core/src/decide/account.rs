//! Rules on the account: number, BIN, expiry (spec `set-messages.md` §4.6 steps 11 and 15).

use subtle::ConstantTimeEq as _;

use super::Refusal;
use crate::UnixTime;
use crate::profile::Role;
use crate::wire::AcctInfo;

/// Month in which a card expires.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ExpiryMonth {
    /// Year, four digits.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
}

/// The account data is of the alternative that was asked for (§4.6 step 1a): a card of a
/// cardholder, who always names one, and an account, if any, of a merchant or gateway.
///
/// # Errors
/// [`Refusal::AccountUnreadable`] for the other alternative, [`Refusal::AccountMissing`].
pub const fn check_account_kind(role: Role, account: Option<&AcctInfo>) -> Result<(), Refusal> {
    match (role, account) {
        (Role::Cardholder, None) => Err(Refusal::AccountMissing),
        (Role::Cardholder, Some(AcctInfo::AcctData(_)))
        | (Role::Merchant | Role::Gateway, Some(AcctInfo::PanData0(_))) => {
            Err(Refusal::AccountUnreadable)
        }
        _ => Ok(()),
    }
}

/// Check digit, BIN and expiry of an account; returns the last second of the card.
///
/// `bin_served` is what the brand's rules say of the BIN.
///
/// # Errors
/// [`Refusal::PanCheckDigit`], [`Refusal::PanBin`], [`Refusal::CardExpired`].
pub fn check_account(
    pan: &str,
    expiry: ExpiryMonth,
    bin_served: bool,
    now: UnixTime,
) -> Result<UnixTime, Refusal> {
    // ISO/IEC 7812-1 annex B: the last digit makes the doubled sum divisible by ten.
    if !passes_luhn(pan) {
        return Err(Refusal::PanCheckDigit);
    }
    if !bin_served {
        return Err(Refusal::PanBin(pan.get(..BIN_DIGITS).unwrap_or_default().to_owned()));
    }
    // A certificate must not outlive the card (SET Book 2, certificate validity).
    let end = UnixTime::end_of_month(expiry.year, expiry.month);
    let end = end.ok_or(Refusal::AccountUnreadable)?;
    check_card_lives(end, now)?;
    Ok(end)
}

/// The card whose last second is `expiry` has not ended: asked again when a request was kept open.
///
/// # Errors
/// [`Refusal::CardExpired`].
pub fn check_card_lives(expiry: UnixTime, now: UnixTime) -> Result<(), Refusal> {
    if expiry <= now { Err(Refusal::CardExpired { expiry, now }) } else { Ok(()) }
}

/// The account of the CertReq is that of the form run (decisions.md 17).
///
/// # Errors
/// [`Refusal::PanBin`] for another BIN, [`Refusal::PanChanged`] for another number of the same.
pub fn check_same_account(
    form_bin: &str,
    form_hash: &[u8; 32],
    bin: &str,
    hash: &[u8; 32],
) -> Result<(), Refusal> {
    if form_bin != bin {
        return Err(Refusal::PanBin(bin.to_owned()));
    }
    if !bool::from(form_hash.ct_eq(hash)) {
        return Err(Refusal::PanChanged);
    }
    Ok(())
}

/// True for digits that end in their check digit, eight of them at least (ISO/IEC 7812-1 annex B).
#[must_use]
pub fn passes_luhn(pan: &str) -> bool {
    let mut sum = 0_u32;
    for (position, digit) in pan.chars().rev().enumerate() {
        let Some(value) = digit.to_digit(10) else {
            return false;
        };
        let doubled = if position % 2 == 1 { value * 2 } else { value };
        sum += if doubled > 9 { doubled - 9 } else { doubled };
    }
    pan.len() >= SHORTEST_PAN && sum.is_multiple_of(10)
}

/// Digits of a BIN (spec `set-messages.md` §1.3).
const BIN_DIGITS: usize = 6;
/// ISO/IEC 7812-1: six digits of the issuer, one at least of the account, the check digit.
const SHORTEST_PAN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000); // 2027-01-15
    const GOOD: ExpiryMonth = ExpiryMonth { year: 2027, month: 1 };

    #[test]
    fn a_wrong_check_digit_is_refused() {
        assert!(check_account("4111111111111111", GOOD, true, NOW).is_ok());
        assert_eq!(check_account("4111111111111112", GOOD, true, NOW), Err(Refusal::PanCheckDigit));
        assert_eq!(check_account("0", GOOD, true, NOW), Err(Refusal::PanCheckDigit));
    }

    #[test]
    fn a_bin_that_is_not_served_is_refused_by_its_digits_alone() {
        assert_eq!(
            check_account("4111111111111111", GOOD, false, NOW),
            Err(Refusal::PanBin("411111".to_owned()))
        );
    }

    #[test]
    fn the_card_is_good_to_the_last_second_of_its_month() {
        let end = UnixTime::parse_rfc3339("2027-01-31T23:59:59Z").unwrap();
        assert_eq!(check_account("4111111111111111", GOOD, true, NOW), Ok(end));
        let past = ExpiryMonth { year: 2026, month: 12 };
        assert!(matches!(
            check_account("4111111111111111", past, true, NOW),
            Err(Refusal::CardExpired { .. })
        ));
    }

    #[test]
    fn another_number_of_the_same_bin_is_told_from_another_bin() {
        let (one, two) = ([1; 32], [2; 32]);
        assert_eq!(check_same_account("411111", &one, "411111", &one), Ok(()));
        assert_eq!(check_same_account("411111", &one, "411111", &two), Err(Refusal::PanChanged));
        assert_eq!(
            check_same_account("411111", &one, "511111", &one),
            Err(Refusal::PanBin("511111".to_owned()))
        );
    }
}
