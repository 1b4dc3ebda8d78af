//! Bank identification numbers: the first six digits of an account number, alone or as a range.

use core::fmt;

use toml::Spanned;

use super::error::{BIN, PolicyError};
use super::source::Source;

/// BINs from `first` to `last`, both included; written `411111` or `550000-550099`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct BinRange {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl BinRange {
    /// Every BIN there is.
    pub(super) const ALL: Self = Self { first: 0, last: 999_999 };

    /// Reads six digits, or a range of two.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let range = Self { first: six_digits(first)?, last: six_digits(last)? };
        (range.first <= range.last).then_some(range)
    }

    /// True if `bin` is six digits within the range.
    #[must_use]
    pub fn contains(self, bin: &str) -> bool {
        six_digits(bin).is_some_and(|bin| self.first <= bin && bin <= self.last)
    }

    /// True if a BIN lies in both.
    pub(super) const fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl fmt::Display for BinRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first:06}") } else { write!(f, "{first:06}-{last:06}") }
    }
}

/// Reads `"411111"` and `"550000-550099"`.
pub(super) fn read_bins(
    bins: &[Spanned<String>],
    source: &Source<'_>,
) -> Result<Vec<BinRange>, PolicyError> {
    let read = |text: &Spanned<String>| {
        BinRange::parse(text.get_ref()).ok_or_else(|| {
            let message =
                format!("`{}`; write six digits or a range 411100-411199", text.get_ref());
            source.refuse(text, BIN, message)
        })
    };
    bins.iter().map(read).collect()
}

/// set-messages.md §1.3: BIN is NumericString SIZE(6) [R-H].
fn six_digits(text: &str) -> Option<u32> {
    let digits = text.len() == 6 && text.bytes().all(|octet| octet.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_both_of_its_ends_and_nothing_beyond() {
        let range = BinRange::parse("550000-550099").unwrap();
        assert!(range.contains("550000") && range.contains("550099"));
        assert!(!range.contains("549999") && !range.contains("550100"));
    }

    #[test]
    fn a_range_is_written_as_it_is_read() {
        for text in ["004111", "411111", "000000-550099"] {
            assert_eq!(BinRange::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_six_digits_is_in_no_range() {
        for bin in ["", "41111", "4111111", "41111a", "+41111", "４１１１１１"] {
            assert!(!BinRange::ALL.contains(bin), "{bin}");
            assert_eq!(BinRange::parse(bin), None, "{bin}");
        }
        assert_eq!(BinRange::parse("411199-411100"), None);
    }
}
