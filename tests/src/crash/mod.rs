//! A service that dies again and again under load, and whoever used it, who keeps records of their
//! own of what they were told (design §7, "Nothing is lost").
//!
//! ```text
//! crowd      cardholders who register, somebody who revokes, somebody who fetches CRLs
//! disk       a disk that loses its power
//! death      how the service, or a command beside it, dies
//! steps      commands that die at each of their steps
//! replicas   several services over one database, and what happens to them and to it
//! verdict    what everybody was told, against what is there
//! ```

mod crowd;
mod death;
mod disk;
mod replicas;
mod steps;
mod verdict;

use std::fmt;

use crate::Hierarchy;
use crate::postgres::Postgres;

pub use replicas::{Endured, endure, fail_over};
pub use steps::{Steps, every_step};

use crowd::Crowd;
use death::Deaths;

/// How often, and what came of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Survived {
    /// `kill -9` of the service at a random moment.
    pub kills: u64,
    /// The service ended itself between two steps of the store or of a key.
    pub steps: u64,
    /// A command beside it (renewal of a CA, CRL) ended itself so, or was killed.
    pub commands: u64,
    /// Deaths at which the disk lost what was not synced.
    pub cuts: u64,
    /// Deaths at which the database was killed, too.
    pub databases: u64,
    /// Cardholders that were certified.
    pub registered: u64,
    /// Answers that were given, each asked for again at the end.
    pub answers: u64,
    /// Revocations that were acknowledged.
    pub revoked: u64,
    /// CRLs that were fetched and differ.
    pub lists: u64,
    /// Certificates that were intended and not issued: listed, never good.
    pub intents: u64,
}

/// What dies beside the service.
#[derive(Clone, Copy, Debug)]
pub enum Beside<'a> {
    /// Nothing.
    Nothing,
    /// The disk below it loses at each death what was not synced: that needs root and mkfs.ext4.
    Power,
    /// At every second death its database is killed, too.
    Database(&'a Postgres),
}

/// Runs a service on a hierarchy made for tests through so many deaths; `told` hears of each.
///
/// # Panics
/// If anything that somebody was told is not so at the end: an answer that is another when asked
/// again, a certificate that is not in the inventory, a serial number twice, a revocation that is
/// forgotten, a CRL number given twice, records and index and lists that disagree, an audit log that
/// is not what a checkpoint was signed over.
#[must_use]
pub fn survive(
    hierarchy: &Hierarchy,
    deaths: u64,
    beside: Beside<'_>,
    told: &dyn Fn(u64),
) -> Survived {
    hierarchy.carry_root_away();
    let crowd = Crowd::new(hierarchy);
    let mut died = Deaths::new(hierarchy, beside);
    // The service is there until everybody has come to an end.
    drop(std::thread::scope(|threads| {
        crowd.begin(threads);
        for number in 1..=deaths {
            died.once(&crowd, number);
            told(number);
        }
        let service = died.start();
        crowd.reach(&[service.url()]);
        crowd.end();
        service
    }));
    let heard = crowd.heard();
    let Deaths { kills, steps, commands, cuts, databases, .. } = died;
    let survived = Survived { kills, steps, commands, cuts, databases, ..Survived::default() };
    verdict::judge(hierarchy, &heard, died.checkpoints(), survived)
}

impl fmt::Display for Survived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, steps, commands, cuts, databases, .. } = self;
        let Self { registered, answers, revoked, lists, intents, .. } = self;
        for (what, count) in [
            ("service killed at a random moment  ", kills),
            ("service dead between two steps     ", steps),
            ("commands dead beside it            ", commands),
            ("of these with the power cut        ", cuts),
            ("of these with the database killed  ", databases),
        ] {
            if *count > 0 {
                writeln!(f, "{what}{count}")?;
            }
        }
        writeln!(f, "cardholders certified              {registered}")?;
        writeln!(f, "answers, all the same again        {answers}")?;
        writeln!(f, "revocations, none forgotten        {revoked}")?;
        writeln!(f, "CRLs, no number twice              {lists}")?;
        writeln!(f, "intents left, none good            {intents}")?;
        write!(f, "lost 0, serial numbers twice 0, orphans 0, resurrected 0")
    }
}
