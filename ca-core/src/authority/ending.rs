//! What of the hierarchy ends soon: an operator who hears of it in time renews, one who does not
//! has a CA that must not sign.

use core::fmt;

use super::{Ca, Held, Hierarchy};
use crate::UnixTime;
use crate::profile::KeyUse;
use crate::store::CaId;
use crate::wire::extensions::{ExtensionValue as _, PrivateKeyUsagePeriod};

/// A certificate in force whose key may sign for a short time only, or not any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ending {
    /// Whose.
    pub ca: CaId,
    /// What the key is for.
    pub key_use: KeyUse,
    /// Last second of the private key usage period, or of the certificate where that is earlier.
    pub at: UnixTime,
    /// True if it has passed.
    pub over: bool,
    root: bool,
}

impl Hierarchy {
    /// Everything that ends within [`WARNED_DAYS`] or has ended, in the order of the hierarchy.
    #[must_use]
    pub fn endings(&self, now: UnixTime) -> Vec<Ending> {
        let one = |ca: &Ca, key_use| {
            let at = last_second(&ca.held(key_use)?);
            let (id, root) = (ca.record.id.clone(), ca.record.superior.is_none());
            (at <= now.plus_days(WARNED_DAYS)).then(|| Ending {
                ca: id,
                key_use,
                at,
                over: at < now,
                root,
            })
        };
        let all = self.cas().iter().flat_map(|ca| USES.map(|key_use| one(ca, key_use)));
        all.flatten().collect()
    }
}

/// `sample-cca: its message-signature key may sign until …: setca ca renew …`.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ca, key_use, at, .. } = self;
        let until = if self.over { "must not be used since" } else { "may be used until" };
        write!(f, "{ca}: its {key_use} key {until} {at}: ")?;
        if self.root && *key_use == KeyUse::CertificateSigning {
            return f.write_str("setca ca rollover root");
        }
        write!(f, "setca ca renew {ca} --key-use {key_use}, or rollover")
    }
}

/// The key of a certificate without a usage period is used as long as the certificate lives.
pub(super) fn last_second(held: &Held<'_>) -> UnixTime {
    let period = PrivateKeyUsagePeriod::find(held.certificate).ok().flatten();
    let until = period.and_then(|period| period.not_after);
    let not_after = held.certificate.not_after();
    until.map_or(not_after, |until| until.min(not_after))
}

const USES: [KeyUse; 4] =
    [KeyUse::CertificateSigning, KeyUse::MessageSignature, KeyUse::Encryption, KeyUse::OcspSigning];

/// Days before its end in which an ending is told.
pub const WARNED_DAYS: u32 = 30;
