//! Arguments that are records of the lexicon, or codes that may be.

use std::ops::Range;

use serde_json::Value;

use super::super::schema::Property;
use super::super::{Certainty, Entity};
use super::{Finding, Utterance};
use crate::router::text::without_prefixes;

/// Which end of a move or a stretch a property or a place in the utterance stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    From,
    To,
    Neither,
}

/// The role that a property's name gives it.
pub(super) fn role_of(property: &Property<'_>) -> Role {
    let has = |words: &[&str]| property.name.split('_').any(|word| words.contains(&word));
    if has(&["from", "source", "origin", "start", "since", "begin", "after", "first"]) {
        Role::From
    } else if has(&["to", "target", "destination", "dest", "end", "until", "by", "due", "before"]) {
        Role::To
    } else {
        Role::Neither
    }
}

/// Records named at one place.
struct Group<'a> {
    span: Range<usize>,
    certainty: Certainty,
    role: Role,
    entities: Vec<&'a Entity>,
}

impl Utterance<'_> {
    pub(super) fn records(&self, property: &Property<'_>, kind: &str) -> Option<Finding> {
        let mut groups = self.groups(kind);
        if groups.is_empty() && property.required {
            groups = self.groups("code");
        }
        // A sure name outweighs a likeness elsewhere in the utterance.
        let surest = groups.iter().map(|group| group.certainty.max(Certainty::Pattern)).min()?;
        groups.retain(|group| group.certainty <= surest);
        if property.list {
            return Some(several(&groups));
        }
        let role = role_of(property);
        let group = match role {
            Role::Neither => groups.first(),
            role => groups
                .iter()
                .find(|group| group.role == role)
                .or_else(|| groups.iter().find(|group| group.role == Role::Neither)),
        }?;
        one(group, property)
    }

    fn groups(&self, kind: &str) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for entity in self.free(kind) {
            match groups.last_mut() {
                Some(group) if group.span == entity.span => {
                    if entity.certainty == group.certainty {
                        group.entities.push(entity);
                    }
                }
                _ => groups.push(Group {
                    span: entity.span.clone(),
                    certainty: entity.certainty,
                    role: self.role_at(entity.span.start),
                    entities: vec![entity],
                }),
            }
        }
        groups
    }

    /// The role that the word before a place gives to it.
    fn role_at(&self, byte: usize) -> Role {
        let at = self.word_at(byte);
        let attached = self.words.get(at).map(|word| word.text.as_str()).unwrap_or_default();
        let before =
            |back: usize| at.checked_sub(back).map_or("", |at| self.words[at].text.as_str());
        let mut previous = before(1);
        if matches!(previous, "the" | "slot" | "device" | "store" | "location" | "line" | "machine")
        {
            previous = before(2);
        }
        let prefixed =
            |letter: char| !without_prefixes(attached).is_empty() && attached.starts_with(letter);
        if matches!(previous, "from" | "מ") || prefixed('מ') {
            Role::From
        } else if matches!(previous, "to" | "into" | "onto" | "ל" | "אל") || prefixed('ל') {
            Role::To
        } else {
            Role::Neither
        }
    }
}

fn one(group: &Group<'_>, property: &Property<'_>) -> Option<Finding> {
    let first = group.entities.first()?;
    let mut ids: Vec<String> = group.entities.iter().filter_map(|e| e.id.clone()).collect();
    ids.dedup();
    if ids.len() > 1 {
        // Likenesses must not turn an argument that nobody asked for into a question.
        if !property.required && group.certainty == Certainty::Partial && ids.len() > 5 {
            return None;
        }
        return Some(Finding { value: Err(ids), spans: vec![group.span.clone()], unknown: false });
    }
    let mut finding = Finding::at(group.span.clone(), first.value.clone());
    finding.unknown = first.id.is_none();
    Some(finding)
}

fn several(groups: &[Group<'_>]) -> Finding {
    let mut values: Vec<Value> = Vec::new();
    for entity in groups.iter().flat_map(|group| &group.entities) {
        if !values.contains(&entity.value) {
            values.push(entity.value.clone());
        }
    }
    let unknown = groups.iter().flat_map(|group| &group.entities).any(|e| e.id.is_none());
    let spans = groups.iter().map(|group| group.span.clone()).collect();
    Finding { value: Ok(Value::Array(values)), spans, unknown }
}
