//! The closest of some names to one that does not exist.

/// The candidate most like `name`, if any is alike enough to be worth offering. Ties go to the
/// name that sorts first.
///
/// ```
/// assert_eq!(toolkit::nearest("VM-01", ["VM-001", "VM-002", "XX"]), Some("VM-001".into()));
/// assert_eq!(toolkit::nearest("banana", ["VM-001"]), None);
/// ```
pub fn nearest<S: AsRef<str>>(
    name: &str,
    candidates: impl IntoIterator<Item = S>,
) -> Option<String> {
    const ALIKE: f64 = 0.55;
    let name = name.to_lowercase();
    let mut best: Option<(f64, String)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        let likeness = strsim::normalized_damerau_levenshtein(&name, &candidate.to_lowercase());
        let better = best.as_ref().is_none_or(|(so_far, text)| {
            likeness > *so_far || (likeness == *so_far && candidate < text.as_str())
        });
        if likeness >= ALIKE && better {
            best = Some((likeness, candidate.to_owned()));
        }
    }
    best.map(|(_, text)| text)
}
