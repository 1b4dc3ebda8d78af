//! What follows from the lists published last: a CA goes on with what its certificates name,
//! whatever the policy says later. Pure: heads and policies in.

use std::collections::{BTreeMap, BTreeSet};

use crate::profile::{DeltaRule, Division};
use crate::store::{CaId, ListHead, ListId, Shard, Store, StoreError};

/// The heads of all published lists, read in one look: there may be thousands.
#[derive(Debug)]
pub(in crate::authority) struct Heads(BTreeMap<ListId, ListHead>);

impl Heads {
    /// As they are now.
    pub(in crate::authority) fn read(store: &dyn Store) -> Result<Self, StoreError> {
        let heads = store.list_heads()?.into_iter();
        Ok(Self(heads.map(|head| (head.list.clone(), head)).collect()))
    }

    /// That of one list, if it was ever published.
    pub(in crate::authority) fn of(&self, list: &ListId) -> Option<&ListHead> {
        self.0.get(list)
    }

    /// Into how many parts the certificates of a CA say it is divided: as the policy says now, and
    /// as it said when lists were published.
    pub(super) fn divisions(&self, ca: &CaId, division: Division) -> BTreeSet<u16> {
        let now = match division {
            Division::Shards(of) => Some(of),
            Division::Deltas(_) | Division::Whole => None,
        };
        let published = self.0.keys().filter_map(|list| match list {
            ListId::Shard { ca: found, shard } if found == ca => Some(shard.of),
            _ => None,
        });
        published.chain(now).collect()
    }

    /// All shards of each division of a CA.
    pub(in crate::authority) fn shards(
        &self,
        ca: &CaId,
        division: Division,
    ) -> impl Iterator<Item = Shard> + use<> {
        let all = |of| (0..of).map(move |index| Shard { of, index });
        self.divisions(ca, division).into_iter().flat_map(all)
    }
}

/// How the deltas of a CA live, if it has any: `last` is the delta published last.
pub(in crate::authority) fn delta_rule(
    division: Division,
    last: Option<&ListHead>,
) -> Option<DeltaRule> {
    if let Division::Deltas(rule) = division {
        return Some(rule);
    }
    last.map(|last| DeltaRule {
        lifetime_secs: last.next_update.as_secs().saturating_sub(last.this_update.as_secs()),
        base_secs: BASE_SECS,
    })
}

/// How long a base serves where the policy has no deltas any more, as where it does not say.
const BASE_SECS: u64 = 7 * 86_400;
