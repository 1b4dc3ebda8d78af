//! Time and memory of this process, as Linux tells them.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// What an act took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) wall: Duration,
    /// The time this thread was on a processor: what remains of a measure on a busy machine.
    pub(crate) processor: Duration,
}

impl Spent {
    pub(crate) fn on<T, E>(act: impl FnOnce() -> Result<T, E>) -> Result<(Self, T)>
    where
        anyhow::Error: From<E>,
    {
        let (begun, begin) = (processor()?, Instant::now());
        let done = act()?;
        let wall = begin.elapsed();
        Ok((Self { wall, processor: processor()?.saturating_sub(begun) }, done))
    }

    /// Sorts them by the time on a processor.
    pub(crate) fn median(all: &mut [Self]) -> Self {
        all.sort_by_key(|spent| spent.processor);
        all.get(all.len() / 2).copied().unwrap_or_default()
    }
}

/// How far the memory of the process rose above what it was (proc(5): VmRSS, VmHWM; 5 in clear_refs
/// makes the peak what is there now).
pub(crate) fn peak_beyond<T>(act: impl FnOnce() -> Result<T>) -> Result<(T, u64)> {
    fs::write("/proc/self/clear_refs", "5")?;
    let before = status("VmRSS:")?;
    let done = act()?;
    Ok((done, status("VmHWM:")?.saturating_sub(before)))
}

fn status(what: &str) -> Result<u64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(what)).context("a line of status")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes << 10)
}

fn processor() -> Result<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split(' ').next().context("schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
