//! Every tool of every workspace, by name.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use jsonschema::Validator;
use kernel::{Error, Principal, Result};
use serde_json::Value;
use sqlx::PgConnection;

use crate::{AnyTool, Importer, Recipe, ToolSpec, arguments, nearest};

/// A set of tools for one kind of work, listed by hand in reading order.
pub struct Workspace {
    /// As written in permissions and tool names.
    pub id: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// One sentence on what it is for.
    pub description: &'static str,
    /// Its tools.
    pub tools: &'static [&'static dyn AnyTool],
    /// Its recipes.
    pub recipes: &'static [Recipe],
    /// The names a person may use for the tenant's records, read inside the tenant's transaction.
    pub lexicon: for<'c> fn(&'c mut PgConnection) -> BoxFuture<'c, Result<Vec<Term>>>,
    /// What it can read from files.
    pub importers: &'static [&'static dyn Importer],
    /// Fill an empty tenant with demo records, as of an instant.
    pub demo: for<'c> fn(&'c mut PgConnection, DateTime<Utc>) -> BoxFuture<'c, Result<()>>,
}

/// Something of the tenant's that a person may name in a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What it is, as `x-slot` names it: `lot`, `product`, `device`, …
    pub kind: &'static str,
    /// The value an argument takes.
    pub id: String,
    /// What people call it, the id aside.
    pub names: Vec<String>,
}

struct Entry {
    spec: ToolSpec,
    validator: Validator,
    tool: &'static dyn AnyTool,
}

/// Every tool of every workspace, by name.
pub struct Registry {
    workspaces: &'static [&'static Workspace],
    tools: BTreeMap<&'static str, Entry>,
}

impl Registry {
    /// Collect the tools of these workspaces.
    ///
    /// # Errors
    /// [`Error::Internal`] when a tool's schema is not a schema, or two tools share a name.
    pub fn new(workspaces: &'static [&'static Workspace]) -> Result<Self> {
        let mut tools = BTreeMap::new();
        for tool in workspaces.iter().flat_map(|it| it.tools) {
            let spec = tool.spec();
            let validator = jsonschema::draft202012::new(&spec.input_schema)
                .map_err(|it| Error::internal(format!("schema of `{}`: {it}", spec.name)))?;
            let name = spec.name;
            if tools.insert(name, Entry { spec, validator, tool: *tool }).is_some() {
                return Err(Error::internal(format!("two tools are called `{name}`")));
            }
        }
        Ok(Self { workspaces, tools })
    }

    /// The workspaces, in reading order.
    pub fn workspaces(&self) -> &'static [&'static Workspace] {
        self.workspaces
    }

    /// Every tool, by name.
    pub fn specs(&self) -> impl Iterator<Item = &ToolSpec> {
        self.tools.values().map(|it| &it.spec)
    }

    /// One tool.
    pub fn spec(&self, name: &str) -> Option<&ToolSpec> {
        self.tools.get(name).map(|it| &it.spec)
    }

    /// One recipe.
    pub fn recipe(&self, name: &str) -> Option<&'static Recipe> {
        self.workspaces.iter().flat_map(|it| it.recipes).find(|it| it.name == name)
    }

    /// The tools this principal may call; the others are not listed and not planned with.
    pub fn visible_to<'a>(
        &'a self,
        principal: &'a Principal,
    ) -> impl Iterator<Item = &'a ToolSpec> {
        self.specs().filter(|spec| principal.require(&spec.permission).is_ok())
    }

    /// A tool and its description, checked against the caller's permissions.
    pub(crate) fn find(
        &self,
        name: &str,
        principal: &Principal,
    ) -> Result<(&ToolSpec, &'static dyn AnyTool)> {
        let Some(entry) = self.tools.get(name) else {
            return Err(Error::NotFound {
                what: "tool",
                id: name.chars().take(80).collect(),
                nearest: nearest(name, self.tools.keys()),
            });
        };
        principal.require(&entry.spec.permission)?;
        Ok((&entry.spec, entry.tool))
    }

    /// Refuse arguments that do not fit the tool's schema.
    pub(crate) fn check(&self, spec: &ToolSpec, given: &Value) -> Result<()> {
        match self.tools.get(spec.name) {
            Some(entry) => arguments::check(&entry.validator, &spec.input_schema, given),
            None => Ok(()),
        }
    }
}
