//! The Core Business Vocabulary 2.0: the words that need no namespace.

/// Business steps, CBV 2.0 §7.1.
pub(super) const BIZ_STEPS: [&str; 41] = [
    "accepting",
    "arriving",
    "assembling",
    "collecting",
    "commissioning",
    "consigning",
    "creating_class_instance",
    "cycle_counting",
    "decommissioning",
    "departing",
    "destroying",
    "disassembling",
    "dispensing",
    "encoding",
    "entering_exiting",
    "holding",
    "inspecting",
    "installing",
    "killing",
    "loading",
    "other",
    "packing",
    "picking",
    "receiving",
    "removing",
    "repackaging",
    "repairing",
    "replacing",
    "reserving",
    "retail_selling",
    "sampling",
    "sensor_reporting",
    "shipping",
    "staging_outbound",
    "stock_taking",
    "stocking",
    "storing",
    "transporting",
    "unloading",
    "unpacking",
    "void_shipping",
];

/// Dispositions, CBV 2.0 §7.2.
pub(super) const DISPOSITIONS: [&str; 33] = [
    "active",
    "available",
    "completeness_inferred",
    "completeness_verified",
    "conformant",
    "container_closed",
    "container_open",
    "damaged",
    "destroyed",
    "dispensed",
    "disposed",
    "encoded",
    "expired",
    "in_progress",
    "in_transit",
    "inactive",
    "mismatch_class",
    "mismatch_instance",
    "mismatch_quantity",
    "needs_replacement",
    "no_pedigree_match",
    "non_conformant",
    "non_sellable_other",
    "partially_dispensed",
    "recalled",
    "reserved",
    "retail_sold",
    "returned",
    "sellable_accessible",
    "sellable_not_accessible",
    "stolen",
    "unavailable",
    "unknown",
];

/// Business transaction types, CBV 2.0 §7.3.
pub(super) const TRANSACTION_TYPES: [&str; 13] = [
    "bol",
    "cert",
    "desadv",
    "inv",
    "pedigree",
    "po",
    "poc",
    "prodorder",
    "recadv",
    "rma",
    "testprd",
    "testres",
    "upevt",
];

/// Source and destination types, CBV 2.0 §7.4.
pub(super) const PARTY_TYPES: [&str; 3] = ["location", "owning_party", "possessing_party"];

/// Error reasons, CBV 2.0 §7.5.
pub(super) const ERROR_REASONS: [&str; 2] = ["did_not_occur", "incorrect_data"];

/// The bare word of a vocabulary element in any of its spellings: `shipping`,
/// `urn:epcglobal:cbv:bizstep:shipping`, `https://ref.gs1.org/cbv/BizStep-shipping`,
/// `cbv:BizStep-shipping`. `Err` for an identifier of somebody else's vocabulary.
pub(super) fn bare(text: &str) -> Result<&str, &str> {
    if !text.contains(':') {
        return Ok(text);
    }
    let tail = text
        .strip_prefix("https://ref.gs1.org/cbv/")
        .or_else(|| text.strip_prefix("http://ref.gs1.org/cbv/"))
        .or_else(|| text.strip_prefix("https://ns.gs1.org/cbv/"))
        .or_else(|| text.strip_prefix("cbv:").filter(|tail| tail.contains('-')))
        .and_then(|tail| tail.split_once('-'))
        .map(|(_, word)| word);
    let urn = text.strip_prefix("urn:epcglobal:cbv:").and_then(|tail| tail.split_once(':'));
    tail.or(urn.map(|(_, word)| word)).ok_or(text)
}

/// The known word nearest to a wrong one, for the message.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let shared = |other: &str| {
        let prefix = word.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let suffix = word.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b);
        prefix + suffix.count().min(other.len() - prefix)
    };
    let best = known.iter().copied().max_by_key(|other| (shared(other), usize::MAX - other.len()));
    best.filter(|other| shared(other) >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_word_is_one_word() {
        for text in [
            "shipping",
            "urn:epcglobal:cbv:bizstep:shipping",
            "https://ref.gs1.org/cbv/BizStep-shipping",
            "cbv:BizStep-shipping",
        ] {
            assert_eq!(bare(text), Ok("shipping"), "{text}");
        }
        assert_eq!(bare("urn:gdst:bizStep:landing"), Err("urn:gdst:bizStep:landing"));
    }

    #[test]
    fn a_slip_gets_its_nearest_word() {
        assert_eq!(nearest("in_transport", &DISPOSITIONS), Some("in_transit"));
        assert_eq!(nearest("zzz", &DISPOSITIONS), None);
    }
}
