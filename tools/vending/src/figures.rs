//! Figures as they are printed: rounded where they are made, so that every door shows the same.

/// A figure with so many decimals; never a negative zero.
pub(crate) fn rounded(x: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (x * scale).round() / scale + 0.0
}
