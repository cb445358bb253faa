//! Tools as sub-commands, their flags read from their schemas.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value};
use toolkit::{ToolSpec, coerce};

/// Flags that every command has; an argument of such a name gets `arg-` before it.
const TAKEN: &[&str] = &[
    "config",
    "data",
    "database-url",
    "tenant",
    "url",
    "key",
    "json",
    "yes",
    "arguments",
    "help",
    "version",
];

/// Every tool of the catalogue.
pub(super) fn specs() -> impl Iterator<Item = ToolSpec> {
    tools::WORKSPACES.iter().flat_map(|it| it.tools).map(|it| it.spec())
}

/// The sub-command of a tool.
pub(super) fn command(spec: &ToolSpec) -> Command {
    let flags = properties(spec).map(|(name, schema)| flag(spec, name, schema));
    Command::new(spec.name)
        .about(first_sentence(&spec.description).to_owned())
        .long_about(spec.description.clone())
        .after_help(format!("Example: --arguments '{}'", spec.example))
        .args(flags)
}

fn flag(spec: &ToolSpec, name: &str, schema: &Value) -> Arg {
    let required = spec.input_schema["required"].as_array();
    let required = required.is_some_and(|it| it.iter().any(|it| it == name));
    let arg = Arg::new(id(name))
        .long(long(name))
        .help(schema["description"].as_str().unwrap_or_default().to_owned())
        .value_name(name.to_uppercase())
        .action(if takes(schema, "array") { ArgAction::Append } else { ArgAction::Set });
    let arg = match required {
        true => arg.required_unless_present("arguments"),
        false => arg,
    };
    if let Some(choices) = choices(schema) {
        return arg.value_parser(PossibleValuesParser::new(choices));
    }
    if takes(schema, "boolean") {
        return arg.num_args(0..=1).default_missing_value("true").require_equals(true);
    }
    arg.allow_hyphen_values(takes(schema, "number") || takes(schema, "integer"))
}

fn id(name: &str) -> String {
    format!("tool_{name}")
}

fn long(name: &str) -> String {
    let long = name.replace('_', "-");
    match TAKEN.contains(&long.as_str()) {
        true => format!("arg-{long}"),
        false => long,
    }
}

fn choices(schema: &Value) -> Option<Vec<String>> {
    let values = schema["enum"].as_array()?;
    Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn takes(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(it) => it == kind,
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        _ => false,
    }
}

/// The arguments that the flags give, read as the schema has them.
pub(super) fn arguments(spec: &ToolSpec, matches: &ArgMatches) -> Map<String, Value> {
    let given = properties(spec).filter_map(|(name, _)| {
        let values: Vec<&String> = matches.get_many(&id(name))?.collect();
        let text = match values.as_slice() {
            [one] => (*one).clone(),
            many => many.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(","),
        };
        Some((name.clone(), Value::String(text)))
    });
    coerce(&spec.input_schema, given.collect())
}

fn properties(spec: &ToolSpec) -> impl Iterator<Item = (&String, &Value)> {
    spec.input_schema["properties"].as_object().into_iter().flatten()
}

/// The first sentence of a description.
pub(super) fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first)
}
