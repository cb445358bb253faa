//! Sealing what clients carry back and forth, so that they cannot change it.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use kernel::{Error, Result};
use rmcp::model::{RequestStateCodec, SealOptions};

/// Seals text for whoever `bound_to` names; opens it for nobody else, and not for long.
pub struct Sealer(RequestStateCodec);

/// What a sealed text waits for: a person reading a form.
const LASTS: Duration = Duration::from_secs(600);

impl Sealer {
    /// Use the secret in the data folder, made the first time.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let file = data.join("secret");
        let secret = match std::fs::read(&file) {
            Ok(secret) if secret.len() >= 32 => secret,
            _ => fresh(&file)
                .with_context(|| format!("the secret `{}` cannot be made", file.display()))?,
        };
        Ok(Self(RequestStateCodec::try_new(secret).context("the sealing secret is too short")?))
    }

    /// Seal a text.
    pub fn seal(&self, text: &str, bound_to: &str) -> String {
        let options = SealOptions::new().associated_data(bound_to.as_bytes()).ttl(LASTS);
        self.0.seal_with(text.as_bytes(), &options)
    }

    /// Open a sealed text.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it was changed, is bound to something else, or is too old.
    pub fn open_sealed(&self, sealed: &str, bound_to: &str) -> Result<String> {
        let refused =
            || Error::invalid("requestState", "is not valid for this call: make the call anew");
        let text = self.0.open_with(sealed, bound_to.as_bytes()).map_err(|_| refused())?;
        String::from_utf8(text).map_err(|_| refused())
    }
}

fn fresh(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut secret = vec![0; 32];
    getrandom::fill(&mut secret)?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(file)?, &secret)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_for_its_owner_only_and_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Sealer::open(dir.path()).unwrap().seal("h_1", "demo|ada");
        let sealer = Sealer::open(dir.path()).unwrap();
        assert_eq!(sealer.open_sealed(&sealed, "demo|ada").unwrap(), "h_1");
        assert!(sealer.open_sealed(&sealed, "demo|bob").is_err());
        assert!(sealer.open_sealed("rubbish", "demo|ada").is_err());
        let mut changed = sealed.into_bytes();
        let last = changed.len() - 3;
        changed[last] ^= 1;
        assert!(sealer.open_sealed(&String::from_utf8(changed).unwrap(), "demo|ada").is_err());
    }
}
