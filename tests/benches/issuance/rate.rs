//! How often something can be done in a second.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;

/// Does `work` `count` times in all, by so many threads; it is told which time this is.
pub(crate) fn per_second(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<()> + Sync,
) -> Result<f64> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    if let Err(error) = work(number) {
                        *failed.lock().expect("not poisoned") = Some(error);
                        return;
                    }
                }
            });
        }
    });
    let seconds = begin.elapsed().as_secs_f64();
    match failed.into_inner().expect("not poisoned") {
        Some(error) => Err(error),
        None => Ok(count as f64 / seconds),
    }
}
