//! How fresh everything is that relying parties rely on: lists, responder certificates, the keys of
//! CAs. Pure: records, policies and a time in, one line for each thing out.
//!
//! ```text
//! begins ──────────── due_at ───────── late_at ─────── ends
//!         fresh               due               late        expired
//! ```
//!
//! * `due_at`: the policies want the next one from here on (`renew_before` of `lists.toml`; 30 days
//!   for keys of CAs). A service that works has renewed it a minute later.
//! * `late_at`: a tenth of its life is left, or an hour where that is more, but never more than
//!   half of the time between `due_at` and `ends`: who renews late by policy is not late at once.
//! * `ends`: nextUpdate or notAfter; the end of the private key usage period for keys.
//!
//! What has never been published has an hour from the beginning of its CA's certificate.

use core::fmt;

use super::ending::last_second;
use super::list_urls::role_of_lists;
use super::lists::{Heads, delta_rule};
use super::{Authority, Ca, Error, Hierarchy, WARNED_DAYS};
use crate::UnixTime;
use crate::profile::{KeyUse, ListRule, Policies, Role};
use crate::store::{CaId, ListId, Store, StoreError};

/// How fresh everything is at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Health {
    /// The moment.
    pub at: UnixTime,
    /// In the order of the hierarchy: the lists of a CA, its responder, its keys.
    pub lines: Vec<HealthLine>,
}

/// How fresh one thing is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HealthLine {
    /// Which.
    pub what: HealthOf,
    /// cRLNumber or sequenceNum; none of what is no list, or was never published.
    pub number: Option<u64>,
    /// DER octets of a published list.
    pub octets: Option<usize>,
    /// thisUpdate or notBefore.
    pub begins: UnixTime,
    /// From when on the next one is wanted.
    pub due_at: UnixTime,
    /// From when on its renewal is late.
    pub late_at: UnixTime,
    /// nextUpdate, notAfter, or the end of the private key usage period.
    pub ends: UnixTime,
    /// Where that leaves it.
    pub freshness: Freshness,
    /// Who makes the next one.
    pub renewal: Renewal,
}

/// What can be fresh or not.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum HealthOf {
    /// The right of a CA's key to sign or to be encrypted to.
    Key(CaId, KeyUse),
    /// A published list; the base of deltas is none, nobody fetches it.
    List(ListId),
    /// The certificate of a CA's OCSP responder.
    Responder(CaId),
}

/// How far something is from its end; the later, the worse.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Freshness {
    /// Nothing to do.
    Fresh,
    /// The next one is wanted.
    Due,
    /// The next one should have been there: relying parties will notice soon.
    Late,
    /// Relying parties notice.
    Expired,
}

/// Who makes the next one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Renewal {
    /// The operator: the root's key is off line, a CA's key is renewed by a command.
    ByOperator,
    /// The service, without anyone asking.
    ByService,
}

impl Health {
    /// Looks at everything the hierarchy has.
    ///
    /// # Errors
    /// [`StoreError`] if the published lists cannot be read.
    pub fn of(
        store: &dyn Store,
        hierarchy: &Hierarchy,
        policies: &Policies,
        at: UnixTime,
    ) -> Result<Self, StoreError> {
        let look = Look { heads: Heads::read(store)?, policies, at };
        let lines = hierarchy.cas().iter().flat_map(|ca| look.lines_of(ca)).collect();
        Ok(Self { at, lines })
    }

    /// The worst there is.
    #[must_use]
    pub fn worst(&self) -> Freshness {
        self.lines.iter().map(|line| line.freshness).max().unwrap_or(Freshness::Fresh)
    }

    /// What makes this service not ready: late or expired, and relying parties are about to notice.
    ///
    /// What only the operator can renew counts in its last hour alone: until then the service does
    /// its work, and to take it away helps nobody. Before that it is in [`Health::warnings`].
    pub fn alarms(&self) -> impl Iterator<Item = &HealthLine> {
        self.lines.iter().filter(|line| line.is_alarm(self.at))
    }

    /// What is late or expired and no alarm yet.
    pub fn warnings(&self) -> impl Iterator<Item = &HealthLine> {
        let late = self.lines.iter().filter(|line| line.freshness >= Freshness::Late);
        late.filter(|line| !line.is_alarm(self.at))
    }
}

impl Authority {
    /// How fresh lists, responder certificates and keys are now.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn health(&self) -> Result<Health, Error> {
        let (store, hierarchy) = (self.parts.store.as_ref(), self.hierarchy());
        Ok(Health::of(store, &hierarchy, &self.parts.policies, self.now())?)
    }
}

impl HealthLine {
    fn is_alarm(&self, at: UnixTime) -> bool {
        let last_hour = self.ends <= at.plus_secs(HOUR);
        self.freshness >= Freshness::Late && (self.renewal == Renewal::ByService || last_hour)
    }
}

/// `CRL of sample-cca is past 2026-11-22T13:00:00Z`, and what to do where the operator has to.
impl fmt::Display for HealthLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, ends, due_at, .. } = self;
        write!(f, "{what} ")?;
        let list = matches!(what, HealthOf::List(_));
        match self.freshness {
            _ if list && self.number.is_none() => f.write_str("was never published")?,
            Freshness::Fresh => write!(f, "is good until {ends}")?,
            Freshness::Due => write!(f, "ends {ends}, the next one is due since {due_at}")?,
            Freshness::Late => write!(f, "ends {ends}, the next one was due {due_at}")?,
            Freshness::Expired => write!(f, "is past its end {ends}")?,
        }
        match (what, self.renewal, self.freshness) {
            (_, Renewal::ByService, _) | (_, _, Freshness::Fresh) => Ok(()),
            (HealthOf::List(ListId::Crl(ca) | ListId::Shard { ca, .. }), ..) => {
                write!(f, ": setca crl issue {ca}, with its key")
            }
            (HealthOf::Responder(ca) | HealthOf::Key(ca, _), ..) => {
                write!(f, ": setca ca renew {ca}, or rollover")
            }
            (HealthOf::List(_), ..) => Ok(()),
        }
    }
}

/// `CRL of sample-cca`, `responder certificate of sample-cca`, `encryption key of sample-cca`.
impl fmt::Display for HealthOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(ca, key_use) => write!(f, "{key_use} key of {ca}"),
            Self::List(list) => list.fmt(f),
            Self::Responder(ca) => write!(f, "responder certificate of {ca}"),
        }
    }
}

impl Freshness {
    /// The stable name: `fresh`, `due`, `late`, `expired`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Due => "due",
            Self::Late => "late",
            Self::Expired => "expired",
        }
    }
}

impl Renewal {
    /// The stable name: `operator`, `service`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByOperator => "operator",
            Self::ByService => "service",
        }
    }
}

/// One look at the hierarchy.
struct Look<'a> {
    heads: Heads,
    policies: &'a Policies,
    at: UnixTime,
}

impl Look<'_> {
    fn lines_of(&self, ca: &Ca) -> Vec<HealthLine> {
        let mut lines: Vec<HealthLine> =
            self.lists_of(ca).into_iter().map(|(list, rule)| self.list(ca, list, rule)).collect();
        lines.extend(self.responder(ca));
        lines.extend(KEY_USES.into_iter().filter_map(|key_use| self.key(ca, key_use)));
        lines
    }

    /// What a CA publishes by the policies, and the shards that certificates from before name.
    fn lists_of(&self, ca: &Ca) -> Vec<(ListId, ListRule)> {
        let (id, rules) = (&ca.record.id, self.policies.lists());
        let mut lists = Vec::new();
        if ca.issues_crls() {
            let role = role_of_lists(&ca.record);
            let rule = rules.crl(role);
            lists.push((ListId::Crl(id.clone()), rule));
            let division = rules.division(role);
            let delta = ListId::Delta(id.clone());
            if let Some(rule) = delta_rule(division, self.heads.of(&delta)) {
                lists.push((delta, rule.into()));
            }
            lists.extend(self.heads.shards(id, division).map(|shard| {
                let ca = id.clone();
                (ListId::Shard { ca, shard }, rule)
            }));
        }
        let brand = ca.record.brand.as_ref().filter(|_| ca.record.roles.contains(&Role::Bca));
        lists.extend(brand.map(|brand| (ListId::Bci(brand.clone()), rules.bci)));
        lists
    }

    fn list(&self, ca: &Ca, list: ListId, rule: ListRule) -> HealthLine {
        // The key of every other CA is with the service (spec `set-certificates.md` §1.3).
        let renewal =
            if ca.record.superior.is_none() { Renewal::ByOperator } else { Renewal::ByService };
        let head = self.heads.of(&list);
        let what = HealthOf::List(list.clone());
        match head {
            Some(head) => HealthLine {
                number: Some(head.number),
                octets: Some(head.len),
                ..self.line(
                    what,
                    (head.this_update, head.next_update),
                    rule.renew_before_secs,
                    renewal,
                )
            },
            None => {
                let began = ca.held(KeyUse::CertificateSigning);
                let began = began.map_or(self.at, |held| held.certificate.not_before());
                self.line(what, (began, began.plus_secs(HOUR)), HOUR, renewal)
            }
        }
    }

    fn responder(&self, ca: &Ca) -> Option<HealthLine> {
        let certificate = ca.held(KeyUse::OcspSigning)?.certificate;
        let before = self.policies.lists().ocsp_responder_renew_before_secs;
        let renewal =
            if ca.record.superior.is_none() { Renewal::ByOperator } else { Renewal::ByService };
        let life = (certificate.not_before(), certificate.not_after());
        Some(self.line(HealthOf::Responder(ca.record.id.clone()), life, before, renewal))
    }

    fn key(&self, ca: &Ca, key_use: KeyUse) -> Option<HealthLine> {
        let held = ca.held(key_use)?;
        let life = (held.certificate.not_before(), last_second(&held));
        let what = HealthOf::Key(ca.record.id.clone(), key_use);
        let before = UnixTime::default().plus_days(WARNED_DAYS).as_secs();
        Some(self.line(what, life, before, Renewal::ByOperator))
    }

    fn line(
        &self,
        what: HealthOf,
        (begins, ends): (UnixTime, UnixTime),
        renew_before_secs: u64,
        renewal: Renewal,
    ) -> HealthLine {
        let due_at = ends.minus_secs(renew_before_secs);
        let life = ends.as_secs().saturating_sub(begins.as_secs());
        let margin = (life / 10).max(HOUR).min(renew_before_secs / 2);
        let late_at = ends.minus_secs(margin);
        let freshness = match self.at {
            at if at > ends => Freshness::Expired,
            at if at >= late_at => Freshness::Late,
            at if at >= due_at => Freshness::Due,
            _ => Freshness::Fresh,
        };
        let (number, octets) = (None, None);
        HealthLine { what, number, octets, begins, due_at, late_at, ends, freshness, renewal }
    }
}

/// Keys of a CA that relying parties or end entities meet; a responder has a line of its own.
const KEY_USES: [KeyUse; 3] =
    [KeyUse::CertificateSigning, KeyUse::MessageSignature, KeyUse::Encryption];
const HOUR: u64 = 3_600;
