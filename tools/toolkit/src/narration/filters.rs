//! How values are shown: each filter takes a cited value and leaves it cited.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};
use serde_json::{Number, Value as Json};

use super::cited::Cited;

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("n0", |it: Value| number(&it, |x| grouped(x, 0)));
    env.add_filter("n1", |it: Value| number(&it, |x| grouped(x, 1)));
    env.add_filter("n2", |it: Value| number(&it, |x| grouped(x, 2)));
    env.add_filter("pct0", |it: Value| number(&it, |x| format!("{}%", grouped(x * 100.0, 0))));
    env.add_filter("pct1", |it: Value| number(&it, |x| format!("{}%", grouped(x * 100.0, 1))));
    env.add_filter("usd", |it: Value| number(&it, money));
    env.add_filter("cents", |it: Value| number(&it, |x| money(x / 100.0)));
    env.add_filter("abs", |it: Value| number(&it, |x| plain_f64(x.abs())));
    env.add_filter("date", |it: Value| first_chars(&it, 10));
    env.add_filter("minute", |it: Value| {
        let cited = cited(&it)?;
        Ok(cited.shown_as(cited.shown().chars().take(16).collect::<String>().replace('T', " ")))
    });
    env.add_filter("count", |it: Value| -> Result<Value, Error> {
        let count = it.len().ok_or_else(|| misuse("`count` needs a list"))?;
        Ok(cited(&it)?.shown_as(grouped_digits(&count.to_string())))
    });
    // For comparing; a number that is printed raw is refused like any other that is not cited.
    env.add_filter("raw", |it: Value| -> Result<Value, Error> {
        Ok(Value::from_serialize_json(cited(&it)?.json()))
    });
    env.add_filter("words", |it: Value| -> Result<Value, Error> {
        let cited = cited(&it)?;
        Ok(cited.shown_as(cited.shown().replace('_', " ")))
    });
}

/// Building a plain template value from JSON scalars.
trait FromJson {
    fn from_serialize_json(json: &Json) -> Value;
}

impl FromJson for Value {
    fn from_serialize_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::from(()),
            Json::Bool(it) => Value::from(*it),
            Json::Number(it) => match (it.as_i64(), it.as_f64()) {
                (Some(whole), _) => Value::from(whole),
                (None, Some(real)) => Value::from(real),
                (None, None) => Value::from(()),
            },
            Json::String(it) => Value::from(it.as_str()),
            Json::Array(items) => items.iter().map(Value::from_serialize_json).collect(),
            Json::Object(_) => Value::from(json.to_string()),
        }
    }
}

fn cited(value: &Value) -> Result<&Cited, Error> {
    value
        .downcast_object_ref::<Cited>()
        .ok_or_else(|| misuse("only values of the output are shown"))
}

fn misuse(text: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, text)
}

fn number(value: &Value, show: impl Fn(f64) -> String) -> Result<Value, Error> {
    let cited = cited(value)?;
    let number = cited.json().as_f64().ok_or_else(|| misuse("a number format needs a number"))?;
    Ok(cited.shown_as(show(number)))
}

fn first_chars(value: &Value, count: usize) -> Result<Value, Error> {
    let cited = cited(value)?;
    Ok(cited.shown_as(cited.shown().chars().take(count).collect()))
}

/// A JSON number as people write it: thousands apart, six significant digits of a fraction.
pub(super) fn plain(number: &Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => grouped_digits(&whole.to_string()),
        (None, Some(real)) => plain_f64(real),
        (None, None) => number.to_string(),
    }
}

fn plain_f64(x: f64) -> String {
    let magnitude = if x == 0.0 { 0.0 } else { x.abs().log10().floor() };
    let decimals = (5.0 - magnitude).clamp(0.0, 9.0) as usize;
    let text = format!("{x:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    grouped_digits(text)
}

fn grouped(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    let zero = !text.bytes().any(|it| (b'1'..=b'9').contains(&it));
    grouped_digits(if zero { text.trim_start_matches('-') } else { &text })
}

fn money(x: f64) -> String {
    let text = grouped(x, 2);
    match text.strip_prefix('-') {
        Some(rest) => format!("-${rest}"),
        None => format!("${text}"),
    }
}

fn grouped_digits(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |it| ("-", it));
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (digits, String::new()),
    };
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}
