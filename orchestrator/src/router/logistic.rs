//! Multinomial logistic regression with an L2 penalty, by dual coordinate ascent in a fixed order.
//!
//! The weights are always `Σ Cᵢ xᵢ (e(yᵢ) − αᵢ)ᵀ`, where `αᵢ` is a distribution over the classes;
//! at the optimum `αᵢ` is the model's own probability for example `i`. A visit to an example moves
//! `αᵢ` by damped Newton steps on that condition, which for one example have a closed form (the
//! Hessian is diagonal minus rank one). This is the block form of Yu, Huang and Lin, "Dual coordinate descent
//! methods for logistic regression and maximum entropy models" (2011).

use super::features::Vector;

/// Newton steps on one example at one visit.
const INNER_STEPS: usize = 2;

/// A visit that moves no probability by more than this leaves the weights alone.
const STILL: f32 = 2e-4;

/// An epoch that moves no probability by more than this is the last.
const SETTLED: f32 = 1e-3;

/// An example whose probabilities move by no more than this is passed over for the next few epochs.
const CALM: f32 = 5e-3;

/// How many epochs an example rests.
const REST: u8 = 3;

/// What the classifier learns from.
pub(super) struct Problem<'a> {
    pub(super) vectors: &'a [Vector],
    /// The class of each vector.
    pub(super) labels: &'a [u32],
    pub(super) features: usize,
    pub(super) classes: usize,
    /// The inverse strength of the penalty: the weight of an example against `½‖w‖²`, on average.
    pub(super) c: f32,
    pub(super) epochs: usize,
}

/// A linear function from vectors to one score per class.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    classes: usize,
    /// Classes rounded up, so that rows fall on whole vector registers.
    stride: usize,
    /// One row per feature, and one for the constant.
    weights: Vec<f32>,
}

impl Linear {
    /// Fits `problem`. The same problem gives the same weights, bit for bit.
    pub(super) fn fit(problem: &Problem<'_>) -> Self {
        let stride = problem.classes.next_multiple_of(8);
        let rows = problem.features + 1;
        let mut model =
            Self { classes: problem.classes, stride, weights: vec![0.0; rows * stride] };
        let mut duals = start(problem);
        let order = shuffled(problem.vectors.len());
        let mut visit = Visit::new(problem.classes, stride);
        let costs = costs(problem);
        let mut resting = vec![0_u8; problem.vectors.len()];
        for _ in 0..problem.epochs {
            let mut moved = 0.0_f32;
            let mut rested = 0;
            for &example in &order {
                if resting[example] > 0 {
                    resting[example] -= 1;
                    rested += 1;
                    continue;
                }
                let vector = &problem.vectors[example];
                let dual = &mut duals[example * problem.classes..][..problem.classes];
                let cost = costs[problem.labels[example] as usize];
                let change = visit.move_dual(&model, vector, dual, cost);
                visit.apply(&mut model, vector, cost);
                moved = moved.max(change);
                if change < CALM {
                    resting[example] = REST;
                }
            }
            if moved < SETTLED && rested == 0 {
                break;
            }
            if moved < SETTLED {
                resting.fill(0);
            }
        }
        model
    }

    /// The score of each class, in `scores[..classes]`.
    pub(super) fn scores(&self, vector: &Vector, scores: &mut Vec<f32>) {
        scores.clear();
        scores.extend_from_slice(&self.weights[self.weights.len() - self.stride..]);
        for &(feature, value) in vector {
            let row = &self.weights[feature as usize * self.stride..][..self.stride];
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += value * weight;
            }
        }
        scores.truncate(self.classes);
    }

    fn add(&mut self, vector: &Vector, step: &[f32], scale: f32) {
        let last = self.weights.len() / self.stride - 1;
        let constant = (u32::try_from(last).unwrap_or(u32::MAX), 1.0);
        for &(feature, value) in vector.iter().chain([&constant]) {
            let row = &mut self.weights[feature as usize * self.stride..][..self.stride];
            let factor = scale * value;
            for (weight, step) in row.iter_mut().zip(step) {
                *weight += factor * step;
            }
        }
    }
}

/// The weight of an example of each class.
///
/// A class with many examples has them count for less, by the square root, so that a tool with a rich
/// grammar does not crowd out one with three phrases, nor the negatives a small catalogue.
fn costs(problem: &Problem<'_>) -> Vec<f32> {
    let mut sizes = vec![0.0_f32; problem.classes];
    for &label in problem.labels {
        sizes[label as usize] += 1.0;
    }
    let present = sizes.iter().filter(|&&size| size > 0.0).count().max(1);
    let mean = problem.labels.len() as f32 / present as f32;
    sizes.iter().map(|&size| problem.c * (mean / size.max(1.0)).sqrt()).collect()
}

/// Every dual starts at its own class, where the weights are zero.
fn start(problem: &Problem<'_>) -> Vec<f32> {
    let mut duals = vec![0.0; problem.vectors.len() * problem.classes];
    for (example, &label) in problem.labels.iter().enumerate() {
        duals[example * problem.classes + label as usize] = 1.0;
    }
    duals
}

/// A fixed permutation, so that examples of one class do not come in a row.
fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for last in (1..count).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(last, (state % (last as u64 + 1)) as usize);
    }
    order
}

/// The space that a visit to an example works in.
struct Visit {
    scores: Vec<f32>,
    shifted: Vec<f32>,
    probabilities: Vec<f32>,
    /// How far the dual moved; padded to the stride with zeros.
    step: Vec<f32>,
    still: bool,
}

impl Visit {
    fn new(classes: usize, stride: usize) -> Self {
        Self {
            scores: Vec::with_capacity(stride),
            shifted: vec![0.0; classes],
            probabilities: vec![0.0; classes],
            step: vec![0.0; stride],
            still: true,
        }
    }

    /// Moves `dual` towards the model's probabilities; returns the largest change.
    fn move_dual(&mut self, model: &Linear, vector: &Vector, dual: &mut [f32], c: f32) -> f32 {
        model.scores(vector, &mut self.scores);
        let norm: f32 = vector.iter().map(|(_, value)| value * value).sum::<f32>() + 1.0;
        let curvature = c * norm;
        self.step.fill(0.0);
        for _ in 0..INNER_STEPS {
            for ((shifted, score), step) in
                self.shifted.iter_mut().zip(&self.scores).zip(&self.step)
            {
                *shifted = score - curvature * step;
            }
            softmax(&self.shifted, 1.0, &mut self.probabilities);
            self.newton(dual, curvature);
        }
        let mut largest = 0.0_f32;
        for step in &self.step {
            largest = largest.max(step.abs());
        }
        self.still = largest < STILL;
        if self.still {
            return largest;
        }
        for (dual, step) in dual.iter_mut().zip(&self.step) {
            *dual += step;
        }
        largest
    }

    /// One Newton step on `α + d = softmax(z − c d)`, kept where `α + d` is not negative.
    ///
    /// The curvature of each class is taken at the larger of its two sides. At the solution they
    /// agree, so the last steps are Newton's own; far from it, where a true Newton step would leap to
    /// the other extreme and back, the steps are short enough to arrive.
    fn newton(&mut self, dual: &[f32], curvature: f32) {
        let (mut weighted, mut shared) = (0.0_f32, 0.0_f32);
        for ((&p, &alpha), &step) in self.probabilities.iter().zip(dual).zip(&self.step) {
            let heavy = p.max(alpha + step);
            let damped = heavy / (1.0 + curvature * heavy);
            weighted += damped * (p - alpha - step);
            shared += damped;
        }
        let common = curvature * weighted / shared.max(f32::MIN_POSITIVE);
        for ((step, &p), &alpha) in self.step.iter_mut().zip(&self.probabilities).zip(dual) {
            let heavy = p.max(alpha + *step);
            let moved = *step + (p - alpha - *step + heavy * common) / (1.0 + curvature * heavy);
            *step = moved.max(-alpha);
        }
    }

    fn apply(&self, model: &mut Linear, vector: &Vector, c: f32) {
        if !self.still {
            model.add(vector, &self.step, -c);
        }
    }
}

/// The distribution proportional to `exp(score / temperature)`.
pub(super) fn softmax(scores: &[f32], temperature: f32, out: &mut [f32]) {
    let highest = scores.iter().fold(f32::NEG_INFINITY, |high, &score| high.max(score));
    let scale = temperature.recip();
    let mut sum = 0.0;
    for (out, &score) in out.iter_mut().zip(scores) {
        *out = exp((score - highest) * scale);
        sum += *out;
    }
    let scale = sum.recip();
    for out in out {
        *out *= scale;
    }
}

/// `e` to the power of a number that is not positive, to single precision.
///
/// The platform's own differs in its last bits from one machine to the next, and a model trained
/// with it would too. This one also has no branch and no call, so a loop over it uses vector
/// registers.
fn exp(power: f32) -> f32 {
    // Adding this rounds to a whole number and leaves that number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let turns = (power * std::f32::consts::LOG2_E).max(-126.0);
    let shifted = turns + ROUND;
    let part = (turns - (shifted - ROUND)) * std::f32::consts::LN_2;
    let series = 1.0 / 6.0 + part * (1.0 / 24.0 + part * (1.0 / 120.0 + part * (1.0 / 720.0)));
    let series = 1.0 + part * (1.0 + part * (0.5 + part * series));
    let exponent = shifted.to_bits().wrapping_add(127) << 23;
    series * f32::from_bits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_library() {
        for step in 0..2000 {
            let power = -(step as f32) / 25.0;
            let expected = f64::from(power).exp();
            let error = (f64::from(exp(power)) - expected).abs() / expected;
            assert!(error < 1e-5, "exp({power}) is off by {error}");
        }
    }

    /// At the optimum the gradient `w − C Σ xᵢ (e(yᵢ) − pᵢ)ᵀ` is zero.
    #[test]
    fn a_fit_satisfies_the_optimality_condition() {
        let vectors: Vec<Vector> =
            (0..40_u32).map(|i| vec![(i % 5, 1.0), (5 + i % 7, 0.5), (12 + i % 3, 0.25)]).collect();
        let labels: Vec<u32> = (0..40).map(|i| (i + i / 4) % 4).collect();
        let problem = Problem {
            vectors: &vectors,
            labels: &labels,
            features: 15,
            classes: 4,
            c: 2.0,
            epochs: 500,
        };
        let model = Linear::fit(&problem);
        let mut gradient = model.weights.clone();
        let mut scores = Vec::new();
        let mut probabilities = vec![0.0; 4];
        for (vector, &label) in vectors.iter().zip(&labels) {
            model.scores(vector, &mut scores);
            softmax(&scores, 1.0, &mut probabilities);
            for &(feature, value) in vector.iter().chain([&(15, 1.0)]) {
                for class in 0..4 {
                    let truth = f32::from(u8::from(class == label as usize));
                    gradient[feature as usize * model.stride + class] -=
                        2.0 * value * (truth - probabilities[class]);
                }
            }
        }
        let largest = gradient.iter().fold(0.0_f32, |high, g| high.max(g.abs()));
        // 40 examples, each within 0.001 of its dual, weigh 2 apiece.
        assert!(largest < 0.08, "a component of the gradient is {largest}");
    }
}
