//! The server is killed (SIGKILL) again and again while it is being asked; every turn it had
//! acknowledged is found afterwards, once and whole.
//!
//! Slow, so it runs when asked for: `cargo test -p server --test crash -- --ignored --nocapture`.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must stop")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How often the server dies.
const KILLS: u64 = 50;
/// Who asks at the same time.
const CLIENTS: usize = 4;

const QUESTIONS: [&str; 4] = [
    "list the vending machines",
    "show me the documents",
    "what is the weather like",
    "what core temperature must cooked meat reach?",
];

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(data: &Path, port: u16) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_quartermaster"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }

    async fn ready(&mut self, client: &reqwest::Client) {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(90) {
            let asked = client.get(format!("{}/health/ready", self.url)).send().await;
            if asked.is_ok_and(|it| it.status().is_success()) {
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "the server did not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("the server was not ready within 90 s");
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Ask until told to stop; the runs whose whole answer arrived.
async fn ask_on(
    client: reqwest::Client,
    url: String,
    stop: Arc<AtomicBool>,
    first: usize,
) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let mut number = first;
    while !stop.load(Ordering::Relaxed) {
        let body = json!({ "message": QUESTIONS[number % QUESTIONS.len()] });
        number += 1;
        let Ok(response) = client.post(format!("{url}/copilot")).json(&body).send().await else {
            continue;
        };
        if let Ok(answer) = response.json::<Value>().await
            && let Some(run_id) = answer["metadata"]["runId"].as_str()
        {
            acknowledged.push(run_id.to_owned());
        }
    }
    acknowledged
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
#[ignore = "kills the server 50 times, which takes minutes"]
fn every_acknowledged_turn_survives_fifty_kills() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let mut acknowledged: Vec<String> = Vec::new();
        for round in 0..KILLS {
            let mut server = Server::start(folder.path(), free_port());
            server.ready(&client).await;
            let stop = Arc::new(AtomicBool::new(false));
            let asking: Vec<_> = (0..CLIENTS)
                .map(|it| {
                    tokio::spawn(ask_on(client.clone(), server.url.clone(), stop.clone(), it))
                })
                .collect();
            // Between 100 ms and 1 s, different each time and the same on every run.
            let pause = 100 + (round * 7_919) % 900;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            server.kill();
            stop.store(true, Ordering::Relaxed);
            for asked in asking {
                acknowledged.extend(asked.await.unwrap());
            }
        }
        assert!(acknowledged.len() > 50, "too few turns to prove anything: {}", acknowledged.len());
        let mut server = Server::start(folder.path(), free_port());
        server.ready(&client).await;
        let mut lost = Vec::new();
        for run_id in &acknowledged {
            let found = client.get(format!("{}/copilot/runs/{run_id}", server.url)).send().await;
            let turn: Value = found.unwrap().json().await.unwrap();
            let events = turn["events"].as_array().map_or(0, Vec::len);
            if turn["metadata"]["outcome"].is_null() || events < 3 {
                lost.push(run_id.clone());
            }
        }
        println!("{KILLS} kills, {} acknowledged turns, {} lost", acknowledged.len(), lost.len());
        server.kill();
        assert!(lost.is_empty(), "lost: {lost:?}");
    });
}
