//! What HTTP itself promises: who gets in, and what errors look like.

use reqwest::Method;
use serde_json::{Value, json};
use store::testing::block_on;

use crate::bench::{Bench, problem};

#[test]
fn every_error_is_a_problem_that_says_what_to_do() {
    block_on(async {
        let bench = Bench::with(|it| it.body_limit = 2_000).await;
        let tool = "/api/v1/tools/vending_list_devices";

        let missing = problem(bench.get("/nowhere").await).await;
        assert_eq!(
            (missing["status"].as_u64(), missing["type"].as_str()),
            (Some(404), Some("/problems/not_found"))
        );

        let response = bench.request(Method::DELETE, tool).send().await.unwrap();
        assert!(response.headers().contains_key("allow"));
        assert_eq!(problem(response).await["status"], 405);

        let broken = bench.request(Method::POST, tool).header("content-type", "application/json");
        let broken = problem(broken.body("{\"a\": 1,\n \"b\" 2}").send().await.unwrap()).await;
        assert_eq!(broken["status"], 422);
        assert!(broken["detail"].as_str().unwrap().contains("line 2 column"), "{broken}");

        let text = bench.request(Method::POST, tool).header("content-type", "text/csv").body("a,b");
        assert_eq!(problem(text.send().await.unwrap()).await["status"], 415);

        let large = bench.post(tool, &json!({ "filler": "x".repeat(3_000) })).await;
        assert_eq!(problem(large).await["status"], 413);

        let unknown = bench.post("/api/v1/tools/vending_list_device", &json!({})).await;
        let unknown = problem(unknown).await;
        assert_eq!(unknown["nearest"], "vending_list_devices");

        let extra = problem(bench.post(tool, &json!({ "nonsense": 1 })).await).await;
        assert_eq!(
            (extra["status"].as_u64(), extra["field"].as_str()),
            (Some(422), Some("nonsense"))
        );
        let scalar = problem(bench.post(tool, &json!([1])).await).await;
        assert_eq!(scalar["status"], 422);
    });
}

#[test]
fn a_request_id_comes_back_and_a_strange_one_is_replaced() {
    block_on(async {
        let bench = Bench::new().await;
        let asked = bench.request(Method::GET, "/health/live").header("x-request-id", "till-3.7");
        assert_eq!(asked.send().await.unwrap().headers()["x-request-id"], "till-3.7");
        let asked =
            bench.request(Method::GET, "/health/live").header("x-request-id", "a b<script>");
        let given = asked.send().await.unwrap().headers()["x-request-id"].clone();
        assert_eq!(given.len(), 32);
    });
}

#[test]
fn only_whoever_sits_at_this_machine_needs_no_key() {
    block_on(async {
        let bench = Bench::new().await;
        assert_eq!(bench.get("/api/v1/tools").await.status(), 200);
        for (name, value) in [
            ("host", "evil.example"),
            ("host", "127.0.0.1.evil.example"),
            ("x-forwarded-for", "10.0.0.9"),
            ("authorization", "Bearer qm_wrong"),
            ("authorization", "Basic b3A6b3A="),
            ("x-api-key", ""),
        ] {
            let asked = bench.request(Method::GET, "/api/v1/tools").header(name, value);
            let response = asked.send().await.unwrap();
            assert_eq!(response.headers()["www-authenticate"], "Bearer", "{name}: {value}");
            assert_eq!(problem(response).await["status"], 401, "{name}: {value}");
        }
        // A page elsewhere must not act through the browser of whoever sits here.
        let forged = bench
            .request(Method::POST, "/api/v1/tools/vending_list_devices")
            .header("origin", "https://evil.example")
            .json(&json!({}));
        assert_eq!(problem(forged.send().await.unwrap()).await["status"], 403);
        let own = bench
            .request(Method::POST, "/api/v1/tools/vending_list_devices")
            .header("origin", format!("http://{}", bench.address))
            .json(&json!({}));
        assert_eq!(own.send().await.unwrap().status(), 200);
        // What tells nothing of tenants is open.
        for path in ["/health", "/health/live", "/health/ready", "/api/openapi.json", "/api/docs"] {
            let asked = bench.request(Method::GET, path).header("host", "qm.example");
            assert_eq!(asked.send().await.unwrap().status(), 200, "{path}");
        }
    });
}

#[test]
fn a_key_opens_what_it_may_until_it_is_revoked() {
    block_on(async {
        let bench = Bench::new().await;
        let key = bench.key(bench.tenant.id(), &["vending:read"]).await;
        let ask = |path: &'static str| {
            bench.request(Method::GET, path).header("host", "qm.example").bearer_auth(&key)
        };
        let tools: Value = ask("/api/v1/tools").send().await.unwrap().json().await.unwrap();
        let tools = tools["tools"].as_array().unwrap();
        assert!(!tools.is_empty());
        assert!(tools.iter().all(|it| it["permission"] == "vending:read"), "{tools:?}");

        let others = ask("/api/v1/tools/library_list_documents").send().await.unwrap();
        assert_eq!(others.status(), 404);
        let forbidden = bench
            .request(Method::POST, "/api/v1/tools/library_list_documents")
            .header("x-api-key", &key)
            .json(&json!({}));
        let forbidden = problem(forbidden.send().await.unwrap()).await;
        assert_eq!(forbidden["status"], 403);
        assert!(forbidden["detail"].as_str().unwrap().contains("library:read"), "{forbidden}");

        let label = &key[..12];
        bench.app.store.revoke_key(bench.tenant.id(), label, server::clock::now()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5_100)).await;
        assert_eq!(ask("/api/v1/tools").send().await.unwrap().status(), 401);
    });
}

#[test]
fn a_key_that_asks_too_often_is_told_when_to_come_back() {
    block_on(async {
        let bench = Bench::with(|it| (it.rate, it.burst) = (0.5, 5)).await;
        let key = bench.key(bench.tenant.id(), &["all"]).await;
        let mut statuses = Vec::new();
        for _ in 0..7 {
            let asked = bench.request(Method::GET, "/api/v1/tools").bearer_auth(&key);
            statuses.push(asked.send().await.unwrap());
        }
        let refused = statuses.pop().unwrap();
        let wait: u32 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=4).contains(&wait), "{wait}");
        assert_eq!(problem(refused).await["status"], 429);
        assert!(statuses[..5].iter().all(|it| it.status() == 200));
        assert_eq!(bench.get("/api/v1/tools").await.status(), 200, "others are not held up");
    });
}

#[test]
fn the_docs_page_needs_nothing_from_elsewhere() {
    block_on(async {
        let bench = Bench::new().await;
        let page = bench.get("/api/docs").await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let html = page.text().await.unwrap();
        for spec in bench.app.executor.registry().specs() {
            assert!(html.contains(&format!("id=\"{}\"", spec.name)), "{}", spec.name);
        }
        for forbidden in ["<script", " style=", "//cdn", "src="] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        assert_eq!(bench.get("/api/docs.css").await.status(), 200);
    });
}

#[test]
fn the_openapi_document_describes_every_tool_and_route() {
    block_on(async {
        let bench = Bench::new().await;
        let document: Value = bench.get("/api/openapi.json").await.json().await.unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                ids.push(operation["operationId"].as_str().unwrap().to_owned());
                assert!(operation["responses"]["default"].is_object(), "{path}");
                let named = path.split('/').filter(|it| it.starts_with('{')).count();
                let parameters = operation["parameters"].as_array();
                let declared = parameters.into_iter().flatten().filter(|it| it["in"] == "path");
                assert_eq!(declared.count(), named, "{path}");
            }
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "operation ids are unique");
        for spec in bench.app.executor.registry().specs() {
            assert!(ids.iter().any(|it| it == spec.name), "{}", spec.name);
        }
        assert!(!document.to_string().contains("$defs"));
    });
}

#[test]
fn keys_are_made_on_the_machine_itself_and_a_key_makes_none() {
    block_on(async {
        let bench = Bench::new().await;
        let wish = json!({ "label": "till 3", "permissions": "vending:read" });
        let made = bench.post("/api/v1/keys", &wish).await;
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let key = made["key"].as_str().unwrap();
        assert_eq!(bench.post("/api/v1/keys", &wish).await.status(), 409);
        let wrong = json!({ "label": "x", "permissions": "vending:reed" });
        assert_eq!(bench.post("/api/v1/keys", &wrong).await.status(), 422);
        let missing = json!({ "label": "x", "permissions": "vendin:read" });
        assert_eq!(
            problem(bench.post("/api/v1/keys", &missing).await).await["nearest"],
            "vending:read"
        );
        for method in [Method::GET, Method::POST] {
            let asked = bench.request(method, "/api/v1/keys").bearer_auth(key).json(&wish);
            assert_eq!(problem(asked.send().await.unwrap()).await["status"], 401);
        }
        let listed = bench.get("/api/v1/keys").await.text().await.unwrap();
        assert!(listed.contains("till 3") && !listed.contains(key), "{listed}");
        let revoked = bench.request(Method::DELETE, "/api/v1/keys/till%203").send().await.unwrap();
        assert_eq!(revoked.status(), 204);
        let again = bench.request(Method::DELETE, "/api/v1/keys/nobody").send().await.unwrap();
        assert_eq!(problem(again).await["status"], 404);
    });
}

#[test]
fn a_nul_in_an_address_or_a_body_is_the_callers_mistake() {
    block_on(async {
        let bench = Bench::new().await;
        let named = bench.get("/receipts/rc_%00").await;
        assert!((400..500).contains(&named.status().as_u16()), "{}", named.status());
        let text = json!({ "title": "a\u{0}b", "text": "text" });
        let held = bench.post("/api/v1/tools/library_add_document", &text).await;
        assert_eq!(problem(held).await["status"], 422);
    });
}
