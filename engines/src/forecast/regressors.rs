//! Multiplicative regressors: price, promotion, holiday, event, heat, cold.
//!
//! `ln μ_t = level_t + season_t + Σ β_k x_kt`. Each effect starts as a prior worth a number of
//! units of evidence and is overwritten by the data: for a flag its multiplier is
//! `(κ·prior + Σ actual) / (κ + Σ expected)`, in closed form; other inputs follow the same
//! likelihood (Poisson, deflated by the dispersion of the series) by Newton's method.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ForecastError;
use super::clean::median;

/// Rounds of estimating the baseline and the effects in turn.
const ROUNDS: usize = 8;
/// Effects stay within a factor of e³ = 20 of nothing.
const WIDEST: f64 = 3.0;

/// What a regressor measures; it decides how values are read and what is believed before data.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RegressorKind {
    /// Values are prices. Prior: elasticity −2.62 (Bijmolt, van Heerde & Pieters, 2005).
    Price,
    /// Values are 1 on promoted buckets, else 0. Prior ×1.6.
    Promotion,
    /// Values are 1 on holidays, else 0. Prior ×1: holidays fill malls and empty offices.
    Holiday,
    /// Values are 1 (or a size) near an event, else 0. Prior ×2.5.
    Event,
    /// Values are °C; only degrees above the threshold (25) count. Prior ×1.5 for 12 of them.
    Heat,
    /// Values are °C; only degrees below the threshold (5) count. Prior ×1.
    Cold,
}

/// What is believed about an effect before the series is seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Prior {
    /// The multiplier at the reference: flag set, price up by 10 %, 12 degrees past the threshold.
    pub multiplier: f64,
    /// How many expected units (divided by the series' dispersion) the belief is worth.
    pub units: f64,
}

/// A known influence on demand, over the history and as far ahead as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Regressor {
    pub name: String,
    pub kind: RegressorKind,
    /// One value a bucket: first the history's, then the future's. Flags and weather end at
    /// "nothing", prices stay at the last one.
    pub values: Vec<f64>,
    /// °C at which heat or cold begins to matter.
    #[serde(default)]
    pub threshold: Option<f64>,
    #[serde(default)]
    pub prior: Option<Prior>,
}

/// An estimated influence, with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Factor {
    pub name: String,
    pub kind: RegressorKind,
    /// The multiplier at the reference of [`Prior::multiplier`].
    pub multiplier: f64,
    /// Expected units (divided by the series' dispersion) of the buckets where it was at work.
    pub evidence_units: f64,
    /// How much of the multiplier is still prior: 1 without evidence, towards 0 with it.
    pub prior_share: f64,
    /// The multiplier at each step ahead.
    pub ahead: Vec<f64>,
}

impl RegressorKind {
    fn prior(self) -> Prior {
        let multiplier = match self {
            Self::Price => 1.1_f64.powf(-2.62),
            Self::Promotion => 1.6,
            Self::Holiday | Self::Cold => 1.0,
            Self::Event => 2.5,
            Self::Heat => 1.5,
        };
        Prior { multiplier, units: 50.0 }
    }

    /// The input at which a prior's multiplier holds.
    fn reference(self) -> f64 {
        match self {
            Self::Price => 1.1_f64.ln(),
            Self::Promotion | Self::Holiday | Self::Event => 1.0,
            Self::Heat | Self::Cold => 12.0,
        }
    }
}

/// A regressor read into inputs that are zero where it does nothing.
struct Effect {
    inputs: Vec<f64>,
    reference: f64,
    prior: Prior,
    beta: f64,
}

impl Effect {
    fn of(regressor: &Regressor, history: usize, length: usize) -> Result<Self, ForecastError> {
        let values = &regressor.values;
        if values.len() < history || values.iter().any(|v| !v.is_finite()) {
            return Err(ForecastError::Regressor { name: regressor.name.clone(), needed: history });
        }
        let base = median(&mut values[..history].to_vec()).unwrap_or(1.0);
        if regressor.kind == RegressorKind::Price && values.iter().any(|v| *v <= 0.0) {
            return Err(ForecastError::Price { name: regressor.name.clone() });
        }
        let read = |t: usize| match (regressor.kind, values.get(t)) {
            (RegressorKind::Price, value) => {
                value.or(values.last()).map_or(0.0, |p| (p / base).ln())
            }
            (_, None) => 0.0,
            (RegressorKind::Heat, Some(c)) => (c - regressor.threshold.unwrap_or(25.0)).max(0.0),
            (RegressorKind::Cold, Some(c)) => (regressor.threshold.unwrap_or(5.0) - c).max(0.0),
            (_, Some(v)) => *v,
        };
        let prior = regressor.prior.unwrap_or_else(|| regressor.kind.prior());
        let reference = regressor.kind.reference();
        let beta = prior.multiplier.max(1e-6).ln() / reference;
        Ok(Self { inputs: (0..length).map(read).collect(), reference, prior, beta })
    }

    fn multiplier(&self, t: usize) -> f64 {
        (self.beta * self.inputs[t]).clamp(-WIDEST, WIDEST).exp()
    }

    /// Newton's method on the penalised Poisson likelihood; `expected` is without this effect.
    fn estimate(&mut self, actual: &[Option<f64>], expected: &[f64], dispersion: f64) {
        let weight = self.prior.units * dispersion;
        let believed = self.prior.multiplier.max(1e-6);
        for _ in 0..20 {
            let now = (self.beta * self.reference).exp();
            let mut slope = weight * self.reference * (believed - now);
            let mut curvature = weight * self.reference * self.reference * now;
            for (t, value) in actual.iter().enumerate() {
                if let Some(value) = value
                    && self.inputs[t] != 0.0
                {
                    let (x, fitted) = (self.inputs[t], expected[t] * self.multiplier(t));
                    slope += x * (value - fitted);
                    curvature += x * x * fitted;
                }
            }
            let step =
                (slope / curvature.max(1e-12)).clamp(-0.5 / self.reference, 0.5 / self.reference);
            self.beta = (self.beta + step).clamp(-WIDEST / self.reference, WIDEST / self.reference);
            if step.abs() * self.reference < 1e-10 {
                break;
            }
        }
    }
}

/// The regressors of one series, estimated.
pub(super) struct Influence {
    effects: Vec<Effect>,
    history: usize,
    /// Expected units without any regressor.
    baseline: Vec<f64>,
    dispersion: f64,
}

impl Influence {
    /// Estimates all regressors of a series of season `m` together with its baseline.
    pub(super) fn of(
        values: &[Option<f64>],
        m: usize,
        horizon: usize,
        regressors: &[Regressor],
    ) -> Result<Self, ForecastError> {
        let (history, length) = (values.len(), values.len() + horizon);
        let effects: Result<Vec<_>, _> =
            regressors.iter().map(|r| Effect::of(r, history, length)).collect();
        let mut influence =
            Self { effects: effects?, history, baseline: vec![0.0; history], dispersion: 1.0 };
        for _ in 0..if influence.effects.is_empty() { 0 } else { ROUNDS } {
            influence.update_baseline(values, m);
            influence.update_effects(values);
        }
        Ok(influence)
    }

    /// The joint multiplier of bucket `t`; beyond the history it is the future's.
    pub(super) fn multiplier(&self, t: usize) -> f64 {
        self.effects.iter().map(|e| e.multiplier(t)).product()
    }

    /// Whether any regressor is at work in bucket `t`.
    pub(super) fn explains(&self, t: usize) -> bool {
        self.effects.iter().any(|e| e.inputs[t] != 0.0)
    }

    /// The history with the effects taken out.
    pub(super) fn remove(&self, values: &[Option<f64>]) -> Vec<Option<f64>> {
        values.iter().enumerate().map(|(t, v)| v.map(|v| v / self.multiplier(t))).collect()
    }

    fn update_baseline(&mut self, values: &[Option<f64>], m: usize) {
        self.baseline = smooth(&self.remove(values), m);
        let (mut squares, mut count) = (0.0, 0usize);
        for (t, value) in values.iter().enumerate() {
            let expected = self.baseline[t] * self.multiplier(t);
            if let Some(value) = value
                && expected > 0.0
            {
                squares += (value - expected).powi(2) / expected;
                count += 1;
            }
        }
        self.dispersion = (squares / count.max(1) as f64).max(1.0);
    }

    fn update_effects(&mut self, values: &[Option<f64>]) {
        for k in 0..self.effects.len() {
            let expected: Vec<f64> = (0..self.history)
                .map(|t| self.baseline[t] * self.multiplier(t) / self.effects[k].multiplier(t))
                .collect();
            self.effects[k].estimate(values, &expected, self.dispersion);
        }
    }

    /// What to report: multiplier, evidence and share of the prior of each regressor.
    pub(super) fn factors(&self, values: &[Option<f64>], regressors: &[Regressor]) -> Vec<Factor> {
        let report = |(effect, regressor): (&Effect, &Regressor)| {
            let at_work = (0..self.history)
                .filter(|&t| values[t].is_some() && effect.inputs[t] != 0.0)
                .map(|t| (effect.inputs[t] / effect.reference, self.baseline[t] / self.dispersion));
            let (units, weight) = at_work.fold((0.0, 0.0), |(units, weight), (x, expected)| {
                (units + expected, weight + x * x * expected)
            });
            let belief = effect.prior.units;
            Factor {
                name: regressor.name.clone(),
                kind: regressor.kind,
                multiplier: (effect.beta * effect.reference).exp(),
                evidence_units: units,
                prior_share: if belief > 0.0 { belief / (belief + weight) } else { 0.0 },
                ahead: (self.history..effect.inputs.len()).map(|t| effect.multiplier(t)).collect(),
            }
        };
        self.effects.iter().zip(regressors).map(report).collect()
    }
}

/// The mean of the surrounding buckets times the index of the phase.
fn smooth(values: &[Option<f64>], m: usize) -> Vec<f64> {
    let half = (2 * m).max(14);
    let around = |t: usize| {
        let window = &values[t.saturating_sub(half)..(t + half + 1).min(values.len())];
        let (sum, count) = window.iter().flatten().fold((0.0, 0usize), |(s, c), v| (s + v, c + 1));
        if count > 0 { sum / count as f64 } else { 0.0 }
    };
    let level: Vec<f64> = (0..values.len()).map(around).collect();
    let mut actual = vec![0.0; m.max(1)];
    let mut expected = vec![0.0; m.max(1)];
    for (t, value) in values.iter().enumerate() {
        if let Some(value) = value {
            actual[t % m.max(1)] += value;
            expected[t % m.max(1)] += level[t];
        }
    }
    let index = |p: usize| if expected[p] > 0.0 { actual[p] / expected[p] } else { 1.0 };
    (0..values.len()).map(|t| level[t] * index(t % m.max(1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(kind: RegressorKind, on: impl Fn(usize) -> bool, length: usize) -> Regressor {
        let values = (0..length).map(|t| f64::from(u8::from(on(t)))).collect();
        Regressor { name: "x".into(), kind, values, threshold: None, prior: None }
    }

    fn factor(values: &[Option<f64>], regressor: &Regressor) -> Factor {
        let all = std::slice::from_ref(regressor);
        let influence = Influence::of(values, 7, 7, all).unwrap();
        influence.factors(values, all).remove(0)
    }

    #[test]
    fn without_evidence_the_prior_speaks() {
        let values = vec![Some(10.0); 56];
        let event = factor(&values, &flag(RegressorKind::Event, |t| t == 60, 63));
        assert!((event.multiplier - 2.5).abs() < 1e-9, "{event:?}");
        assert!((event.prior_share - 1.0).abs() < 1e-9, "{event:?}");
        assert!((event.ahead[4] - 2.5).abs() < 1e-9 && (event.ahead[3] - 1.0).abs() < 1e-9);
    }

    /// Test 2 of story 7: a heat wave sells 40–60 % more cold drinks, before any data.
    #[test]
    fn a_heat_wave_sells_half_as_much_again() {
        let values = vec![Some(10.0); 56];
        let mut heat = flag(RegressorKind::Heat, |_| false, 56);
        heat.values.extend([37.0; 7]);
        let heat = factor(&values, &heat);
        assert!((1.4..=1.6).contains(&heat.ahead[0]), "{heat:?}");
    }

    #[test]
    fn evidence_overwrites_the_prior() {
        let promoted = |t: usize| t % 11 == 3;
        let values: Vec<_> =
            (0..154).map(|t| Some(if promoted(t) { 90.0 } else { 30.0 })).collect();
        let promotion = factor(&values, &flag(RegressorKind::Promotion, promoted, 161));
        assert!((2.7..3.1).contains(&promotion.multiplier), "{promotion:?}");
        assert!(promotion.prior_share < 0.2, "{promotion:?}");
    }

    #[test]
    fn a_price_elasticity_is_found() {
        let prices: Vec<f64> = (0..203).map(|t| [2.0, 2.5, 1.8, 2.2][t / 3 % 4]).collect();
        let values: Vec<_> =
            prices[..196].iter().map(|p| Some(200.0 * (p / 2.0_f64).powf(-1.5))).collect();
        let price = Regressor { values: prices, ..flag(RegressorKind::Price, |_| false, 0) };
        let found = factor(&values, &price);
        let elasticity = found.multiplier.ln() / 1.1_f64.ln();
        assert!((-1.7..-1.35).contains(&elasticity), "{elasticity} {found:?}");
    }

    #[test]
    fn too_few_values_and_free_goods_are_refused() {
        let values = vec![Some(1.0); 20];
        assert!(
            Influence::of(&values, 7, 7, &[flag(RegressorKind::Event, |_| false, 10)]).is_err()
        );
        assert!(
            Influence::of(&values, 7, 7, &[flag(RegressorKind::Price, |_| false, 27)]).is_err()
        );
    }
}
