//! Words that are too common to name a record by themselves.

/// Stems of the words that name a kind of record, and so no record.
pub(super) const GENERIC: &[&str] = &[
    "stor",
    "lin",
    "lot",
    "batch",
    "product",
    "item",
    "machin",
    "devic",
    "supplier",
    "customer",
    "location",
    "slot",
    "document",
    "plant",
    "warehous",
    "shelf",
    "brand",
    "categor",
    "order",
    "sit",
    "room",
    "pack",
    "cas",
    "box",
    "unit",
    "foo",
    "fresh",
    "sal",
    "stock",
    "pric",
    "recip",
    "ingredient",
    "campaign",
    "region",
    "rout",
    "unti",
    "week",
    "day",
    "month",
    "year",
    "מוצר",
    "מכונה",
    "סניף",
    "חנות",
    "קו",
    "אצווה",
    "ספק",
    "לקוח",
];

/// Stems of words that are no part of a name when alone, and are never taken for a misspelt one.
pub(super) fn is_common(stem: &str) -> bool {
    COMMON.binary_search(&stem).is_ok()
}

/// Sorted.
const COMMON: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "an", "and", "any", "are", "as", "at", "be",
    "been", "befor", "between", "but", "by", "can", "check", "com", "could", "did", "do", "doe",
    "don", "down", "each", "every", "find", "for", "from", "get", "giv", "go", "had", "has", "hav",
    "her", "how", "i", "if", "in", "into", "is", "it", "just", "last", "let", "lik", "list", "mak",
    "man", "me", "mor", "most", "mov", "much", "my", "need", "next", "no", "not", "now", "of",
    "off", "on", "or", "order", "our", "out", "over", "pleas", "put", "sell", "shall", "should",
    "show", "sinc", "so", "sold", "some", "tell", "than", "that", "the", "their", "them", "then",
    "there", "thes", "they", "thi", "this", "thos", "to", "top", "trac", "under", "until", "up",
    "us", "use", "wa", "want", "was", "we", "week", "went", "were", "what", "when", "wher",
    "which", "while", "who", "why", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_sorted() {
        assert!(COMMON.is_sorted());
    }
}
