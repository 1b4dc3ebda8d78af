//! What stands beside a complete CRL: shards or deltas, the optional keys of `policies/lists.toml`.

use toml::Spanned;

use super::Role;
use super::error::{CRL_DIVISION, PolicyError};
use super::lists::{DAY, HOUR, ListRule};
use super::source::Source;
use crate::Suite;

/// What a CA publishes beside its complete CRL, which it always has: SET messages and the BCI name
/// no other (spec `set-certificates.md` §10.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Division {
    /// Deltas to the complete CRL (RFC 5280 §5.2.4).
    Deltas(DeltaRule),
    /// So many shards, one of which each certificate names (RFC 5280 §5.2.5).
    Shards(u16),
    /// Nothing.
    Whole,
}

/// Life of delta CRLs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeltaRule {
    /// thisUpdate to nextUpdate, in seconds; the next is made after half of it.
    pub lifetime_secs: u64,
    /// How long one complete CRL is the base of the deltas, in seconds.
    pub base_secs: u64,
}

impl From<DeltaRule> for ListRule {
    fn from(rule: DeltaRule) -> Self {
        let lifetime_secs = rule.lifetime_secs;
        // A run may be missed.
        Self { lifetime_secs, renew_before_secs: lifetime_secs.div_ceil(2) }
    }
}

/// The keys as they stand in the file.
pub(super) struct DivisionKeys<'a> {
    pub(super) shards: Option<&'a Spanned<u16>>,
    pub(super) delta_hours: Option<&'a Spanned<u16>>,
    pub(super) delta_base_days: Option<&'a Spanned<u16>>,
    /// Of the complete CRL.
    pub(super) lifetime_days: u16,
}

/// Reads the keys of one role.
pub(super) fn read_division(
    role: Role,
    keys: &DivisionKeys<'_>,
    suite: Suite,
    source: &Source<'_>,
) -> Result<Division, PolicyError> {
    // Spec `set-certificates.md` §10.5: a SET 1.0 certificate names no list.
    let first = keys.shards.or(keys.delta_hours).or(keys.delta_base_days);
    if let Some(first) = first.filter(|_| suite == Suite::Set1997) {
        let message = "suite set-1997 knows complete CRLs alone; take the key out";
        return Err(source.refuse(first, CRL_DIVISION, message));
    }
    match (keys.shards, keys.delta_hours) {
        // RFC 5280 §5.2.4: a delta has the scope of its base. Who has a shard has no use for the
        // delta of the complete list.
        (Some(shards), Some(_)) => {
            let message = "a CRL has shards or deltas, not both; take shards or delta_hours out";
            Err(source.refuse(shards, CRL_DIVISION, message))
        }
        (Some(shards), None) => {
            check_base_alone(keys, source)?;
            Ok(Division::Shards(check_shards(shards, source)?))
        }
        (None, Some(hours)) => read_delta(role, hours, keys, source).map(Division::Deltas),
        (None, None) => check_base_alone(keys, source).map(|()| Division::Whole),
    }
}

fn check_shards(shards: &Spanned<u16>, source: &Source<'_>) -> Result<u16, PolicyError> {
    let count = *shards.get_ref();
    if (MIN_SHARDS..=MAX_SHARDS).contains(&count) {
        return Ok(count);
    }
    let message = format!("{count} shards; write {MIN_SHARDS} to {MAX_SHARDS}, or take it out");
    Err(source.refuse(shards, CRL_DIVISION, message))
}

/// Without deltas there is no base.
fn check_base_alone(keys: &DivisionKeys<'_>, source: &Source<'_>) -> Result<(), PolicyError> {
    match keys.delta_base_days {
        Some(days) => {
            let message = "there are no deltas without delta_hours; write both or none";
            Err(source.refuse(days, CRL_DIVISION, message))
        }
        None => Ok(()),
    }
}

fn read_delta(
    role: Role,
    hours: &Spanned<u16>,
    keys: &DivisionKeys<'_>,
    source: &Source<'_>,
) -> Result<DeltaRule, PolicyError> {
    if role == Role::Rca {
        let message = "the root is off line and cannot make a delta every few hours; take it out";
        return Err(source.refuse(hours, CRL_DIVISION, message));
    }
    let (life, complete) = (u64::from(*hours.get_ref()) * HOUR, u64::from(keys.lifetime_days));
    if life < HOUR || life >= complete * DAY {
        let message = format!(
            "a delta lives at least an hour and less than its CRL of {complete} days; write 1 to {}",
            (complete * DAY / HOUR).saturating_sub(1)
        );
        return Err(source.refuse(hours, CRL_DIVISION, message));
    }
    let days = keys.delta_base_days.map(|days| u64::from(*days.get_ref()));
    match (days, keys.delta_base_days) {
        // Later deltas say nothing about a complete CRL from before their base, so one that is
        // still current should serve as long as may be; later than its end nobody uses it.
        (Some(days), Some(at)) if days == 0 || days > complete => {
            let message = format!("{days} days; write 1 to {complete}, the life of the CRL");
            Err(source.refuse(at, CRL_DIVISION, message))
        }
        (days, _) => {
            let days = days.unwrap_or(BASE_DAYS).min(complete);
            Ok(DeltaRule { lifetime_secs: life, base_secs: days * DAY })
        }
    }
}

/// One shard is the complete list under another name.
const MIN_SHARDS: u16 = 2;
/// setca: of a million revoked, 250 in each; more would be published than said.
const MAX_SHARDS: u16 = 4_096;
/// setca: as long as a CRL is the newest by the shipped rules.
const BASE_DAYS: u64 = 7;
