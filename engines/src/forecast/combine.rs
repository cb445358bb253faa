//! Which models a series is asked of, and the plain mean of their answers.
//!
//! Never one selected model: the mean of two different good ones is more accurate than either on
//! every public collection (M4: Petropoulos & Svetunkov, 2020).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classify::Class;
use super::clean::Clean;
use super::harmonics::LongSeason;
use super::profile::Profile;
use super::{aggregate, autoregressive, ets, intermittent, theta};

/// The period of daily data, the only one with a weekday profile.
const WEEK: usize = 7;

/// Errors seen in a history of `n` buckets are smaller than those to come, because the models were
/// fitted to it: by about this many `n`ths.
const UNSEEN: f64 = 5.0;

/// How much the weekday profile of daily counts outweighs the other models together.
const PROFILE: f64 = 3.0;

/// A model in the mean, with its share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    pub name: String,
    /// Between 0 and 1; the weights of a forecast add up to 1.
    pub weight: f64,
}

/// What is asked of the models.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) period: usize,
    /// Seasons on top of it, in buckets.
    pub(super) longer: &'a [usize],
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

/// IMAPA and TSB; daily counts follow the profile of the week instead.
fn sparse(clean: &Clean, question: &Question) -> Projection {
    let horizon = question.horizon;
    let seen: Vec<f64> = clean.observed.iter().flatten().copied().collect();
    let mean = seen.iter().sum::<f64>() / seen.len().max(1) as f64;
    let answers = match weekday_profile(clean, question, 1.0) {
        Some(profile) => vec![profile],
        None => vec![
            Answer::new("imapa", 3.0, vec![intermittent::imapa(&seen); horizon]),
            Answer::new("tsb", 1.0, vec![intermittent::tsb(&seen); horizon]),
        ],
    };
    average(answers, vec![deviation(&seen, mean); horizon])
}

/// Smoothing and theta, the theta of aggregates, autoregression; long seasons are taken off first.
fn dense(clean: &Clean, question: &Question) -> Projection {
    let (n, horizon) = (clean.filled.len(), question.horizon);
    let mut y = clean.filled.clone();
    let mut seasons: Vec<LongSeason> = Vec::new();
    let mut m = question.period;
    for period in question.longer {
        if let Some(season) = LongSeason::find(&y, m, *period, horizon) {
            y = season.remove(&y);
            // Indices of a multiple of the short season hold the short one too.
            m = if period.is_multiple_of(m) { 1 } else { m };
            seasons.push(season);
        }
    }
    let pool = ets::pool(&y, m, horizon);
    let (smoothing, mut sigma) = match pool {
        Some(pool) => (Some(Answer::new("ets_pool", 2.0, pool.mean)), pool.sigma),
        None => (None, walk(&y, m, horizon)),
    };
    sigma.iter_mut().for_each(|s| *s *= 1.0 + UNSEEN / n as f64);
    let blocks = aggregate::aggregated_theta(&y, m, horizon);
    let theta = if blocks.is_some() { 2.0 } else { 3.0 };
    let mut answers: Vec<Answer> = smoothing.into_iter().collect();
    answers.push(Answer::new("dynamic_theta", theta, theta::dynamic_theta(&y, m, horizon)));
    answers.extend(blocks.map(|ahead| Answer::new("aggregated_theta", 1.0, ahead)));
    answers.push(Answer::new(
        "autoregression",
        trust_in_autoregression(n),
        autoregressive::autoregression(&y, order(m), horizon),
    ));
    for answer in &mut answers {
        for season in seasons.iter().rev() {
            answer.ahead = season.restore(std::mem::take(&mut answer.ahead), n);
        }
    }
    let others: f64 = answers.iter().map(|a| a.weight).sum();
    answers.extend(weekday_profile(clean, question, PROFILE * others));
    average(answers, sigma)
}

/// The highest order: one season and a bit; half a year of weeks where no season is known.
fn order(m: usize) -> usize {
    if m > 1 { m + 2 } else { 26 }
}

/// Coefficients need data: the weight rises with the length of the history, from nothing to that of
/// the other models.
fn trust_in_autoregression(n: usize) -> f64 {
    3.0 * n as f64 / (n as f64 + 200.0)
}

fn weekday_profile(clean: &Clean, question: &Question, weight: f64) -> Option<Answer> {
    (question.period == WEEK && question.counts).then(|| {
        let ahead = Profile::fit(&clean.observed, WEEK).project(question.horizon);
        Answer::new("weekday_profile", weight, ahead)
    })
}

/// What one model foresees, and how much it counts.
struct Answer {
    name: &'static str,
    weight: f64,
    ahead: Vec<f64>,
}

impl Answer {
    fn new(name: &'static str, weight: f64, ahead: Vec<f64>) -> Self {
        Self { name, weight, ahead }
    }
}

fn average(mut answers: Vec<Answer>, sigma: Vec<f64>) -> Projection {
    answers.retain(|answer| answer.ahead.iter().all(|v| v.is_finite()));
    let total: f64 = answers.iter().map(|a| a.weight).sum();
    let mean = (0..sigma.len())
        .map(|h| answers.iter().map(|a| a.weight / total * a.ahead[h]).sum::<f64>())
        .collect();
    let member = |a: &Answer| Member { name: a.name.into(), weight: a.weight / total };
    Projection { mean, sigma, members: answers.iter().map(member).collect() }
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
