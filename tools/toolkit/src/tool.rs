//! What a tool is.

use std::future::Future;

use futures::future::BoxFuture;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ToolContext, schema};

/// Something the copilot can do: one definition, four doors.
///
/// The doc comment on [`Args`](Tool::Args) is the description every door shows; the comments on
/// its fields are the arguments' descriptions. A string argument may say what fills it with
/// `#[schemars(extend("x-slot" = "lot"))]`.
pub trait Tool: Send + Sync + 'static {
    /// Unique across workspaces, `<workspace>_<verb>_<noun>`, at most 64 of `a-z0-9_`.
    const NAME: &'static str;
    /// What a person reads on a button.
    const TITLE: &'static str;
    /// What calling it does to the tenant's records.
    const EFFECT: Effect;
    /// What the caller must be allowed to do.
    const PERMISSION: Permission;
    /// A REST route of its own, besides `POST /api/v1/tools/{name}`.
    const ROUTE: Option<Route> = None;
    /// Ways to ask for it in English and Hebrew, with `{argument}` slots and `(one|another)`
    /// alternatives: for the local planner and the widget.
    const PHRASES: &'static [&'static str];
    /// How to tell the result in English, as a template over the output. Every number in it comes
    /// from the output; a template that computes or spells one is refused.
    const NARRATION: &'static str;
    /// The same in Hebrew; empty falls back to English.
    const NARRATION_HE: &'static str = "";
    /// Tools to offer next; arguments of the same name are carried over.
    const NEXT: &'static [&'static str] = &[];

    /// What it is given.
    type Args: Serialize + DeserializeOwned + JsonSchema + Send;
    /// What it answers.
    type Output: Serialize + JsonSchema + Send;

    /// Arguments that work on the demo data: shown in docs, run by tests.
    fn example() -> Self::Args;

    /// Do it. For a write this runs twice: once to preview, once to keep; both times it sees the
    /// same ids and the same instant.
    fn call(
        &self,
        ctx: &mut ToolContext<'_>,
        args: Self::Args,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// What calling a tool does to the tenant's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds records; takes nothing away.
    Add,
    /// Alters or removes records.
    Change,
}

/// How a tool's own route is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// For reads only: path and query become the arguments.
    Get,
    /// Path and JSON body become the arguments.
    Post,
}

/// A REST route under `/api`, e.g. `/v1/fsq/lots/{lot}/trace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Route {
    /// How it is called.
    pub method: Method,
    /// The path below `/api`; names in braces are arguments.
    pub path: &'static str,
}

impl Route {
    /// A route for a read.
    pub const fn get(path: &'static str) -> Self {
        Self { method: Method::Get, path }
    }

    /// A route for a write, or a read with a large request.
    pub const fn post(path: &'static str) -> Self {
        Self { method: Method::Post, path }
    }
}

/// A request to run a tool, from whichever door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Names the call within its turn: `c1`, `c2`, …
    pub id: String,
    /// The tool.
    pub name: String,
    /// An object.
    pub arguments: Value,
}

/// A tool as data: what the doors publish.
#[derive(Debug, Clone, Serialize)]
pub struct ToolSpec {
    /// [`Tool::NAME`].
    pub name: &'static str,
    /// [`Tool::TITLE`].
    pub title: &'static str,
    /// The doc comment on the arguments.
    pub description: String,
    /// [`Tool::EFFECT`].
    pub effect: Effect,
    /// JSON Schema 2020-12 of the arguments: an object, self-contained.
    pub input_schema: Value,
    /// JSON Schema 2020-12 of the output.
    pub output_schema: Value,
    /// [`Tool::example`].
    pub example: Value,
    /// [`Tool::PERMISSION`].
    pub permission: Permission,
    /// [`Tool::ROUTE`].
    pub route: Option<Route>,
    /// The input schema with its `x-slot` hints, for slot filling.
    #[serde(skip)]
    pub slot_schema: Value,
    /// [`Tool::PHRASES`].
    #[serde(skip)]
    pub phrases: &'static [&'static str],
    /// [`Tool::NARRATION`].
    #[serde(skip)]
    pub narration: &'static str,
    /// [`Tool::NARRATION_HE`].
    #[serde(skip)]
    pub narration_he: &'static str,
    /// [`Tool::NEXT`].
    #[serde(skip)]
    pub next: &'static [&'static str],
}

impl ToolSpec {
    /// The workspace the tool belongs to.
    pub fn workspace(&self) -> &str {
        &self.permission.workspace
    }
}

/// A [`Tool`] with its types erased, so that tools can share a list.
pub trait AnyTool: Send + Sync {
    /// The tool as data.
    fn spec(&self) -> ToolSpec;

    /// Decode, run, encode.
    fn call_json<'a>(
        &'a self,
        ctx: &'a mut ToolContext<'_>,
        arguments: Value,
    ) -> BoxFuture<'a, Result<Value>>;
}

impl<T: Tool> AnyTool for T {
    fn spec(&self) -> ToolSpec {
        let slot_schema = schema::input_schema_of::<T::Args>();
        let description = slot_schema["description"].as_str().unwrap_or_default();
        ToolSpec {
            name: T::NAME,
            title: T::TITLE,
            description: description.split_whitespace().collect::<Vec<_>>().join(" "),
            effect: T::EFFECT,
            input_schema: schema::without_hints(&slot_schema),
            output_schema: schema::output_schema_of::<T::Output>(),
            example: serde_json::to_value(T::example()).unwrap_or_default(),
            permission: T::PERMISSION,
            route: T::ROUTE,
            slot_schema,
            phrases: T::PHRASES,
            narration: T::NARRATION,
            narration_he: T::NARRATION_HE,
            next: T::NEXT,
        }
    }

    fn call_json<'a>(
        &'a self,
        ctx: &'a mut ToolContext<'_>,
        arguments: Value,
    ) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let arguments = serde_json::from_value(arguments)
                .map_err(|error| Error::invalid("arguments", error.to_string()))?;
            let output = self.call(ctx, arguments).await?;
            serde_json::to_value(output).map_err(Error::internal)
        })
    }
}
