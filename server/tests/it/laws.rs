//! Laws over the whole catalogue: what every tool promises, whoever wrote it.

use std::collections::BTreeSet;

use kernel::{Error, RequestContext};
use serde_json::Value;
use store::testing::block_on;
use toolkit::{Effect, Language, Method, Outcome, Registry, ToolCall, ToolSpec};

use crate::bench::Bench;

fn registry() -> Registry {
    Registry::new(tools::WORKSPACES).unwrap()
}

/// Report every offender at once.
fn none(offenders: &[String]) {
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

fn each(check: impl Fn(&ToolSpec) -> Vec<String>) {
    let registry = registry();
    let offenders: Vec<String> = registry
        .specs()
        .flat_map(|spec| check(spec).into_iter().map(|it| format!("{}: {it}", spec.name)))
        .collect();
    none(&offenders);
}

#[test]
fn names_are_plain_and_begin_with_their_workspace() {
    let verbs_and_nouns = |it: &str| it.split('_').count() >= 3;
    each(|spec| {
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        let mut offences = Vec::new();
        if !spec.name.bytes().all(plain) || spec.name.len() > 64 || !verbs_and_nouns(spec.name) {
            offences.push("is not `workspace_verb_noun` of at most 64 letters".into());
        }
        if !spec.name.starts_with(&format!("{}_", spec.workspace())) {
            offences.push(format!("does not begin with `{}_`", spec.workspace()));
        }
        offences
    });
}

#[test]
fn a_tool_belongs_to_the_workspace_that_lists_it() {
    for workspace in tools::WORKSPACES {
        for tool in workspace.tools {
            assert_eq!(tool.spec().workspace(), workspace.id);
        }
    }
}

#[test]
fn descriptions_are_there_and_short() {
    each(|spec| {
        let mut offences = Vec::new();
        if !(20..=600).contains(&spec.description.len()) {
            offences.push(format!("is described in {} letters", spec.description.len()));
        }
        if spec.phrases.len() < 2 {
            offences.push("has fewer than two phrases".into());
        }
        offences
    });
}

#[test]
fn schemas_are_such_that_every_client_takes_them() {
    each(|spec| {
        let mut offences = Vec::new();
        for (side, schema) in [("input", &spec.input_schema), ("output", &spec.output_schema)] {
            if schema["type"] != "object" {
                offences.push(format!("{side} is no object"));
            }
            for combinator in ["oneOf", "anyOf", "allOf", "not", "if"] {
                if schema.get(combinator).is_some() {
                    offences.push(format!("{side} has `{combinator}` at its root"));
                }
            }
            if schema.to_string().contains("\"$ref\"") {
                offences.push(format!("{side} has a reference"));
            }
        }
        for (name, argument) in spec.input_schema["properties"].as_object().unwrap() {
            if argument["description"].as_str().is_none_or(|it| it.len() < 8) {
                offences.push(format!("`{name}` is not described"));
            }
        }
        offences
    });
}

#[test]
fn routes_are_unique_and_get_is_for_reads() {
    let registry = registry();
    let mut seen = BTreeSet::new();
    let mut offenders = Vec::new();
    for spec in registry.specs() {
        let Some(route) = spec.route else { continue };
        if route.method == Method::Get && spec.effect != Effect::Read {
            offenders.push(format!("{}: a write behind GET", spec.name));
        }
        if !route.path.starts_with("/v1/")
            || !seen.insert((route.path, route.method == Method::Get))
        {
            offenders.push(format!("{}: {} is taken or outside /v1", spec.name, route.path));
        }
        for name in route.path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}')) {
            if spec.input_schema["properties"].get(name).is_none() {
                offenders.push(format!("{}: `{name}` in its path is no argument", spec.name));
            }
        }
    }
    none(&offenders);
}

#[test]
fn phrases_have_arguments_for_slots() {
    each(|spec| {
        let slots = spec.phrases.iter().flat_map(|it| it.split('{').skip(1));
        let slots = slots.filter_map(|it| it.split_once('}').map(|(slot, _)| slot));
        slots
            .filter(|it| spec.input_schema["properties"].get(it).is_none())
            .map(|it| format!("`{{{it}}}` in a phrase is no argument"))
            .collect()
    });
}

async fn run(bench: &Bench, request: &RequestContext, spec: &ToolSpec) -> kernel::Result<Outcome> {
    let call =
        ToolCall { id: "c1".into(), name: spec.name.into(), arguments: spec.example.clone() };
    bench.app.executor.call(request, &call).await
}

fn shown(outcome: &Outcome) -> &Value {
    match outcome {
        Outcome::Done { output, .. } => output,
        Outcome::Held { held, .. } => &held.preview,
    }
}

#[test]
fn every_example_runs_on_the_demo_fits_its_schema_and_is_told_with_citations() {
    block_on(async {
        let bench = Bench::new().await;
        let request = bench.operator();
        let mut offenders = Vec::new();
        for spec in bench.app.executor.registry().specs() {
            let outcome = match run(&bench, &request, spec).await {
                Ok(it) => it,
                Err(error) => {
                    offenders.push(format!("{}: {error}", spec.name));
                    continue;
                }
            };
            let held = matches!(outcome, Outcome::Held { .. });
            if held != (spec.effect != Effect::Read) {
                offenders.push(format!("{}: held is {held}", spec.name));
            }
            let output = shown(&outcome);
            let validator = jsonschema::draft202012::new(&spec.output_schema).unwrap();
            for error in validator.iter_errors(output).take(3) {
                offenders.push(format!("{}: {}: {error}", spec.name, error.instance_path()));
            }
            for language in [Language::English, Language::Hebrew] {
                told(&bench, spec, language, output, &mut offenders);
            }
        }
        none(&offenders);
    });
}

/// A narration renders, says something, and has no digit that is not cited; what it cites is there.
fn told(
    bench: &Bench,
    spec: &ToolSpec,
    language: Language,
    output: &Value,
    offenders: &mut Vec<String>,
) {
    let narration = match bench.app.narrator.narrate(spec.name, language, output.clone()) {
        Ok(it) => it,
        Err(Error::Internal(source)) => {
            let source = source.to_string();
            let first: String = source.chars().take(160).collect();
            offenders.push(format!("{} {language:?}: {first}", spec.name));
            return;
        }
        Err(error) => {
            offenders.push(format!("{} {language:?}: {error}", spec.name));
            return;
        }
    };
    if narration.text.trim().is_empty() {
        offenders.push(format!("{} {language:?}: says nothing", spec.name));
    }
    let cited = |at: usize| narration.citations.iter().any(|it| it.span.contains(&at));
    for (at, letter) in narration.text.char_indices() {
        if letter.is_ascii_digit() && !cited(at) {
            offenders.push(format!("{} {language:?}: an uncited digit at {at}", spec.name));
            break;
        }
    }
    for citation in &narration.citations {
        if output.pointer(&citation.pointer).is_none() {
            let pointer = &citation.pointer;
            offenders.push(format!("{} {language:?}: cites `{pointer}`", spec.name));
        }
    }
}

#[test]
fn without_its_permission_every_tool_is_refused_and_not_listed() {
    block_on(async {
        let bench = Bench::new().await;
        let registry = bench.app.executor.registry();
        let mut offenders = Vec::new();
        for spec in registry.specs() {
            let mut request = bench.operator();
            request.principal.permissions.remove(&spec.permission);
            match run(&bench, &request, spec).await {
                Err(Error::Forbidden(missing)) if missing == spec.permission => {}
                other => offenders.push(format!("{}: {other:?}", spec.name)),
            }
            if registry.visible_to(&request.principal).any(|it| it.name == spec.name) {
                offenders.push(format!("{}: is listed", spec.name));
            }
        }
        none(&offenders);
    });
}

#[test]
fn reads_repeat_and_previews_leave_the_records_as_they_were() {
    block_on(async {
        let bench = Bench::new().await;
        let request = bench.operator();
        let specs: Vec<&ToolSpec> = bench.app.executor.registry().specs().collect();
        let (reads, writes): (Vec<&ToolSpec>, Vec<&ToolSpec>) =
            specs.into_iter().partition(|it| it.effect == Effect::Read);
        let mut before = Vec::new();
        for spec in &reads {
            before.push(shown(&run(&bench, &request, spec).await.unwrap()).clone());
        }
        for spec in &writes {
            run(&bench, &request, spec).await.unwrap();
        }
        for (spec, before) in reads.iter().zip(&before) {
            let after = run(&bench, &request, spec).await.unwrap();
            assert_eq!(shown(&after), before, "{}", spec.name);
        }
    });
}
