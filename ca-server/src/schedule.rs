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
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::observed::{Observed, why_not_published};

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
    ///
    /// A round that was begun is finished.
    pub(crate) async fn run(self, first: oneshot::Sender<()>, mut stop: watch::Receiver<bool>) {
        let mut first = Some(first);
        let mut forget_at = UnixTime::default();
        let mut round_at = Instant::now();
        let mut ticks = interval(LOOK.min(self.every));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                _ = ticks.tick() => {}
            }
            // A rollover by another process: its certificates are used, its lists are made, at once.
            let changed = self.reload().await;
            if !changed && Instant::now() < round_at {
                continue;
            }
            round_at = Instant::now() + self.every;
            let now = self.clock.now();
            let forget = (now >= forget_at).then(|| now.minus_secs(ANSWERS_KEPT));
            if forget.is_some() {
                forget_at = now.plus_secs(FORGET_EVERY);
            }
            let (authority, observed) = (Arc::clone(&self.authority), Arc::clone(&self.observed));
            let round = tokio::task::spawn_blocking(move || work(&authority, &observed, forget));
            if round.await.is_err() {
                tracing::error!("periodic work died, it is tried again at the next round");
            }
            // Nobody waits any more if serving has begun without us.
            let _ = first.take().map(|first| first.send(()));
        }
    }
}

impl Schedule {
    /// Reads the hierarchy again: another process may have renewed a CA or added a brand. True if
    /// it has.
    async fn reload(&self) -> bool {
        let authority = Arc::clone(&self.authority);
        let reloaded = tokio::task::spawn_blocking(move || authority.reload());
        match reloaded.await {
            Ok(Ok(changed)) => {
                if changed {
                    tracing::info!("the hierarchy has changed");
                }
                changed
            }
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "hierarchy not read again");
                false
            }
            Err(_) => false,
        }
    }
}

/// Notes what other processes do to certificates, soon after they do it, until `stop` changes.
/// Apart from the lists: to sign one may take longer than a revocation may stay unseen.
pub(crate) async fn follow(authority: Arc<Authority>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(FOLLOW);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lost = false;
    loop {
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        let authority = Arc::clone(&authority);
        let Ok(followed) = tokio::task::spawn_blocking(move || authority.follow()).await else {
            tracing::error!("following the store died, it is tried again");
            continue;
        };
        // Said when it begins and when it ends, not at every look.
        match followed {
            Err(error) if !lost => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "status not up to date: OCSP answers tryLater");
                lost = true;
            }
            Ok(_) if lost => {
                tracing::info!("status up to date again");
                lost = false;
            }
            Ok(_) | Err(_) => {}
        }
    }
}

/// Signs OCSP answers before they are asked for, at once and then periodically until `stop` changes.
pub(crate) async fn refresh(authority: Arc<Authority>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(REFRESH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        let authority = Arc::clone(&authority);
        let Ok(signed) = tokio::task::spawn_blocking(move || authority.refresh_answers()).await
        else {
            tracing::error!("signing OCSP answers ahead died, it is tried again");
            continue;
        };
        match signed {
            Ok(0) => failing = false,
            Ok(count) => {
                tracing::debug!(count, "OCSP answers signed ahead");
                failing = false;
            }
            // Said when it begins, not at every round.
            Err(error) => {
                if !failing {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "OCSP answers not signed ahead: signed when asked for");
                }
                failing = true;
            }
        }
    }
}

/// Loads the status of every certificate; how long that takes is said.
pub(crate) async fn load(authority: Arc<Authority>) {
    let begin = Instant::now();
    let loading = tokio::task::spawn_blocking(move || {
        authority.follow().and_then(|_| Ok(authority.statuses().current()?.size()))
    });
    match loading.await {
        Ok(Ok(Size { living, revoked, octets })) => {
            let milliseconds = begin.elapsed().as_millis();
            tracing::info!(living, revoked, octets, milliseconds, "status loaded");
        }
        Ok(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "status not loaded: OCSP answers tryLater");
        }
        Err(_) => tracing::error!("loading the status died, it is tried again"),
    }
}

/// Asks institutions again about what is in progress, at once and then periodically until `stop`
/// changes. Apart from the lists: a bank that is slow must not keep a CRL from its time.
pub(crate) async fn settle(
    authority: Arc<Authority>,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        let authority = Arc::clone(&authority);
        let round = tokio::task::spawn_blocking(move || ask_again(&authority));
        tokio::select! {
            biased;
            // What was begun goes on, and is taken up again if it does not come to its end.
            _ = stop.changed() => return,
            outcome = round => if outcome.is_err() {
                tracing::error!("asking institutions died, it is tried again at the next round");
            }
        }
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

/// Time between two looks at the hierarchy: a few rows of the store.
const LOOK: Duration = Duration::from_secs(1);
/// Time between two looks at the feed of changes, one search of the store each: a revocation
/// elsewhere is to be visible within a second.
const FOLLOW: Duration = Duration::from_millis(200);
/// Time between two looks at what OCSP answers are to be signed ahead of time.
const REFRESH: Duration = Duration::from_secs(5);
/// How long a repeated request gets the same answer, in seconds: seven days.
const ANSWERS_KEPT: u64 = 7 * 86_400;
/// Seconds between two rounds of forgetting.
const FORGET_EVERY: u64 = 3_600;
