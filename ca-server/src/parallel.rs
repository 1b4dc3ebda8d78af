//! The same work on many things, on all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` on every item on all cores; results in the order of the items.
///
/// `each` hears of every finished item, on the calling thread, in the order they finish. After the
/// first error no further item is begun; the error of the earliest item that failed is returned.
pub(crate) fn on_all_cores<T, R, E>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
    mut each: impl FnMut(usize),
) -> Result<Vec<R>, E>
where
    T: Sync,
    R: Send,
    E: Send,
{
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results = thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    if result.is_err() {
                        next.store(items.len(), Ordering::Relaxed);
                    }
                    if sender.send((index, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut results = Vec::with_capacity(items.len());
        for (index, result) in receiver {
            if result.is_ok() {
                each(index);
            }
            results.push((index, result));
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<u64> = (0..50).collect();
        let mut heard = 0;
        let slow_first = |item: &u64| {
            thread::sleep(std::time::Duration::from_millis(5 * u64::from(*item == 0)));
            Ok::<_, ()>(item * 2)
        };
        let results = on_all_cores(&items, slow_first, |_| heard += 1).unwrap();
        assert_eq!(results, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(heard, 50);
    }

    #[test]
    fn one_failure_is_the_result() {
        let refuse_seven = |item: &u32| if *item == 7 { Err("seven") } else { Ok(*item) };
        let items: Vec<u32> = (0..20).collect();
        assert_eq!(on_all_cores(&items, refuse_seven, |_| ()), Err("seven"));
    }
}
