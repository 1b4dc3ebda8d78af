//! Whether refusals take the same time (spec `set-crypto.md` §5.4).
//!
//! What is compared is the time of one fault with the median of all, in samples taken in turns, so
//! that whatever else the machine does meets all of them. The bound is generous: it finds an RSA
//! operation or a body that was left out, not a microsecond.

use std::time::{Duration, Instant};

/// How long something takes.
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
pub(crate) fn taken<T>(act: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = act();
    (start.elapsed(), done)
}

/// The faults whose time is not the usual one, with what it is.
pub(crate) fn unlike(time: &dyn Fn(&[u8]) -> Duration, faults: &[(&str, Vec<u8>)]) -> Vec<String> {
    let mut times = vec![Vec::new(); faults.len()];
    for _ in 0..ROUNDS {
        for (times, (_, octets)) in times.iter_mut().zip(faults) {
            times.push(time(octets));
        }
    }
    // The shortest: load only ever makes a sample longer.
    let shortest: Vec<Duration> =
        times.iter().filter_map(|times| times.iter().min().copied()).collect();
    let mut sorted = shortest.clone();
    sorted.sort();
    let usual = sorted[sorted.len() / 2].as_secs_f64();
    let ratios = faults.iter().zip(&shortest).map(|((name, _), time)| {
        let ratio = time.as_secs_f64() / usual;
        (!(1.0 / BOUND..BOUND).contains(&ratio)).then(|| format!("{name}: {ratio:.2} of the usual"))
    });
    ratios.flatten().collect()
}

/// A difference that is there is there every time; one that the machine made is not.
pub(crate) fn assert_alike(time: &dyn Fn(&[u8]) -> Duration, faults: &[(&str, Vec<u8>)]) {
    let outcomes: Vec<Vec<String>> = (0..ATTEMPTS)
        .map(|_| unlike(time, faults))
        .take_while(|unlike| !unlike.is_empty())
        .collect();
    assert!(outcomes.len() < ATTEMPTS, "{outcomes:?}");
}

/// Samples of each fault.
const ROUNDS: usize = 16;
/// Measurements of which one must be quiet.
const ATTEMPTS: usize = 4;
/// How far apart a fault may be from the usual one: without RSA, or without DES over a body of
/// 4,000 octets, it is further.
const BOUND: f64 = 1.35;
