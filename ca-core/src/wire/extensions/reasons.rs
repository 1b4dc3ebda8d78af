//! ReasonFlags.

use core::fmt;

use x509_cert::ext::pkix::crl::dp::ReasonFlags;

/// A set of revocation reasons (RFC 5280 §4.2.1.13).
///
/// ```text
/// ReasonFlags ::= BIT STRING { unused (0), keyCompromise (1), cACompromise (2),
///     affiliationChanged (3), superseded (4), cessationOfOperation (5), certificateHold (6),
///     privilegeWithdrawn (7), aACompromise (8) }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReasonSet(u16);

impl ReasonSet {
    /// No reason.
    pub const NONE: Self = Self(0);
    /// Every reason: bits 1 to 8.
    pub const ALL: Self = Self(0x1fe);

    /// The reasons whose bit is set: bit 1 is keyCompromise. Other bits mean nothing.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The reasons that are in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The reasons that are in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The reasons that are not in it.
    #[must_use]
    pub const fn others(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    /// True if every reason of `other` is in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub(super) fn of(flags: ReasonFlags) -> Self {
        Self::from_bits(flags.bits())
    }

    pub(super) fn flags(self) -> ReasonFlags {
        ReasonFlags::new_truncated(self.0)
    }
}

/// `keyCompromise, superseded`, as RFC 5280 names the bits.
impl fmt::Display for ReasonSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = NAMES.iter().filter(|(bit, _)| self.0 & (1 << bit) != 0);
        for (index, (_, name)) in set.enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name}")?;
        }
        Ok(())
    }
}

const NAMES: [(u32, &str); 8] = [
    (1, "keyCompromise"),
    (2, "cACompromise"),
    (3, "affiliationChanged"),
    (4, "superseded"),
    (5, "cessationOfOperation"),
    (6, "certificateHold"),
    (7, "privilegeWithdrawn"),
    (8, "aACompromise"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_named_in_the_order_of_their_bits() {
        let some = ReasonSet::from_bits(0b1_0000_0011);
        assert_eq!(some.to_string(), "keyCompromise, aACompromise");
        assert!(ReasonSet::ALL.contains(some) && !some.contains(ReasonSet::ALL));
    }

    #[test]
    fn some_reasons_and_the_others_are_all() {
        let some = ReasonSet::from_bits(0b110);
        assert_eq!(some.or(some.others()), ReasonSet::ALL);
        assert_eq!(some.and(some.others()), ReasonSet::NONE);
    }
}
