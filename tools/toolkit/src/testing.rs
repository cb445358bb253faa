//! Testing a tool through the gate, on a tenant of its own.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up must stop")]

use std::sync::Arc;

use kernel::{Action, Door, Permission, Principal, RequestContext, Result};
use serde_json::Value;
use store::testing::TestTenant;

use crate::{
    Decision, Executor, Language, Limits, Narration, Narrator, Outcome, Registry, ToolCall,
    Unobserved, Workspace,
};

/// A gate over some workspaces and a fresh tenant whose user may do everything in them.
pub struct Bench {
    /// The gate.
    pub executor: Executor,
    /// The tenant.
    pub tenant: TestTenant,
    /// A request by a user of that tenant.
    pub request: RequestContext,
    narrator: Narrator,
}

impl Bench {
    /// Provision a tenant and put these workspaces behind a gate.
    pub async fn new(workspaces: &'static [&'static Workspace]) -> Self {
        let tenant = TestTenant::new().await;
        let registry = Registry::new(workspaces).expect("the tools' schemas are schemas");
        let narrator = Narrator::new(&registry).expect("the tools' narrations parse");
        let request = request_of(&tenant, workspaces);
        let store = Arc::new(tenant.store().clone());
        let executor = Executor::new(registry, store, Arc::new(Unobserved), Limits::default());
        Self { executor, tenant, request, narrator }
    }

    /// Call a tool.
    ///
    /// # Errors
    /// Whatever the gate answers.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<Outcome> {
        let call = ToolCall { id: "c1".into(), name: tool.into(), arguments };
        self.executor.call(&self.request, &call).await
    }

    /// Call a read and return its output.
    ///
    /// # Errors
    /// Whatever the gate answers.
    pub async fn read(&self, tool: &str, arguments: Value) -> Result<Value> {
        match self.call(tool, arguments).await? {
            Outcome::Done { output, .. } => Ok(output),
            Outcome::Held { held, .. } => Ok(held.preview),
        }
    }

    /// Propose a write and confirm it, as a person would; the output that was kept.
    ///
    /// # Errors
    /// Whatever the gate answers.
    pub async fn write(&self, tool: &str, arguments: Value) -> Result<Value> {
        match self.call(tool, arguments).await? {
            Outcome::Done { output, .. } => Ok(output),
            Outcome::Held { held, .. } => {
                match self.executor.decide(&self.request, &held.id, Decision::Confirm).await? {
                    Outcome::Done { output, .. } => Ok(output),
                    Outcome::Held { held, .. } => Ok(held.preview),
                }
            }
        }
    }

    /// Tell an output in words.
    pub fn narrate(&self, tool: &str, output: &Value) -> Narration {
        let told = self.narrator.narrate(tool, Language::English, output.clone());
        told.expect("the narration renders")
    }
}

/// A request by a user who may do everything in these workspaces.
pub fn request_of(tenant: &TestTenant, workspaces: &[&Workspace]) -> RequestContext {
    let actions = [Action::Read, Action::Write, Action::Approve];
    let permissions = workspaces
        .iter()
        .flat_map(|it| actions.map(|action| Permission::new(it.id, action)))
        .collect();
    RequestContext {
        principal: Principal {
            tenant: tenant.id().clone(),
            user: "tester".into(),
            permissions,
            groups: Vec::new(),
        },
        request_id: "test".into(),
        now: store::testing::now(),
        door: Door::Rest,
        run_id: None,
    }
}
