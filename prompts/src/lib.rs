//! The words models are given, embedded and hashed. The hash is on every turn.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// What every model is told, whichever the workspace.
pub const SYSTEM: &str = include_str!("../system/copilot.md");

/// The hash of all prompts: the first twelve hex digits of their SHA-256.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| hex::encode(&Sha256::digest(SYSTEM)[..6]));
    &VERSION
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_twelve_hex_digits() {
        assert_eq!(super::version().len(), 12);
        assert!(super::version().bytes().all(|it| it.is_ascii_hexdigit()));
    }
}
