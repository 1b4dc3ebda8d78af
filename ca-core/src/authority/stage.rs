//! Where a request stands, for whoever measures it: the core itself has no clock to measure by.

use std::sync::Arc;

use super::Parts;

/// A stage on the way of a request, in the order of the flow.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Stage {
    /// DER becomes a message.
    Decode,
    /// An envelope is opened: the RSA operation, the cipher, what was inside.
    Open,
    /// A signature of the end entity is verified.
    Verify,
    /// The rules, and whatever is in no other stage.
    Decide,
    /// The institution is asked, over the network if its rule says so.
    Ask,
    /// The unsigned part of a certificate is made and linted.
    Prepare,
    /// The records are read or written, a sync of the disk included.
    Store,
    /// A private key of a CA signs; of a certificate, the signature is verified, too.
    Sign,
    /// The certificates and lists that travel with an answer are gathered.
    Gather,
    /// SignedData and EncryptedData of an answer, without the signature itself.
    Seal,
    /// A message becomes DER.
    Encode,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 11] = [
        Self::Decode,
        Self::Open,
        Self::Verify,
        Self::Decide,
        Self::Ask,
        Self::Prepare,
        Self::Store,
        Self::Sign,
        Self::Gather,
        Self::Seal,
        Self::Encode,
    ];
}

/// Told by the thread at work as it enters and leaves stages.
///
/// Stages nest: time belongs to the stage entered last and not left yet. Every stage entered is
/// left, the inner before the outer; [`Stage::Decide`] is around all of
/// [`Authority::respond`](super::Authority::respond).
pub trait StageWatch: Send + Sync {
    /// Work on a stage begins in this thread.
    fn enter(&self, stage: Stage);

    /// It ends.
    fn leave(&self, stage: Stage);
}

/// Does `work` as part of a stage.
pub(super) fn within<T>(
    watch: Option<&Arc<dyn StageWatch>>,
    stage: Stage,
    work: impl FnOnce() -> T,
) -> T {
    let _entered = watch.map(|watch| Entered::new(watch.as_ref(), stage));
    work()
}

impl Parts {
    /// Does `work` as part of a stage.
    pub(super) fn within<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        within(self.watch.as_ref(), stage, work)
    }
}

/// Leaves the stage at its end, if the work panics too: the thread will do other work.
struct Entered<'a> {
    watch: &'a dyn StageWatch,
    stage: Stage,
}

impl<'a> Entered<'a> {
    fn new(watch: &'a dyn StageWatch, stage: Stage) -> Self {
        watch.enter(stage);
        Self { watch, stage }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.watch.leave(self.stage);
    }
}
