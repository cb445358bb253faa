//! Sensor readings: checked for form, kept as they are.

use serde_json::Value;

use super::reader::{Node, Reader, kind_of};

const METADATA: [&str; 8] = [
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
];

const NUMBERS: [&str; 7] =
    ["value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"];

const TEXTS: [&str; 16] = [
    "type",
    "exception",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
    "time",
    "microorganism",
    "chemicalSubstance",
    "component",
    "stringValue",
    "hexBinaryValue",
    "uriValue",
    "uom",
    "coordinateReferenceSystem",
];

/// Checks `sensorElementList` of an event.
pub(super) fn check(reader: &mut Reader, event: &Node<'_>) {
    for (value, place) in reader.array(event, "sensorElementList") {
        let Some(element) = reader.object(value, place) else { continue };
        reader.only(&element, &["type", "sensorMetadata", "sensorReport"]);
        if let Some(value) = element.get("sensorMetadata")
            && let Some(metadata) = reader.object(value, element.place("sensorMetadata"))
        {
            reader.only(&metadata, &METADATA);
            for field in ["time", "startTime", "endTime"] {
                reader.time(&metadata, field);
            }
        }
        let reports = reader.array(&element, "sensorReport");
        if reports.is_empty() {
            reader.missing(&element, "sensorReport");
        }
        for (value, place) in reports {
            if let Some(report) = reader.object(value, place) {
                check_report(reader, &report);
            }
        }
    }
}

fn check_report(reader: &mut Reader, report: &Node<'_>) {
    let known: Vec<&str> = NUMBERS.iter().chain(&TEXTS).chain(&["booleanValue"]).copied().collect();
    reader.only(report, &known);
    reader.time(report, "time");
    for field in TEXTS {
        reader.text(report, field);
    }
    for field in NUMBERS {
        if let Some(value) = report.get(field).filter(|value| !value.is_number()) {
            let reason = format!("expected a number, found {}", kind_of(value));
            reader.reject(report.place(field), reason);
        }
    }
    if let Some(value) = report.get("booleanValue").filter(|value| !matches!(value, Value::Bool(_)))
    {
        let reason = format!("expected true or false, found {}", kind_of(value));
        reader.reject(report.place("booleanValue"), reason);
    }
}
