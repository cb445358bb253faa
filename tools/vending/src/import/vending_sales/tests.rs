//! Importing sales reports.

use serde_json::json;
use store::testing::{TestTenant, block_on};
use toolkit::testing::Bench;

use super::*;
use crate::testing::WORKSPACES;

const REPORT: &[u8] = include_bytes!("../../../testdata/sales.csv");

async fn imported(tenant: &TestTenant, bytes: &[u8]) -> Result<ImportReport> {
    let now = store::testing::now();
    let file = ImportFile { name: "sales.csv", bytes, now, progress: &|_, _| () };
    let mut tx = tenant.begin().await;
    let report = VendingSales.import(&mut tx, file).await?;
    tx.commit().await?;
    Ok(report)
}

#[test]
fn a_report_makes_what_it_needs_and_adds_nothing_the_second_time() {
    block_on(async {
        let bench = Bench::new(WORKSPACES).await;
        let first = imported(&bench.tenant, REPORT).await.unwrap();
        assert_eq!((first.read, first.added, first.known), (8, 4, 0));
        let reasons: Vec<(&str, &str)> = first
            .quarantined
            .iter()
            .map(|it| (it.place.as_str(), it.reason.split(' ').next().unwrap()))
            .collect();
        let expected = [
            ("line 5", "`Product`"),
            ("line 6", "`TransDate`"),
            ("line 7", "`RCoil`"),
            ("line 8", "`RPrice`"),
        ];
        assert_eq!(reasons, expected);
        let second = imported(&bench.tenant, REPORT).await.unwrap();
        assert_eq!((second.added, second.known), (0, 4));
        let show = json!({ "device": "XK-77" });
        let planogram = bench.read("vending_show_planogram", show.clone()).await.unwrap();
        assert_eq!(planogram["rows"][0]["slots"][0]["product_name"], "Ginger Tea");
        assert_eq!(planogram["rows"][1]["slots"][0]["slot"], "B2");
        let zones = bench.read("vending_show_heat_zones", show.clone()).await.unwrap();
        assert_eq!(zones["zones"].as_array().unwrap().len(), 2, "only slots that exist");
        assert_eq!(zones["as_of"], "2022-01-05");
        let forecast = bench.read("vending_forecast_demand", show).await.unwrap();
        assert_eq!(forecast["first_day"], "2022-01-05");
    });
}

#[test]
fn a_file_of_another_kind_is_refused_as_a_whole() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let refused = imported(&tenant, b"Date,Item\n2016-10-30,Bread\n").await.unwrap_err();
        assert!(refused.to_string().contains("no column `Device ID`"), "{refused}");
        let refused = imported(&tenant, b"Device ID\n\xff\n").await.unwrap_err();
        assert!(refused.to_string().contains("line 2"), "{refused}");
    });
}

#[test]
fn lines_outside_a_known_grid_are_quarantined() {
    block_on(async {
        let bench = crate::testing::demo().await;
        let report = b"Device ID,Product,TransDate,RCoil,RPrice\n\
            VM-001,Coke,2026-03-17,B3,2\nVM-001,Coke,2026-03-17,F1,2\n";
        let report = imported(&bench.tenant, report).await.unwrap();
        assert_eq!((report.added, report.quarantined.len()), (1, 1));
        assert_eq!(report.quarantined[0].reason, "slot `F1` is not in the grid of `VM-001`");
    });
}

/// Five machines in New Jersey, 2022; the file is not part of the project.
#[test]
fn a_real_report_is_read() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/vending/nj-vending-2022.csv");
    let Ok(bytes) = std::fs::read(path) else {
        println!("skipped: ../shared/data/vending/nj-vending-2022.csv is absent");
        return;
    };
    block_on(async {
        let bench = Bench::new(WORKSPACES).await;
        let report = imported(&bench.tenant, &bytes).await.unwrap();
        assert_eq!((report.read, report.added, report.known), (6_445, 6_441, 0));
        assert_eq!(report.quarantined.len(), 4);
        let again = imported(&bench.tenant, &bytes).await.unwrap();
        assert_eq!((again.added, again.known), (0, 6_441));
        let device = json!({ "device": "VJ300320609" });
        let zones = bench.read("vending_show_heat_zones", device.clone()).await.unwrap();
        assert_eq!(zones["zones"].as_array().unwrap().len(), 30);
        let forecast = bench.read("vending_forecast_demand", device).await.unwrap();
        assert!(forecast["units"].as_f64().unwrap() > 10.0, "{forecast}");
    });
}
