//! What happens without anyone asking: lists are renewed, old answers forgotten, institutions asked
//! again.

use std::sync::Arc;
use std::time::Duration;

use ca_core::UnixTime;
use ca_core::authority::{Authority, Clock, Error, Settled};
use ca_core::issue::ListError;
use ca_core::signer::KeyError;
use ca_core::status::Size;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::observed::{Observed, why_not_published};
use crate::rounds::{Lasting, Rounds, apart};

/// The periodic work of one authority.
pub(crate) struct Schedule {
    pub(crate) authority: Arc<Authority>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observed: Arc<Observed>,
    /// Time between two rounds.
    pub(crate) every: Duration,
}

impl Schedule {
    /// Works at once and then periodically until `stop` changes; `first` hears of the first round.
    pub(crate) async fn run(self, first: oneshot::Sender<()>, stop: watch::Receiver<bool>) {
        let mut first = Some(first);
        let (mut forget_at, mut sign_at) = <(UnixTime, UnixTime)>::default();
        let mut round_at = Instant::now();
        let mut unread = Lasting::default();
        let mut looks = Rounds::every(LOOK.min(self.every), stop);
        while looks.next().await {
            // A rollover by another process: its certificates are used, its lists are made, at
            // once.
            let changed = self.reload(&mut unread).await;
            if !changed && Instant::now() < round_at {
                continue;
            }
            round_at = Instant::now() + self.every;
            let now = self.clock.now();
            let forget = (now >= forget_at).then(|| now.minus_secs(ANSWERS_KEPT));
            if forget.is_some() {
                forget_at = now.plus_secs(FORGET_EVERY);
            }
            let sign = now >= sign_at;
            if sign {
                sign_at = now.plus_secs(SIGN_EVERY);
            }
            let (authority, observed) = (Arc::clone(&self.authority), Arc::clone(&self.observed));
            apart("periodic work", move || {
                work(&authority, &observed, forget);
                if sign {
                    checkpoint(&authority, &observed);
                }
            })
            .await;
            // Nobody waits any more if serving has begun without us.
            let _ = first.take().map(|first| first.send(()));
        }
    }
}

impl Schedule {
    /// Reads the hierarchy again: another process may have renewed a CA or added a brand. True if
    /// it has. `unread` is that it could not be read.
    async fn reload(&self, unread: &mut Lasting) -> bool {
        let authority = Arc::clone(&self.authority);
        match apart("reading the hierarchy again", move || authority.reload()).await {
            Some(Ok(changed)) => {
                if unread.ends() {
                    tracing::info!("hierarchy read again");
                }
                if changed {
                    tracing::info!("the hierarchy has changed");
                }
                changed
            }
            Some(Err(error)) => {
                if unread.begins() {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "hierarchy not read again");
                }
                false
            }
            None => false,
        }
    }
}

/// Notes what other processes do to certificates, soon after they do it, until `stop` changes.
/// Apart from the lists: to sign one may take longer than a revocation may stay unseen.
pub(crate) async fn follow(authority: Arc<Authority>, stop: watch::Receiver<bool>) {
    let mut looks = Rounds::every(FOLLOW, stop);
    let mut lost = Lasting::default();
    while looks.next().await {
        let authority = Arc::clone(&authority);
        let followed = apart("following the store", move || authority.follow()).await;
        match followed {
            Some(Err(error)) if lost.begins() => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "status not up to date: OCSP answers tryLater");
            }
            Some(Ok(_)) if lost.ends() => tracing::info!("status up to date again"),
            _ => {}
        }
    }
}

/// Signs OCSP answers before they are asked for, at once and then periodically until `stop`
/// changes.
pub(crate) async fn refresh(authority: Arc<Authority>, stop: watch::Receiver<bool>) {
    let mut rounds = Rounds::every(REFRESH, stop);
    let mut failing = Lasting::default();
    while rounds.next().await {
        let authority = Arc::clone(&authority);
        let signed = apart("signing OCSP answers ahead", move || authority.refresh_answers()).await;
        match signed {
            Some(Ok(count)) => {
                if count > 0 {
                    tracing::debug!(count, "OCSP answers signed ahead");
                }
                failing.ends();
            }
            Some(Err(error)) if failing.begins() => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "OCSP answers not signed ahead: signed when asked for");
            }
            _ => {}
        }
    }
}

/// Loads the status of every certificate; how long that takes is said.
pub(crate) async fn load(authority: Arc<Authority>) {
    let begin = Instant::now();
    let loading =
        move || authority.follow().and_then(|_| Ok(authority.statuses().current()?.size()));
    match apart("loading the status", loading).await {
        Some(Ok(Size { living, revoked, octets })) => {
            let milliseconds = begin.elapsed().as_millis();
            tracing::info!(living, revoked, octets, milliseconds, "status loaded");
        }
        Some(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "status not loaded: OCSP answers tryLater");
        }
        None => {}
    }
}

/// Asks institutions again about what is in progress, at once and then periodically until `stop`
/// changes. Apart from the lists: a bank that is slow must not keep a CRL from its time.
pub(crate) async fn settle(
    authority: Arc<Authority>,
    every: Duration,
    stop: watch::Receiver<bool>,
) {
    let mut rounds = Rounds::every(every, stop);
    while rounds.next().await {
        let authority = Arc::clone(&authority);
        apart("asking institutions", move || ask_again(&authority)).await;
    }
}

fn ask_again(authority: &Authority) {
    match authority.settle_in_progress() {
        Ok(settled) => {
            for error in &settled.failed {
                let error = error as &dyn std::error::Error;
                tracing::error!(error, "not settled");
            }
            let Settled { approved, refused, pended, waiting, .. } = settled;
            if approved + refused + pended > 0 {
                tracing::info!(approved, refused, pended, waiting, "settled registrations");
            }
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "registrations in progress not listed");
        }
    }
}

/// One round: what is due is renewed and published, answers recorded before `forget` are dropped.
/// What will be said again in half a minute is said only when answers are forgotten, too.
fn work(authority: &Authority, observed: &Observed, forget: Option<UnixTime>) {
    for (ca, outcome) in authority.renew_responders() {
        match outcome {
            Ok(_) => tracing::info!(%ca, "responder certificate renewed"),
            Err(error) if forget.is_some() => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%ca, error, "responder certificate not renewed");
            }
            Err(_) => {}
        }
    }
    if forget.is_some() {
        for ending in authority.hierarchy().endings(authority.now()) {
            tracing::warn!("{ending}");
        }
    }
    let mut failures = Vec::new();
    for (id, outcome) in authority.publish_due() {
        let why = outcome.as_ref().err().and_then(why_not_published);
        failures.extend(why.map(|why| (id.clone(), why)));
        match outcome {
            Ok(list) => tracing::info!(
                list = %id,
                number = list.number,
                next_update = %list.next_update,
                "published"
            ),
            // The root's key is off line by design; said once an hour is enough.
            Err(Error::Key(KeyError::Absent(_))) => {
                if forget.is_some() {
                    tracing::warn!(list = %id, "due, and its key is off line: setca crl issue");
                }
            }
            // Until it has a new key.
            Err(Error::List(ListError::Period(_))) if forget.is_none() => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(list = %id, error, "not published");
            }
        }
    }
    observed.published(&failures, authority.now());
    let Some(before) = forget else { return };
    match authority.forget_changes() {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "forgot old changes of the feed"),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "old changes of the feed not forgotten");
        }
    }
    match authority.store().forget_answers(before) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, %before, "forgot old answers"),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "old answers not forgotten");
        }
    }
}

/// Signs the audit log as it is, if it has grown.
pub(crate) fn checkpoint(authority: &Authority, observed: &Observed) {
    let signed = authority.sign_checkpoint();
    observed.audited(matches!(signed, Err(Error::Audit(_))));
    if let Err(error) = signed {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, "no checkpoint of the audit log: setca audit verify says more");
    }
}

/// Time between two looks at the hierarchy: a few rows of the store.
const LOOK: Duration = Duration::from_secs(1);
/// Time between two looks at the feed of changes, one search of the store each: a revocation
/// elsewhere is to be visible within a second.
const FOLLOW: Duration = Duration::from_millis(200);
/// Time between two looks at what OCSP answers are to be signed ahead of time.
const REFRESH: Duration = Duration::from_secs(5);
/// How long a repeated request gets the same answer, in seconds: seven days.
const ANSWERS_KEPT: u64 = 7 * 86_400;
/// Seconds between two checkpoints of the audit log: whoever can write the store can write anew,
/// unseen, what was logged since the last one.
const SIGN_EVERY: u64 = 300;
/// Seconds between two rounds of forgetting.
const FORGET_EVERY: u64 = 3_600;
