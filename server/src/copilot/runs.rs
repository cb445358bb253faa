//! Runs in progress and just finished: kept before they are shown, followed by any number of
//! readers, cancelled when nobody is left to read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::{Error, RequestContext, Result, TenantId};
use orchestrator::{Carry, EventSink, Turn, TurnEvent};
use telemetry::Recorder;
use tokio::sync::watch;

use crate::clock;

/// Every run that this process began and has not forgotten.
#[derive(Default)]
pub struct Runs {
    runs: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_id: BTreeMap<(TenantId, String), Arc<Run>>,
    /// Oldest first.
    order: VecDeque<(TenantId, String)>,
    /// What the latest turn of each conversation left behind.
    threads: BTreeMap<(TenantId, String, String), Carry>,
    thread_order: VecDeque<(TenantId, String, String)>,
}

/// Older runs are read from the record instead.
const MOST_RUNS: usize = 2_000;
const MOST_THREADS: usize = 20_000;

/// A reader that lost its connection has this long to come back before the run is cancelled.
const GRACE: Duration = Duration::from_secs(2);

impl Runs {
    /// Begin a run under an id of the client's or ours.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the id was used before.
    pub(super) fn begin(&self, request: &RequestContext, run_id: &str) -> Result<Arc<Run>> {
        let key = (request.principal.tenant.clone(), run_id.to_owned());
        let mut kept = self.kept();
        if kept.by_id.contains_key(&key) {
            return Err(Error::Conflict(format!(
                "run `{run_id}` exists: use a new run id, or follow it at /copilot/runs/{run_id}/events"
            )));
        }
        let run = Arc::new(Run::new(&request.principal.user));
        kept.order.push_back(key.clone());
        kept.by_id.insert(key, run.clone());
        if kept.order.len() > MOST_RUNS
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.by_id.remove(&oldest);
        }
        Ok(run)
    }

    /// A run of this person's, if it is remembered. Other people's do not exist for them.
    pub(super) fn find(&self, request: &RequestContext, run_id: &str) -> Option<Arc<Run>> {
        let key = (request.principal.tenant.clone(), run_id.to_owned());
        let run = self.kept().by_id.get(&key).cloned();
        run.filter(|it| it.user == request.principal.user)
    }

    /// What the latest turn of a conversation left behind, if this process remembers it.
    pub(super) fn carry(&self, request: &RequestContext, thread_id: &str) -> Option<Carry> {
        self.kept().threads.get(&thread_key(request, thread_id)).cloned()
    }

    /// Remember what a turn leaves behind.
    pub(super) fn leave(&self, request: &RequestContext, thread_id: &str, carry: Carry) {
        let key = thread_key(request, thread_id);
        let mut kept = self.kept();
        if kept.threads.insert(key.clone(), carry).is_none() {
            kept.thread_order.push_back(key);
        }
        if kept.thread_order.len() > MOST_THREADS
            && let Some(oldest) = kept.thread_order.pop_front()
        {
            kept.threads.remove(&oldest);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn thread_key(request: &RequestContext, thread_id: &str) -> (TenantId, String, String) {
    let principal = &request.principal;
    (principal.tenant.clone(), principal.user.clone(), thread_id.to_owned())
}

/// One run: its events so far, and who waits for more.
pub(super) struct Run {
    user: String,
    events: Mutex<Vec<TurnEvent>>,
    /// How many events there are, and whether the run is over.
    progress: watch::Sender<(usize, bool)>,
    cancelled: AtomicBool,
}

impl Run {
    fn new(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            events: Mutex::default(),
            progress: watch::Sender::new((0, false)),
            cancelled: AtomicBool::new(false),
        }
    }

    /// Ask the run to stop at its next step.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// The events from `from` on, waiting for at least one; empty when the run is over.
    pub(super) async fn next(&self, from: usize) -> Vec<TurnEvent> {
        let mut progress = self.progress.subscribe();
        let reached = progress.wait_for(|(count, over)| *count > from || *over).await.is_ok();
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        match reached {
            true => events.get(from..).unwrap_or_default().to_vec(),
            false => Vec::new(),
        }
    }

    /// The turn as it stands when the run is over.
    pub(super) async fn finished(&self) -> Turn {
        let mut progress = self.progress.subscribe();
        // The sender lives as long as the run, so waiting ends only when the run does.
        let _ = progress.wait_for(|(_, over)| *over).await;
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        Turn::replay(events.iter())
    }

    pub(super) fn over(&self) {
        self.progress.send_modify(|(_, over)| *over = true);
    }

    /// A reader for as long as the returned value lives.
    pub(super) fn reader(self: &Arc<Self>) -> Reader {
        Reader { run: self.clone(), _receiver: self.progress.subscribe() }
    }
}

/// Counts as somebody reading; when the last one goes, the run is soon cancelled.
pub(super) struct Reader {
    run: Arc<Run>,
    _receiver: watch::Receiver<(usize, bool)>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        let run = self.run.clone();
        let (_, over) = *run.progress.borrow();
        if over {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(GRACE).await;
                if run.progress.receiver_count() == 0 {
                    run.cancel();
                }
            });
        }
    }
}

/// Keeps a run's events in the durable log, then shows them to its readers.
pub(super) struct Sink {
    pub(super) run: Arc<Run>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) tenant: TenantId,
    pub(super) run_id: String,
}

impl EventSink for Sink {
    fn emit(&self, event: &TurnEvent) -> Result<()> {
        let mut events = self.run.events.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (events.len() as u64, clock::now());
        self.recorder.event((&self.tenant, &self.run_id), place, event)?;
        events.push(event.clone());
        let count = events.len();
        drop(events);
        self.run.progress.send_modify(|(shown, _)| *shown = count);
        Ok(())
    }

    fn cancelled(&self) -> bool {
        self.run.cancelled.load(Ordering::Relaxed)
    }
}
