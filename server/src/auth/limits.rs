//! How often and how much at once one caller may ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use kernel::{Error, Result};

/// A token bucket and a count of requests in flight for each caller.
pub struct Limiter {
    rate: f64,
    burst: f64,
    in_flight: u32,
    callers: Arc<Mutex<BTreeMap<String, State>>>,
}

struct State {
    tokens: f64,
    seen: Instant,
    running: u32,
}

/// Callers that are remembered at most; those with a full bucket are forgotten first.
const MOST_CALLERS: usize = 10_000;

impl Limiter {
    /// So many requests per second, so many at once before that holds, so many in flight.
    pub fn new(rate: f64, burst: u32, in_flight: u32) -> Self {
        let rate = rate.max(0.001);
        Self { rate, burst: f64::from(burst.max(1)), in_flight, callers: Arc::default() }
    }

    /// Let one more request of this caller in. It is in flight until the permit is dropped.
    ///
    /// # Errors
    /// [`Error::RateLimited`] with the seconds to wait.
    pub fn admit(&self, caller: &str, at: Instant) -> Result<Permit> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MOST_CALLERS && !callers.contains_key(caller) {
            self.forget(&mut callers, at);
        }
        let fresh = State { tokens: self.burst, seen: at, running: 0 };
        let state = callers.entry(caller.to_owned()).or_insert(fresh);
        state.tokens = self.refilled(state, at);
        state.seen = at;
        if state.running >= self.in_flight {
            return Err(Error::RateLimited { retry_after: 1 });
        }
        if state.tokens < 1.0 {
            let wait = ((1.0 - state.tokens) / self.rate).ceil().clamp(1.0, 3600.0);
            #[expect(clippy::cast_possible_truncation, reason = "it is between 1 and 3600")]
            #[expect(clippy::cast_sign_loss, reason = "it is between 1 and 3600")]
            return Err(Error::RateLimited { retry_after: wait as u32 });
        }
        state.tokens -= 1.0;
        state.running += 1;
        Ok(Permit { caller: caller.to_owned(), callers: self.callers.clone() })
    }

    fn refilled(&self, state: &State, at: Instant) -> f64 {
        let gone = at.saturating_duration_since(state.seen).as_secs_f64();
        gone.mul_add(self.rate, state.tokens).min(self.burst)
    }

    fn forget(&self, callers: &mut BTreeMap<String, State>, at: Instant) {
        callers.retain(|_, it| it.running > 0 || self.refilled(it, at) < self.burst);
        if callers.len() >= MOST_CALLERS {
            callers.retain(|_, it| it.running > 0);
        }
    }
}

/// A request in flight.
pub struct Permit {
    caller: String,
    callers: Arc<Mutex<BTreeMap<String, State>>>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = callers.get_mut(&self.caller) {
            state.running = state.running.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let (limiter, start) = (Limiter::new(2.0, 3, 99), Instant::now());
        for _ in 0..3 {
            limiter.admit("ada", start).unwrap();
        }
        let Err(Error::RateLimited { retry_after }) = limiter.admit("ada", start).map(drop) else {
            panic!("the fourth passes")
        };
        assert_eq!(retry_after, 1);
        assert!(limiter.admit("bob", start).is_ok(), "callers have buckets of their own");
        assert!(limiter.admit("ada", start + Duration::from_millis(500)).is_ok());
        assert!(limiter.admit("ada", start + Duration::from_millis(500)).is_err());
    }

    #[test]
    fn requests_in_flight_are_counted_until_they_end() {
        let (limiter, start) = (Limiter::new(1000.0, 1000, 2), Instant::now());
        let first = limiter.admit("ada", start).unwrap();
        let _second = limiter.admit("ada", start).unwrap();
        assert!(limiter.admit("ada", start).is_err());
        drop(first);
        assert!(limiter.admit("ada", start).is_ok());
    }
}
