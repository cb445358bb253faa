//! A company using the server.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A company using the server: names its schema, so nothing is read without one.
///
/// One to 31 characters of `a-z`, `0-9` and `_`, starting with a letter; anything else cannot be
/// constructed, which is why a tenant may stand inside SQL that sets the search path.
///
/// ```
/// use kernel::TenantId;
/// assert_eq!("akron".parse::<TenantId>().unwrap().schema(), "t_akron");
/// assert!("akron; drop schema".parse::<TenantId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(String);

impl TenantId {
    /// The Postgres schema that holds this tenant's tables.
    pub fn schema(&self) -> String {
        format!("t_{}", self.0)
    }

    /// The name as written in configuration and logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let letters = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        let starts = text.bytes().next().is_some_and(|it| it.is_ascii_lowercase());
        if starts && text.len() <= 31 && text.bytes().all(letters) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid(
            "tenant",
            format!(
                "`{}` is not a tenant name: use 1 to 31 of a-z, 0-9 and _, starting with a letter",
                text.chars().take(40).collect::<String>()
            ),
        ))
    }
}

impl TryFrom<String> for TenantId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> Self {
        tenant.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::TenantId;

    #[test]
    fn a_tenant_is_a_plain_lower_case_word() {
        for good in ["a", "akron", "demo_2", &"a".repeat(31)] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        for bad in ["", "_a", "2a", "Akron", "a-b", "a b", "a\"", "ä", &"a".repeat(32)] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn deserialising_validates() {
        assert!(serde_json::from_str::<TenantId>("\"x;y\"").is_err());
    }
}
