//! Where the records lie that are logged and not drained: what lets a reader see its own writes.

use std::collections::BTreeMap;

use crate::log::{Log, LogError, Position, Record};
use crate::metrics;

/// Positions by tenant and id. Sixteen bytes a record: an outage fills the disk first.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    places: BTreeMap<(String, String), Vec<Position>>,
    len: usize,
}

impl Tail {
    /// Everything from the checkpoint of a log on.
    pub(crate) fn over(log: &Log) -> Result<Self, LogError> {
        let mut tail = Self::default();
        let mut reader = log.read_from(log.checkpoint());
        loop {
            match reader.next_entry() {
                Ok(Some(entry)) => tail.add(&entry.record, entry.at),
                Ok(None) => return Ok(tail),
                Err(error @ LogError::Corrupt { resumes_at, .. }) => {
                    tracing::error!(%error, "the log is damaged");
                    reader.skip_to(resumes_at);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn add(&mut self, record: &Record, position: Position) {
        let key = (record.tenant.clone(), record.id.clone());
        self.places.entry(key).or_default().push(position);
        self.len += 1;
    }

    /// Note an appended record, unless the drainer was faster.
    ///
    /// The drainer moves the checkpoint before it forgets, and both hold this tail meanwhile, so
    /// nothing that was drained stays noted.
    pub(crate) fn note(
        &mut self,
        record: &Record,
        position: Position,
        checkpoint: impl FnOnce() -> Position,
    ) {
        if checkpoint() <= position {
            self.add(record, position);
            metrics::waiting(self.len);
        }
    }

    /// Forget what a drained batch held.
    pub(crate) fn forget<'a>(
        &mut self,
        drained: impl Iterator<Item = (&'a str, &'a str)>,
        checkpoint: Position,
    ) {
        for (tenant, id) in drained {
            let key = (tenant.to_owned(), id.to_owned());
            let Some(places) = self.places.get_mut(&key) else { continue };
            let before = places.len();
            places.retain(|place| *place >= checkpoint);
            self.len -= before - places.len();
            if places.is_empty() {
                self.places.remove(&key);
            }
        }
        metrics::waiting(self.len);
    }

    pub(crate) fn positions(&self, tenant: &str, id: &str) -> Vec<Position> {
        let key = (tenant.to_owned(), id.to_owned());
        let mut positions = self.places.get(&key).cloned().unwrap_or_default();
        positions.sort_unstable();
        positions
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}
