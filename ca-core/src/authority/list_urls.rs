//! Where the lists of a CA are, as certificates and lists name them.

use super::Parts;
use crate::issue::{CrlLocation, Locations, shard_url};
use crate::profile::{Division, Role};
use crate::store::{CaId, CaRecord, Shard};

/// URLs that `issuer` writes into what it issues now; `role` is that of its lists.
pub(super) fn locations(parts: &Parts, issuer: &CaId, role: Role) -> Locations {
    let base_url = &parts.base_url;
    let division = parts.policies.lists().division(role);
    Locations {
        crl: match division {
            Division::Shards(of) => CrlLocation::Shards { prefix: prefix(base_url, issuer), of },
            Division::Deltas(_) | Division::Whole => {
                CrlLocation::Whole(format!("{base_url}/crl/{issuer}.crl"))
            }
        },
        delta_url: matches!(division, Division::Deltas(_)).then(|| delta_url(parts, issuer)),
        ocsp_url: format!("{base_url}/ocsp"),
        ca_issuers_url: format!("{base_url}/ca/{issuer}.cer"),
    }
}

/// The delta CRL of a CA.
pub(super) fn delta_url(parts: &Parts, ca: &CaId) -> String {
    format!("{}/delta.crl", prefix(&parts.base_url, ca))
}

/// One shard of a CA.
pub(super) fn url_of_shard(parts: &Parts, ca: &CaId, shard: Shard) -> String {
    shard_url(&prefix(&parts.base_url, ca), shard)
}

/// Of the roles of a CA the one whose lists it has.
pub(super) fn role_of_lists(ca: &CaRecord) -> Role {
    ca.roles.first().copied().unwrap_or(Role::Rca)
}

fn prefix(base_url: &str, ca: &CaId) -> String {
    format!("{base_url}/crl/{ca}")
}
