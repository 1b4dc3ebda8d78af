//! DSA keys that have the parameters of the CA above them (RFC 5280 §6.1.4 (d)-(f)).

use super::pool::{Id, Pool};
use super::signatures::{Outcome, Work};
use crate::signer::PublicKey;

/// Gives DSA keys without parameters those of an issuer whose key verifies their certificate.
///
/// Paths are built from the leaf upwards, so these keys must verify before it is known which
/// issuer stands above them. Somebody might publish a certificate in the name of that issuer with
/// parameters of his own making: `check_dsa_key` compares what is chosen here with the path.
pub(super) fn hand_down(pool: &mut Pool<'_>, work: &mut Work) {
    let lacking: Vec<Id> =
        pool.ids().filter(|id| lacks_parameters(pool, *id)).take(MAX_INHERITING).collect();
    // Each round reaches one CA further down.
    for _ in 0..lacking.len() {
        let found: Vec<(Id, PublicKey)> =
            lacking.iter().filter_map(|id| Some((*id, complete(pool, work, *id)?))).collect();
        if found.is_empty() {
            return;
        }
        for (id, key) in found {
            pool.complete_key(id, key);
        }
    }
}

fn complete(pool: &Pool<'_>, work: &mut Work, id: Id) -> Option<PublicKey> {
    let node = pool.node(id)?;
    let own = node.public_key().filter(|key| key.lacks_parameters())?;
    pool.issuers_of(node).into_iter().find_map(|issuer| {
        let above = pool.node(issuer)?;
        let key = own.with_parameters_of(above.public_key()?)?;
        (work.link(id, node.certificate, above) == Outcome::Good).then_some(key)
    })
}

fn lacks_parameters(pool: &Pool<'_>, id: Id) -> bool {
    let key = pool.node(id).and_then(|node| node.public_key());
    key.is_some_and(PublicKey::lacks_parameters)
}

/// Such keys in one request: more are nobody's honest hierarchy.
const MAX_INHERITING: usize = 8;
