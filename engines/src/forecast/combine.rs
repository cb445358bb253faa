//! Which models a series is asked of, and the plain mean of their answers.
//!
//! Never one selected model: the mean of two different good ones is more accurate than either on
//! every public collection (M4: Petropoulos & Svetunkov, 2020).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classify::Class;
use super::clean::Clean;
use super::profile::Profile;
use super::{ets, intermittent, season, theta};

/// The period of daily data, the only one with a weekday profile.
const WEEK: usize = 7;

/// A model in the mean, with its share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    pub name: String,
    /// Between 0 and 1; the weights of a forecast add up to 1.
    pub weight: f64,
}

/// What is asked of the models.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) period: usize,
    pub(super) horizon: usize,
    pub(super) class: Class,
    /// Whole numbers of units, none negative.
    pub(super) counts: bool,
}

/// The combined answer, before intervals and regressors.
#[derive(Debug)]
pub(super) struct Projection {
    pub(super) mean: Vec<f64>,
    /// A raw scale of the error at each step; calibration turns it into intervals.
    pub(super) sigma: Vec<f64>,
    pub(super) members: Vec<Member>,
}

/// Asks the models that fit the class and averages them.
pub(super) fn project(clean: &Clean, question: &Question) -> Projection {
    let y = &clean.filled;
    let horizon = question.horizon;
    match question.class {
        Class::Dead => level("zero", 0.0, 0.0, horizon),
        Class::Short => {
            let mean = y.iter().sum::<f64>() / y.len().max(1) as f64;
            level("mean", mean, deviation(y, mean), horizon)
        }
        Class::Intermittent | Class::Lumpy => sparse(clean, question),
        Class::Smooth | Class::Erratic => dense(clean, question),
    }
}

fn level(name: &str, mean: f64, sigma: f64, horizon: usize) -> Projection {
    Projection {
        mean: vec![mean; horizon],
        sigma: vec![sigma; horizon],
        members: vec![Member { name: name.into(), weight: 1.0 }],
    }
}

fn sparse(clean: &Clean, question: &Question) -> Projection {
    let horizon = question.horizon;
    let seen: Vec<f64> = clean.observed.iter().flatten().copied().collect();
    let mut answers = vec![
        ("imapa", vec![intermittent::imapa(&seen); horizon]),
        ("tsb", vec![intermittent::tsb(&seen); horizon]),
    ];
    if weekly(question) {
        answers.push(("weekday_profile", Profile::fit(&clean.observed, WEEK).project(horizon)));
    }
    let mean = seen.iter().sum::<f64>() / seen.len().max(1) as f64;
    average(answers, vec![deviation(&seen, mean); horizon])
}

fn dense(clean: &Clean, question: &Question) -> Projection {
    let (y, m, horizon) = (&clean.filled, question.period, question.horizon);
    let mut answers = vec![("dynamic_theta", theta::dynamic_theta(y, m, horizon))];
    let pool = ets::pool(y, m, horizon);
    let sigma = match pool {
        Some(pool) => {
            answers.insert(0, ("ets_pool", pool.mean));
            pool.sigma
        }
        None => walk(y, m, horizon),
    };
    if weekly(question) {
        answers.push(("weekday_profile", Profile::fit(&clean.observed, WEEK).project(horizon)));
    }
    if answers.len() == 1 {
        answers.push(("seasonal_naive", season::seasonal_naive(y, m, horizon)));
    }
    average(answers, sigma)
}

fn weekly(question: &Question) -> bool {
    question.period == WEEK && question.counts
}

fn average(answers: Vec<(&str, Vec<f64>)>, sigma: Vec<f64>) -> Projection {
    let usable: Vec<_> =
        answers.into_iter().filter(|(_, ahead)| ahead.iter().all(|v| v.is_finite())).collect();
    let share = 1.0 / usable.len().max(1) as f64;
    let mean = (0..sigma.len())
        .map(|h| share * usable.iter().map(|(_, ahead)| ahead[h]).sum::<f64>())
        .collect();
    let members =
        usable.iter().map(|(name, _)| Member { name: (*name).into(), weight: share }).collect();
    Projection { mean, sigma, members }
}

fn deviation(y: &[f64], mean: f64) -> f64 {
    let n = y.len().saturating_sub(1).max(1) as f64;
    (y.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// The error scale of a random walk over seasons, where no model gave one.
fn walk(y: &[f64], m: usize, horizon: usize) -> Vec<f64> {
    let lag = if y.len() > m { m } else { 1 };
    let steps: Vec<f64> = y.windows(lag + 1).map(|w| w[lag] - w[0]).collect();
    let scale = deviation(&steps, 0.0);
    (0..horizon).map(|h| scale * ((h / lag + 1) as f64).sqrt()).collect()
}
