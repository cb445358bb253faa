//! A server on a free port, over a tenant with the demo records.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use kernel::{Door, Permission, RequestContext, TenantId};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use server::auth::NewKey;
use server::{App, Caller, Config};
use store::ApiKey;
use store::testing::{TestTenant, now, store};

pub(crate) struct Bench {
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) tenant: TestTenant,
    _data: tempfile::TempDir,
}

impl Bench {
    /// A server with the demo records of every workspace.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, set otherwise.
    pub(crate) async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let tenant = TestTenant::new().await;
        let data = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: data.path().into(),
            tenant: tenant.id().clone(),
            demo: false,
            ..Config::default()
        };
        set(&mut config);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        config.listen = address;
        let log = config.log_dir();
        let app = App::assemble(config, store().await.clone(), (tools::WORKSPACES, &log)).unwrap();
        app.load_demo(tenant.id(), now()).await.unwrap();
        let app = Arc::new(app);
        tokio::spawn(server::http::serve(app.clone(), listener, std::future::pending()));
        Self { app, address, client: Client::new(), tenant, _data: data }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    /// A request by the local operator at the instant of the demo records.
    pub(crate) fn operator(&self) -> RequestContext {
        Caller { principal: self.app.operator(), request_id: "test".into(), now: now() }
            .context(Door::Rest)
    }

    /// A key of a tenant.
    pub(crate) async fn key(&self, tenant: &TenantId, permissions: &[&str]) -> String {
        let all: BTreeSet<Permission> = self.app.all_permissions().collect();
        let permissions = match permissions {
            ["all"] => all,
            some => some.iter().map(|it| it.parse().unwrap()).collect(),
        };
        let made = NewKey::make().unwrap();
        let key = ApiKey {
            tenant: tenant.clone(),
            label: made.secret[..12].to_owned(),
            permissions,
            groups: Vec::new(),
            created_at: server::clock::now(),
            expires_at: None,
            revoked_at: None,
        };
        self.app.store.add_key(&made.hash, &key).await.unwrap();
        made.secret
    }
}

/// The problem a response carries, after checking that it is one.
pub(crate) async fn problem(response: Response) -> Value {
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    assert_eq!(kind, "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status, "{problem}");
    assert_eq!(problem["instance"], format!("/requests/{id}"));
    assert!(problem["detail"].as_str().is_some_and(|it| it.len() > 10), "{problem}");
    problem
}
