//! API keys: made here, kept as hashes, never shown again.

use sha2::{Digest, Sha256};

/// What every key begins with, so that leaked ones are recognised.
const PREFIX: &str = "qm_";

/// A key that was just made.
pub struct NewKey {
    /// For its owner, once.
    pub secret: String,
    /// For the database.
    pub hash: [u8; 32],
}

impl NewKey {
    /// Make a key of 256 random bits.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn make() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        let secret = format!("{PREFIX}{}", hex::encode(bytes));
        let hash = hash_of(&secret);
        Ok(Self { secret, hash })
    }
}

/// The SHA-256 of a key: with 256 random bits in it, no slower hash is needed.
pub fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether a text can be a key at all; what cannot is refused without asking the database.
pub(crate) fn looks_like_a_key(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|it| it.len() == 64 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_and_hash_to_what_is_kept() {
        let (a, b) = (NewKey::make().unwrap(), NewKey::make().unwrap());
        assert_ne!(a.secret, b.secret);
        assert_eq!(hash_of(&a.secret), a.hash);
        assert!(looks_like_a_key(&a.secret) && !looks_like_a_key("qm_1"));
    }
}
