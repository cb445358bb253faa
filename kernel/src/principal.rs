//! Who is asking, and what they may do.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, TenantId};

/// What a permission lets its holder do to a workspace's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Look.
    Read,
    /// Propose and confirm changes.
    Write,
    /// Sign off what others proposed.
    Approve,
}

impl Action {
    /// As written in a permission: `read`, `write`, `approve`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::Read => "read",
            Action::Write => "write",
            Action::Approve => "approve",
        }
    }
}

/// The right to act in a workspace, written `fsq:write`.
///
/// ```
/// use kernel::{Action, Permission};
/// let permission: Permission = "fsq:write".parse().unwrap();
/// assert_eq!(permission, Permission::new("fsq", Action::Write));
/// assert_eq!(permission.to_string(), "fsq:write");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Permission {
    /// The workspace the right is in.
    pub workspace: Cow<'static, str>,
    /// What it allows there.
    pub action: Action,
}

impl Permission {
    /// A permission known at compile time, as tools declare theirs.
    pub const fn new(workspace: &'static str, action: Action) -> Self {
        Self { workspace: Cow::Borrowed(workspace), action }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.workspace, self.action.as_str())
    }
}

impl FromStr for Permission {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = || {
            Error::invalid(
                "permission",
                format!("`{text}` is not a permission: write `workspace:read|write|approve`"),
            )
        };
        let (workspace, action) = text.split_once(':').ok_or_else(malformed)?;
        let action = match action {
            "read" => Action::Read,
            "write" => Action::Write,
            "approve" => Action::Approve,
            _ => return Err(malformed()),
        };
        match !workspace.is_empty() && workspace.bytes().all(|it| it.is_ascii_lowercase()) {
            true => Ok(Self { workspace: Cow::Owned(workspace.to_owned()), action }),
            false => Err(malformed()),
        }
    }
}

impl TryFrom<String> for Permission {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Permission> for String {
    fn from(permission: Permission) -> Self {
        permission.to_string()
    }
}

/// Someone or something that has been authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Whose records they see.
    pub tenant: TenantId,
    /// Their name within the tenant, e.g. `operator` or `key:till-3`.
    pub user: String,
    /// What they may do.
    pub permissions: BTreeSet<Permission>,
    /// Document groups they belong to; everyone belongs to group 0.
    pub groups: Vec<i32>,
}

impl Principal {
    /// Check a permission.
    ///
    /// # Errors
    /// [`Error::Forbidden`] naming the permission that is missing.
    pub fn require(&self, permission: &Permission) -> Result<()> {
        match self.permissions.contains(permission) {
            true => Ok(()),
            false => Err(Error::Forbidden(permission.clone())),
        }
    }

    /// The document groups to filter by: group 0, then their own.
    pub fn document_groups(&self) -> Vec<i32> {
        std::iter::once(0).chain(self.groups.iter().copied().filter(|it| *it != 0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_reads_back_as_written() {
        for text in ["fsq:read", "vending:write", "planning:approve"] {
            assert_eq!(text.parse::<Permission>().unwrap().to_string(), text);
        }
        for text in ["", "fsq", ":read", "fsq:own", "FSQ:read", "fsq:read:x"] {
            assert!(text.parse::<Permission>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_missing_permission_is_named() {
        let principal = Principal {
            tenant: "demo".parse().unwrap(),
            user: "ada".into(),
            permissions: BTreeSet::from([Permission::new("fsq", Action::Read)]),
            groups: vec![3],
        };
        assert!(principal.require(&Permission::new("fsq", Action::Read)).is_ok());
        let error = principal.require(&Permission::new("fsq", Action::Write)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "permission `fsq:write` is required: ask your administrator for it"
        );
        assert_eq!(principal.document_groups(), [0, 3]);
    }
}
