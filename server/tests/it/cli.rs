//! The command line, against a running server: what it prints and how it ends.

use serde_json::Value;
use store::testing::block_on;
use toolkit::Effect;

use crate::bench::Bench;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

async fn run(bench: &Bench, words: &[&str]) -> Ran {
    let done = tokio::process::Command::new(env!("CARGO_BIN_EXE_quartermaster"))
        .args(words)
        .args(["--url", &bench.url("")])
        .stdin(std::process::Stdio::null())
        .output()
        .await
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: done.status.code().unwrap(), out: text(&done.stdout), err: text(&done.stderr) }
}

#[test]
fn exit_codes_say_what_kind_of_error_it_was() {
    block_on(async {
        let bench = Bench::new().await;
        let unknown = ["call", "vending_show_planogram", "--device", "VM-O01"];
        let ran = run(&bench, &unknown).await;
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains("VM-001"), "the nearest is offered: {}", ran.err);
        let whole = ["call", "vending_list_devices", "--arguments", "{\"nonsense\": 1}"];
        assert_eq!(run(&bench, &whole).await.code, 2);
        assert_eq!(run(&bench, &["call", "no_such_tool"]).await.code, 2);
        assert_eq!(run(&bench, &["tools", "--workspace", "vendin"]).await.code, 3);
        let nobody = tokio::process::Command::new(env!("CARGO_BIN_EXE_quartermaster"))
            .args(["call", "vending_list_devices", "--url", "http://127.0.0.1:1"])
            .output();
        assert_eq!(nobody.await.unwrap().status.code(), Some(6));
        let ran = run(&bench, &["call", "vending_list_devices"]).await;
        assert_eq!((ran.code, ran.out.is_empty()), (0, false), "{}", ran.err);
    });
}

#[test]
fn a_write_is_kept_only_when_somebody_says_so() {
    block_on(async {
        let bench = Bench::new().await;
        let registry = bench.app.executor.registry();
        let spec = registry.specs().find(|it| it.effect == Effect::Add).unwrap();
        let example = spec.example.to_string();
        let words = ["call", spec.name, "--json", "--arguments", &example];
        let unasked = run(&bench, &words).await;
        assert_eq!((unasked.code, unasked.out.as_str()), (5, ""), "{}", unasked.err);
        assert!(unasked.err.contains("--yes"), "{}", unasked.err);
        let kept = run(&bench, &[words.as_slice(), &["--yes"]].concat()).await;
        assert_eq!(kept.code, 0, "{}", kept.err);
        let output: Value = serde_json::from_str(&kept.out).unwrap();
        assert!(output.is_object());
    });
}

#[test]
fn keys_of_a_running_server_are_made_listed_and_revoked() {
    block_on(async {
        let bench = Bench::new().await;
        let made = run(&bench, &["key", "add", "--label", "till-3", "--permissions", "read"]).await;
        assert_eq!(made.code, 0, "{}", made.err);
        let key = made.out.trim();
        let asked = bench.request(reqwest::Method::GET, "/api/v1/tools").bearer_auth(key);
        assert_eq!(asked.send().await.unwrap().status(), 200);
        let listed = run(&bench, &["key", "list"]).await.out;
        assert!(listed.contains("till-3\tworks\t") && !listed.contains(key), "{listed}");
        assert_eq!(run(&bench, &["key", "revoke", "--label", "till-3"]).await.code, 0);
        assert!(run(&bench, &["key", "list"]).await.out.contains("till-3\trevoked"));
        assert_eq!(run(&bench, &["key", "revoke", "--label", "till-4"]).await.code, 3);
    });
}
