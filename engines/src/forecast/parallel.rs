//! A map over all cores whose results keep the order of the input.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Called with how many series are done and how many there are; from any thread, in any order.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Applies `work` to each item on as many threads as there are cores. Each result depends on its
/// item alone, so the output is the same for any number of threads.
pub(super) fn map<T: Sync, R: Send>(
    items: &[T],
    progress: Progress,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let workers = cores.min(items.len()).max(1);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(i) else { return mine };
                        mine.push((i, work(item)));
                        progress(done.fetch_add(1, Ordering::Relaxed) + 1, items.len());
                    }
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_and_counts_every_item() {
        let items: Vec<u64> = (0..500).collect();
        let calls = AtomicUsize::new(0);
        let squares = map(
            &items,
            &|_, total| {
                assert_eq!(total, 500);
                calls.fetch_add(1, Ordering::Relaxed);
            },
            |i| i * i,
        );
        assert_eq!(squares, items.iter().map(|i| i * i).collect::<Vec<_>>());
        assert_eq!(calls.into_inner(), 500);
    }

    #[test]
    fn nothing_in_nothing_out() {
        assert!(map(&[0_u8; 0], &|_, _| {}, |i| *i).is_empty());
    }
}
