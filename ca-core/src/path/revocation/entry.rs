//! What a list says of one certificate.

use super::{REMOVE_FROM_CRL, same_name};
use crate::path::checks::Step;
use crate::path::signatures::Work;
use crate::wire::{Crl, RevokedInfo};

/// An entry, or none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Listed {
    /// Not listed, or only from a later time on.
    No,
    /// A hold was lifted.
    Removed,
    /// Not known: the budget ended before every entry of its serial number was looked at.
    Unread,
    /// Listed as revoked.
    Yes(RevokedInfo),
}

impl Listed {
    /// What `crl` says of the certificate. An indirect CRL may list its serial number for several
    /// issuers: each name that must be compared costs a state.
    pub(super) fn of(crl: &Crl, step: &Step<'_, '_>, work: &mut Work) -> Self {
        let certificate = step.node.certificate;
        let issuer = certificate.issuer_der();
        let mut found = Self::No;
        for entry in crl.entries_of(certificate.serial()) {
            if entry.issuer != issuer {
                if !work.spend_states(1) {
                    return Self::Unread;
                }
                if !same_name(entry.issuer, issuer) {
                    continue;
                }
            }
            if entry.info.reason == Some(REMOVE_FROM_CRL) {
                found = Self::Removed;
            } else if entry.info.at <= step.settings.at {
                return Self::Yes(entry.info);
            }
        }
        found
    }
}
