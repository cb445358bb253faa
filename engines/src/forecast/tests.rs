//! The stories the engine has to tell, end to end.

use proptest::prelude::*;

use super::*;

/// Noise that is the same on every run: the high bits of a multiplied counter, from −0.5 to 0.5.
fn noise(t: usize) -> f64 {
    let mixed = (t as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed >> 11) as f64) / (1_u64 << 53) as f64 - 0.5
}

fn office(weeks: usize) -> Series {
    let day = |t: usize| (if t % 7 < 5 { 40.0 } else { 10.0 } * (1.0 + 0.5 * noise(t))).round();
    Series::new(7, &(0..weeks * 7).map(day).collect::<Vec<_>>())
}

/// Test 1 of story 7: weekdays sell three to four times a weekend day.
#[test]
fn an_office_sells_on_weekdays() {
    let week = forecast(&office(16), &Options::new(7)).unwrap();
    let ratio = week.points[1].mean / week.points[6].mean;
    assert!((3.0..=5.0).contains(&ratio), "{ratio}");
    assert!(week.members.iter().any(|m| m.name == "weekday_profile"), "{:?}", week.members);
}

/// Test 4 of story 7: a sports event doubles or triples the day.
#[test]
fn an_event_makes_a_spike() {
    let mut series = office(16);
    let quiet = forecast(&series, &Options::new(7)).unwrap();
    let values = (0..119).map(|t| f64::from(u8::from(t == 114))).collect();
    series.regressors = vec![Regressor {
        name: "match".into(),
        kind: RegressorKind::Event,
        values,
        threshold: None,
        prior: None,
    }];
    let loud = forecast(&series, &Options::new(7)).unwrap();
    let spike = loud.points[2].mean / quiet.points[2].mean;
    assert!((2.0..=3.0).contains(&spike), "{spike}");
    assert!((loud.points[1].mean / quiet.points[1].mean - 1.0).abs() < 0.05);
    assert!(loud.factors[0].prior_share > 0.99, "{:?}", loud.factors);
}

#[test]
fn a_stock_out_is_not_a_day_without_demand() {
    let mut sold_out = office(12);
    for t in [50, 57, 64, 71, 78] {
        sold_out.values[t] = Some(0.0);
    }
    let naive = forecast(&sold_out, &Options::new(7)).unwrap();
    sold_out.stock_outs = vec![50, 57, 64, 71, 78];
    let aware = forecast(&sold_out, &Options::new(7)).unwrap();
    assert!(aware.points[1].mean > naive.points[1].mean + 5.0);
    assert_eq!(aware.missing, 5);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let series: Vec<Series> = (4..20).map(office).collect();
    let run = || {
        let options = Options::new(14);
        let calibration = Some(calibrate(&series, &options, &|_, _| {}));
        let all = forecast_many(&series, &Options { calibration, ..options }, &|_, _| {});
        let all: Vec<Forecast> = all.into_iter().map(Result::unwrap).collect();
        serde_json::to_string(&all).unwrap()
    };
    assert_eq!(run(), run());
}

#[test]
fn many_forecasts_come_in_order() {
    let series: Vec<Series> = (1..40).map(|k| Series::new(1, &[f64::from(k); 12])).collect();
    let all = forecast_many(&series, &Options::new(1), &|_, _| {});
    for (k, one) in all.into_iter().enumerate() {
        let mean = one.unwrap().points[0].mean;
        assert!((mean / (k as f64 + 1.0) - 1.0).abs() < 0.05, "{k} {mean}");
    }
}

#[test]
fn what_cannot_be_forecast_says_why() {
    let error = |series: &Series, horizon| forecast(series, &Options::new(horizon)).unwrap_err();
    assert_eq!(error(&Series::new(7, &[]), 7), ForecastError::Empty);
    assert_eq!(error(&Series::new(7, &[1.0]), 0), ForecastError::Horizon(0));
    let broken = error(&Series::new(7, &[1.0, f64::NAN]), 7);
    assert!(broken.to_string().starts_with("value 1 is `NaN`"), "{broken}");
    let sold_out = Series { stock_outs: vec![0], ..Series::new(1, &[0.0]) };
    assert_eq!(error(&sold_out, 1), ForecastError::Empty);
}

#[test]
fn never_sold_stays_at_zero() {
    let none = forecast(&Series::new(7, &[0.0; 40]), &Options::new(7)).unwrap();
    assert_eq!(none.class, Class::Dead);
    assert!(none.points.iter().all(|p| p.p90.abs() < 1e-12 && p.mean.abs() < 1e-12));
}

#[test]
fn a_back_test_beats_repeating_last_week() {
    let test = backtest(&office(20), &Options::new(7), 4).unwrap();
    assert_eq!((test.origins, test.compared), (4, 28));
    assert!(test.wape.unwrap() < test.naive_wape.unwrap(), "{test:?}");
    assert!(test.coverage95 > 0.8 && test.bias.unwrap().abs() < 0.1, "{test:?}");
    assert!(test.noise_floor < 0.2, "{test:?}");
}

proptest! {
    #[test]
    fn quantiles_are_ordered_and_finite(
        values in prop::collection::vec(prop::option::weighted(0.9, 0.0_f64..1e4), 1..80),
        period in 0_usize..13,
        whole in any::<bool>(),
    ) {
        let values: Vec<_> =
            values.into_iter().map(|v| v.map(|v| if whole { (v / 300.0).floor() } else { v })).collect();
        let series = Series { period, values, ..Series::default() };
        if let Ok(ahead) = forecast(&series, &Options::new(9)) {
            prop_assert_eq!(ahead.points.len(), 9);
            for p in &ahead.points {
                prop_assert!(p.low95 <= p.p10 && p.p10 <= p.p50 && p.p50 <= p.p90 && p.p90 <= p.high95, "{p:?}");
                prop_assert!(p.low95 >= 0.0 && p.high95.is_finite() && p.mean.is_finite(), "{p:?}");
            }
            let weights: f64 = ahead.members.iter().map(|m| m.weight).sum();
            prop_assert!((weights - 1.0).abs() < 1e-9);
        }
    }
}
