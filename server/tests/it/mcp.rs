//! The MCP door in both eras.

use reqwest::{Method, Response};
use rmcp::ServiceExt;
use rmcp::model::{
    CacheScope, ElicitRequestParams, ElicitResult, ElicitationAction, ProtocolVersion,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::{Value, json};
use store::testing::{TestTenant, block_on};
use toolkit::{Effect, ToolSpec};

use crate::bench::Bench;

/// One stateless request of the present protocol, by a client that can show its person a form.
async fn send(bench: &Bench, key: Option<&str>, method: &str, params: Value) -> Response {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {} } },
    });
    let mut asked = bench
        .request(Method::POST, "/mcp")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method);
    if let Some(name) = params["name"].as_str() {
        asked = asked.header("mcp-name", name);
    }
    if let Some(key) = key {
        asked = asked.bearer_auth(key);
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    asked.json(&body).send().await.unwrap()
}

async fn ask(bench: &Bench, method: &str, params: Value) -> Value {
    send(bench, None, method, params).await.json().await.unwrap()
}

fn a_write(bench: &Bench) -> ToolSpec {
    let registry = bench.app.executor.registry();
    registry.specs().find(|it| it.effect == Effect::Add).unwrap().clone()
}

#[test]
fn the_list_is_in_order_and_says_what_each_tool_does() {
    block_on(async {
        let bench = Bench::new().await;
        let listed = ask(&bench, "tools/list", json!({})).await;
        let result = &listed["result"];
        let tools = result["tools"].as_array().unwrap();
        let names: Vec<&str> = tools.iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert!(names.is_sorted() && !names.is_empty(), "{names:?}");
        assert_eq!(
            (result["cacheScope"].as_str(), result["ttlMs"].as_u64()),
            (Some("private"), Some(300_000))
        );
        assert!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "quartermaster");
        for tool in tools {
            let reads = tool["annotations"]["readOnlyHint"] == true;
            assert_eq!(tool["outputSchema"].is_object(), reads, "{tool}");
            assert_eq!(tool["annotations"]["openWorldHint"], false);
            assert!(tool["title"].is_string() && tool["inputSchema"]["type"] == "object");
        }
        let narrow = bench.key(bench.tenant.id(), &["vending:read"]).await;
        let listed: Value =
            send(&bench, Some(&narrow), "tools/list", json!({})).await.json().await.unwrap();
        let tools = listed["result"]["tools"].as_array().unwrap();
        assert!(tools.iter().all(|it| it["annotations"]["readOnlyHint"] == true), "{tools:?}");
        assert!(tools.iter().all(|it| it["name"].as_str().unwrap().starts_with("vending_")));
    });
}

#[test]
fn both_eras_connect_with_the_official_client() {
    block_on(async {
        let bench = Bench::new().await;
        let count = bench.app.executor.registry().specs().count();
        let modern = ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        };
        let transport = || StreamableHttpClientTransport::from_uri(bench.url("/mcp"));
        let client = ().serve_with_lifecycle(transport(), modern).await.unwrap();
        let listed = client.list_tools(None).await.unwrap();
        assert_eq!((listed.tools.len(), listed.cache_scope), (count, Some(CacheScope::Private)));
        client.cancel().await.unwrap();
        let client = ().serve(transport()).await.unwrap();
        assert_eq!(client.list_all_tools().await.unwrap().len(), count);
        client.cancel().await.unwrap();
    });
}

#[test]
fn what_a_model_can_mend_is_a_result_and_an_unknown_tool_is_not() {
    block_on(async {
        let bench = Bench::new().await;
        let call = json!({ "name": "vending_list_devices", "arguments": { "nonsense": 1 } });
        let wrong = ask(&bench, "tools/call", call).await;
        assert_eq!(wrong["result"]["isError"], true, "{wrong}");
        assert!(wrong["result"]["content"][0]["text"].as_str().unwrap().contains("`nonsense`"));
        assert_eq!(wrong["result"]["structuredContent"]["field"], "nonsense");
        let unknown = ask(&bench, "tools/call", json!({ "name": "no_such_tool" })).await;
        assert_eq!(unknown["error"]["code"], -32602, "{unknown}");

        let key = bench.key(bench.tenant.id(), &["library:read"]).await;
        let call = json!({ "name": "vending_list_devices", "arguments": {} });
        let refused: Value =
            send(&bench, Some(&key), "tools/call", call).await.json().await.unwrap();
        assert!(refused.to_string().contains("vending:read"), "{refused}");
    });
}

#[test]
fn a_form_confirms_a_write_once_for_its_owner_and_its_arguments() {
    block_on(async {
        let bench = Bench::new().await;
        let spec = a_write(&bench);
        let call = json!({ "name": spec.name, "arguments": spec.example });
        let asked = ask(&bench, "tools/call", call.clone()).await;
        let asked = &asked["result"];
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        assert_eq!(asked["inputRequests"]["confirm"]["method"], "elicitation/create");
        let yes = json!({ "confirm": { "action": "accept", "content": { "confirm": true } } });
        let with = |state: &Value, answers: &Value| {
            let mut call = call.clone();
            call["requestState"] = state.clone();
            call["inputResponses"] = answers.clone();
            call
        };
        let state = &asked["requestState"];

        let forged = ask(&bench, "tools/call", with(&json!("forged"), &yes)).await;
        assert_eq!(forged["error"]["code"], -32602, "{forged}");
        let key = bench.key(bench.tenant.id(), &["all"]).await;
        let stolen = send(&bench, Some(&key), "tools/call", with(state, &yes)).await;
        let stolen: Value = stolen.json().await.unwrap();
        assert_eq!(stolen["error"]["code"], -32602, "{stolen}");
        let mut other = with(state, &yes);
        other["arguments"]["title"] = json!("something else");
        let other = ask(&bench, "tools/call", other).await;
        assert_eq!(other["error"]["code"], -32602, "{other}");
        let unanswered = ask(&bench, "tools/call", with(state, &json!({}))).await;
        assert_eq!(unanswered["result"]["resultType"], "input_required", "{unanswered}");

        let kept = ask(&bench, "tools/call", with(state, &yes)).await;
        assert_eq!(kept["result"]["isError"], false, "{kept}");
        assert!(kept["result"]["_meta"]["quartermaster/receipt"].is_string());
        let again = ask(&bench, "tools/call", with(state, &yes)).await;
        assert_eq!(again["result"]["structuredContent"]["status"], 409, "{again}");
    });
}

#[test]
fn a_client_that_cannot_ask_its_person_gets_a_link_and_no_way_round_it() {
    block_on(async {
        let bench = Bench::new().await;
        let spec = a_write(&bench);
        let client =
            ().serve(StreamableHttpClientTransport::from_uri(bench.url("/mcp"))).await.unwrap();
        let arguments = spec.example.as_object().unwrap().clone();
        let call = rmcp::model::CallToolRequestParams::new(spec.name).with_arguments(arguments);
        let held = client.call_tool(call.clone()).await.unwrap();
        let text = held.content[0].as_text().unwrap().text.clone();
        assert!(text.contains("/copilot/confirm") && text.contains("h_"), "{text}");
        let mut sly = call;
        sly.arguments.as_mut().unwrap().insert("confirm".into(), json!(true));
        assert_eq!(client.call_tool(sly).await.unwrap().is_error, Some(true));
        client.cancel().await.unwrap();
    });
}

/// An older client whose person says yes, or no, when asked while the call runs.
struct Person {
    agrees: bool,
}

impl rmcp::ClientHandler for Person {
    fn get_info(&self) -> rmcp::model::ClientConfig {
        let forms = rmcp::model::ClientCapabilities::builder().enable_elicitation().build();
        let name = rmcp::model::Implementation::new("old", "1");
        rmcp::model::ClientConfig::new(forms, name)
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: rmcp::service::RequestContext<rmcp::RoleClient>,
    ) -> Result<ElicitResult, rmcp::ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else {
            return Ok(ElicitResult::new(ElicitationAction::Cancel));
        };
        assert!(message.contains("keep this change?"), "{message}");
        let answer = ElicitResult::new(ElicitationAction::Accept);
        Ok(answer.with_content(json!({ "confirm": self.agrees })))
    }
}

#[test]
fn an_older_client_is_asked_while_the_call_runs() {
    block_on(async {
        let bench = Bench::new().await;
        let spec = a_write(&bench);
        let arguments = spec.example.as_object().unwrap().clone();
        let call = rmcp::model::CallToolRequestParams::new(spec.name).with_arguments(arguments);
        for agrees in [false, true] {
            let transport = StreamableHttpClientTransport::from_uri(bench.url("/mcp"));
            let client = Person { agrees }.serve(transport).await.unwrap();
            let result = client.call_tool(call.clone()).await.unwrap();
            let output = result.structured_content.unwrap();
            assert_eq!(output["status"] == "declined", !agrees, "{output}");
            assert_ne!(output["status"], "held", "{output}");
            client.cancel().await.unwrap();
        }
    });
}

/// Open a session as older clients do.
async fn initialize(bench: &Bench, key: &str) -> Response {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "old", "version": "1" } } });
    let asked = bench.request(Method::POST, "/mcp").bearer_auth(key).json(&body);
    asked.header("accept", "application/json, text/event-stream").send().await.unwrap()
}

#[test]
fn sessions_are_few_and_their_owners_alone() {
    block_on(async {
        let bench = Bench::with(|it| it.mcp_sessions = 2).await;
        let stranger = TestTenant::new().await;
        let (ours, theirs) = (
            bench.key(bench.tenant.id(), &["all"]).await,
            bench.key(stranger.id(), &["all"]).await,
        );
        let opened = initialize(&bench, &ours).await;
        assert_eq!(opened.status(), 200);
        let session = opened.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
        for (key, expected) in [(&theirs, 404), (&ours, 200)] {
            let asked = bench.request(Method::POST, "/mcp").bearer_auth(key).json(&list);
            let asked = asked
                .header("accept", "application/json, text/event-stream")
                .header("mcp-session-id", &session);
            assert_eq!(asked.send().await.unwrap().status(), expected);
        }
        assert_eq!(initialize(&bench, &ours).await.status(), 200);
        assert_eq!(initialize(&bench, &ours).await.status(), 503);
        let listed = ask(&bench, "tools/list", json!({})).await;
        assert!(listed["result"]["tools"].is_array(), "stateless clients are not held up");
    });
}

#[test]
fn other_hosts_and_pages_are_refused() {
    block_on(async {
        let bench = Bench::new().await;
        let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
        for (name, value, expected) in
            [("host", "evil.example", 401), ("origin", "https://evil.example", 403)]
        {
            let asked = bench.request(Method::POST, "/mcp").header(name, value).json(&list);
            assert_eq!(asked.send().await.unwrap().status(), expected, "{name}");
        }
    });
}

#[test]
fn instructions_are_short() {
    // Four letters a token is on the safe side for English.
    assert!(server::mcp::INSTRUCTIONS.len() <= 600, "{}", server::mcp::INSTRUCTIONS.len());
}
