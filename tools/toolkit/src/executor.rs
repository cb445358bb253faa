//! The gate: permission, validation, transaction, preview and record for every call from every
//! door.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::{Error, Principal, RequestContext, Result};
use serde_json::Value;
use store::{Access, Store};
use uuid::Uuid;

use crate::derived::Derived;
use crate::record::input_hash;
use crate::{
    AnyTool, CallOutcome, CallRecord, Decision, Effect, HeldCall, Observer, Registry, Term,
    ToolCall, ToolContext, ToolSpec,
};

/// What became of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A read was answered.
    Done {
        /// The tool's output.
        output: Value,
        /// Opens its receipt.
        receipt_id: String,
    },
    /// A write was previewed and undone; a person must confirm it.
    Held {
        /// What to confirm.
        held: HeldCall,
        /// Opens the preview's receipt.
        receipt_id: String,
    },
}

/// What one call may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest a tool may run.
    pub time: Duration,
    /// Largest output, in bytes of JSON.
    pub output_bytes: usize,
    /// Largest arguments, in bytes of JSON.
    pub argument_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(10), output_bytes: 4 << 20, argument_bytes: 1 << 20 }
    }
}

/// The gate every call passes.
pub struct Executor {
    registry: Registry,
    store: Arc<Store>,
    observer: Arc<dyn Observer>,
    limits: Limits,
    derived: Derived,
}

/// A call that passed the checks: what to run, and under which seed.
struct Admitted<'a> {
    request: &'a RequestContext,
    spec: &'a ToolSpec,
    tool: &'static dyn AnyTool,
    call: &'a ToolCall,
    seed: Uuid,
    started: Instant,
}

impl Executor {
    /// A gate over these tools and this database, reporting to this observer.
    pub fn new(
        registry: Registry,
        store: Arc<Store>,
        observer: Arc<dyn Observer>,
        limits: Limits,
    ) -> Self {
        Self { registry, store, observer, limits, derived: Derived::new() }
    }

    /// The tools behind the gate.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Run a read; preview and hold a write.
    ///
    /// # Errors
    /// The tool's own error, or the gate's: unknown tool, missing permission, arguments that do
    /// not fit, a limit reached, a record that could not be kept.
    pub async fn call(&self, request: &RequestContext, call: &ToolCall) -> Result<Outcome> {
        let (seed, started) = (Uuid::now_v7(), Instant::now());
        let mut data_version = 0;
        let ran = self.run(request, call, (seed, started), &mut data_version).await;
        let receipt_id = format!("rc_{}", seed.simple());
        let outcome = match &ran {
            Ok(Ran::Done(output)) => CallOutcome::Done { output: output.clone() },
            Ok(Ran::Held(held)) => {
                CallOutcome::Held { held_id: held.id.clone(), preview: held.preview.clone() }
            }
            Err(error) => CallOutcome::Failed { problem: error.to_problem(&request.request_id) },
        };
        let record = self.describe(request, call, (seed, started), (data_version, outcome));
        self.observer.record(&record)?;
        Ok(match ran? {
            Ran::Done(output) => Outcome::Done { output, receipt_id },
            Ran::Held(held) => Outcome::Held { held, receipt_id },
        })
    }

    async fn run(
        &self,
        request: &RequestContext,
        call: &ToolCall,
        (seed, started): (Uuid, Instant),
        data_version: &mut i64,
    ) -> Result<Ran> {
        let (spec, tool) = self.registry.find(&call.name, &request.principal)?;
        self.check(spec, &call.arguments)?;
        let admitted = Admitted { request, spec, tool, call, seed, started };
        let access = match spec.effect {
            Effect::Read => Access::Read,
            Effect::Add | Effect::Change => Access::Write,
        };
        let mut tx = self.store.begin(&request.principal.tenant, access).await?;
        let output = self.run_in(&mut tx, &admitted, access, data_version).await;
        tx.rollback().await?;
        let output = output?;
        if spec.effect == Effect::Read {
            return Ok(Ran::Done(output));
        }
        let held = HeldCall::new(request, (spec, call), (seed, output));
        let mut tx = self.store.begin(&request.principal.tenant, Access::Write).await?;
        held.insert(&mut tx, request.run_id.as_deref()).await?;
        tx.commit().await?;
        Ok(Ran::Held(held))
    }

    async fn run_in(
        &self,
        db: &mut sqlx::PgConnection,
        admitted: &Admitted<'_>,
        access: Access,
        data_version: &mut i64,
    ) -> Result<Value> {
        let running = async {
            let (request, seed) = (admitted.request, admitted.seed);
            let mut ctx = ToolContext::new(request, db, &self.derived, (access, seed)).await?;
            *data_version = ctx.versions.values().copied().max().unwrap_or(0);
            admitted.tool.call_json(&mut ctx, admitted.call.arguments.clone()).await
        };
        let left = self.limits.time.saturating_sub(admitted.started.elapsed());
        let output = tokio::time::timeout(left, running).await.map_err(|_| {
            Error::Unavailable(format!(
                "`{}` took longer than {} s: narrow the question and try again",
                admitted.spec.name,
                self.limits.time.as_secs()
            ))
        })??;
        let bytes = json_len(&output);
        match bytes <= self.limits.output_bytes {
            true => Ok(output),
            false => Err(Error::TooLarge(format!(
                "the answer of `{}` is {bytes} bytes, more than {}: narrow the question",
                admitted.spec.name, self.limits.output_bytes
            ))),
        }
    }

    /// Confirm or decline a held write. Confirming runs it again and keeps it only if the output
    /// equals the preview.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Expired`]; [`Error::Conflict`] when it was decided before or
    /// the records changed since; [`Error::Forbidden`].
    pub async fn decide(
        &self,
        request: &RequestContext,
        held_id: &str,
        decision: Decision,
    ) -> Result<Outcome> {
        let started = Instant::now();
        let mut tx = self.store.begin(&request.principal.tenant, Access::Write).await?;
        let held = HeldCall::lock(&mut tx, held_id, request.now).await?;
        let (spec, tool) = self.registry.find(&held.tool, &request.principal)?;
        held.may_decide(request, spec)?;
        held.decided(&mut tx, request, decision).await?;
        let seed = held.seed()?;
        let receipt_id = format!("rc_{}", Uuid::now_v7().simple());
        if decision == Decision::Decline {
            tx.commit().await?;
            return Ok(Outcome::Held { held, receipt_id });
        }
        // The tool sees the preview's instant and makes the preview's ids.
        let then = RequestContext { now: held.created_at, ..request.clone() };
        let call = ToolCall {
            id: held.id.clone(),
            name: held.tool.clone(),
            arguments: held.arguments.clone(),
        };
        let admitted = Admitted { request: &then, spec, tool, call: &call, seed, started };
        let mut data_version = 0;
        let output = self.run_in(&mut tx, &admitted, Access::Write, &mut data_version).await?;
        if output != held.preview {
            return Err(Error::Conflict(format!(
                "the records changed since the preview of `{held_id}`: nothing was written, ask \
                 for the change again to see it as it is now"
            )));
        }
        let kept = CallOutcome::Kept { held_id: held.id.clone(), output: output.clone() };
        let mut record = self.describe(&then, &call, (seed, started), (data_version, kept));
        record.receipt_id.clone_from(&receipt_id);
        // The receipt comes first: a write without one could never be accounted for, while one that
        // was not kept after all is followed by a record that says so.
        self.observer.record(&record)?;
        if let Err(error) = tx.commit().await {
            let problem = error.to_problem(&request.request_id);
            record.outcome = CallOutcome::Failed { problem };
            record.receipt_id = format!("rc_{}", Uuid::now_v7().simple());
            self.observer.record(&record)?;
            return Err(error);
        }
        Ok(Outcome::Done { output, receipt_id })
    }

    /// A held call as it waits, for showing to the person who decides.
    ///
    /// # Errors
    /// As [`decide`](Self::decide), without running anything.
    pub async fn held(&self, request: &RequestContext, held_id: &str) -> Result<HeldCall> {
        let mut tx = self.store.begin(&request.principal.tenant, Access::Read).await?;
        let held = HeldCall::load(&mut tx, held_id, request.now).await?;
        let (spec, _) = self.registry.find(&held.tool, &request.principal)?;
        held.may_decide(request, spec)?;
        Ok(held)
    }

    /// Run a read again without recording it: how a receipt is replayed.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a write; otherwise as [`call`](Self::call).
    pub async fn rerun(&self, request: &RequestContext, call: &ToolCall) -> Result<Value> {
        let (spec, tool) = self.registry.find(&call.name, &request.principal)?;
        if spec.effect != Effect::Read {
            return Err(Error::invalid("tool", "is a write: only reads are run again"));
        }
        self.check(spec, &call.arguments)?;
        let (seed, started) = (Uuid::nil(), Instant::now());
        let admitted = Admitted { request, spec, tool, call, seed, started };
        let mut tx = self.store.begin(&request.principal.tenant, Access::Read).await?;
        self.run_in(&mut tx, &admitted, Access::Read, &mut 0).await
    }

    /// The names this tenant's people may use, from every workspace they may read, in the form
    /// `build` gives them; built anew only when the records change.
    ///
    /// # Errors
    /// An outage of the database.
    pub async fn lexicon<T: Send + Sync + 'static>(
        &self,
        request: &RequestContext,
        build: fn(Vec<Term>) -> T,
    ) -> Result<Arc<T>> {
        let principal = &request.principal;
        let mut tx = self.store.begin(&principal.tenant, Access::Read).await?;
        let seeing = (Access::Read, Uuid::nil());
        let mut ctx = ToolContext::new(request, &mut tx, &self.derived, seeing).await?;
        let readable: Vec<_> = self
            .registry
            .workspaces()
            .iter()
            .filter(|it| it.tools.iter().any(|tool| allowed(principal, &tool.spec())))
            .copied()
            .collect();
        let name =
            readable.iter().fold("lexicon".to_owned(), |name, it| format!("{name}:{}", it.id));
        let areas: Vec<String> = ctx.versions.keys().cloned().collect();
        let areas: Vec<&str> = areas.iter().map(String::as_str).collect();
        ctx.derived(&name, &areas, |db| {
            Box::pin(async move {
                let mut terms = Vec::new();
                for workspace in readable {
                    terms.extend((workspace.lexicon)(&mut *db).await?);
                }
                Ok(build(terms))
            })
        })
        .await
    }

    fn check(&self, spec: &ToolSpec, arguments: &Value) -> Result<()> {
        let bytes = json_len(arguments);
        if bytes > self.limits.argument_bytes {
            return Err(Error::TooLarge(format!(
                "the arguments are {bytes} bytes, more than {}: send less",
                self.limits.argument_bytes
            )));
        }
        self.registry.check(spec, arguments)
    }

    fn describe(
        &self,
        request: &RequestContext,
        call: &ToolCall,
        (seed, started): (Uuid, Instant),
        (data_version, outcome): (i64, CallOutcome),
    ) -> CallRecord {
        CallRecord {
            receipt_id: format!("rc_{}", seed.simple()),
            tenant: request.principal.tenant.clone(),
            user: request.principal.user.clone(),
            door: request.door,
            request_id: request.request_id.clone(),
            run_id: request.run_id.clone(),
            call_id: call.id.clone(),
            tool: call.name.chars().take(80).collect(),
            arguments: call.arguments.clone(),
            now: request.now,
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            data_version,
            input_hash: input_hash(&call.name, &call.arguments, request.now, data_version),
            took_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            outcome,
        }
    }
}

enum Ran {
    Done(Value),
    Held(HeldCall),
}

fn allowed(principal: &Principal, spec: &ToolSpec) -> bool {
    principal.require(&spec.permission).is_ok()
}

/// Bytes of a value's JSON, without writing it anywhere.
fn json_len(value: &Value) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}
