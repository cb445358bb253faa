//! What a turn costs beside its tools: the gate, the narration, the whole local turn with its
//! record in the durable log. On the embedded database unless `DATABASE_URL` names a server.
//!
//! Run with `cargo bench -p server --bench turn`. Absolute times depend on the machine; the
//! `database round trip` row is the yardstick for the others.

#![expect(clippy::expect_used, reason = "a benchmark that cannot set itself up must stop")]

use std::sync::{Arc, OnceLock};

use divan::Bencher;
use kernel::{Door, RequestContext};
use serde_json::{Value, json};
use server::{App, Config, clock, copilot};
use tokio::runtime::Runtime;
use toolkit::{Language, Outcome, ToolCall};

fn main() {
    divan::main();
}

struct Product {
    runtime: Runtime,
    app: Arc<App>,
    _folder: tempfile::TempDir,
}

fn product() -> &'static Product {
    static PRODUCT: OnceLock<Product> = OnceLock::new();
    PRODUCT.get_or_init(|| {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config { data: folder.path().to_path_buf(), ..Config::default() };
        let app = runtime.block_on(App::open(config, clock::now())).expect("the product opens");
        Product { runtime, app: Arc::new(app), _folder: folder }
    })
}

fn request(app: &App) -> RequestContext {
    RequestContext {
        principal: app.operator(),
        request_id: "bench".into(),
        now: clock::now(),
        door: Door::Cli,
        run_id: None,
    }
}

fn call() -> ToolCall {
    ToolCall { id: "c1".into(), name: "vending_list_devices".into(), arguments: json!({}) }
}

#[divan::bench(name = "database round trip")]
fn round_trip(bencher: Bencher) {
    let Product { runtime, app, .. } = product();
    bencher.bench(|| runtime.block_on(app.store.ping()).expect("the database answers"));
}

#[divan::bench(name = "gate: one read, recorded")]
fn gate(bencher: Bencher) {
    let Product { runtime, app, .. } = product();
    let (request, call) = (request(app), call());
    bencher.bench(|| runtime.block_on(app.executor.call(&request, &call)).expect("it answers"));
}

#[divan::bench(name = "narration of that read")]
fn narration(bencher: Bencher) {
    let Product { runtime, app, .. } = product();
    let outcome = runtime.block_on(app.executor.call(&request(app), &call()));
    let output = match outcome.expect("it answers") {
        Outcome::Done { output, .. } => output,
        Outcome::Held { .. } => Value::Null,
    };
    bencher.with_inputs(|| output.clone()).bench_values(|output| {
        app.narrator.narrate("vending_list_devices", Language::English, output)
    });
}

#[divan::bench(name = "whole local turn, every event logged")]
fn turn(bencher: Bencher) {
    let Product { runtime, app, .. } = product();
    bencher.bench(|| {
        let asked = ("list the vending machines".to_owned(), None);
        runtime.block_on(copilot::ask(app, request(app), asked)).expect("it answers")
    });
}
