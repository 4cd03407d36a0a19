//! Who may log in: a TOML file with argon2 hashes.

use std::collections::BTreeMap;
use std::path::Path;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use serde::{Deserialize, Serialize};

/// Fewest characters of a password.
const PASSWORD_MIN: usize = 10;

/// What a user may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Their own calls.
    Agent,
    /// Every call.
    Supervisor,
    /// Every call, and how the system is.
    Admin,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        })
    }
}

/// One who may log in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// What they may see.
    pub role: Role,
    /// The agent id that the switch knows them by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The argon2id hash of the password.
    hash: String,
}

/// The file of users.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Users(BTreeMap<String, User>);

/// Why the file or a change of it is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UserError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no file of users.
    #[error("{0}: not a file of users: {1}")]
    Parse(String, String),
    /// The name is taken.
    #[error("{0} is there already")]
    Taken(String),
    /// There is no such user.
    #[error("{0} is not there")]
    Unknown(String),
    /// An agent without an id.
    #[error("an agent needs --agent, the id that the switch knows them by")]
    NoAgent,
    /// The password is short.
    #[error("a password has at least {PASSWORD_MIN} characters")]
    Short,
    /// The password cannot be hashed.
    #[error("the password cannot be hashed: {0}")]
    Hash(argon2::password_hash::Error),
}

impl Users {
    /// Reads the file; there is nobody when it is missing.
    pub(crate) fn read(path: &Path) -> Result<Self, UserError> {
        let named = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|error: toml::de::Error| UserError::Parse(named, error.message().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(UserError::File { path: named, source }),
        }
    }

    /// Writes the file whole, for its owner alone.
    pub(crate) fn write(&self, path: &Path) -> Result<(), UserError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let fault = |source| UserError::File {
            path: path.display().to_string(),
            source,
        };
        let text = toml::to_string(self).map_err(|error| fault(std::io::Error::other(error)))?;
        let draft = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&draft).map_err(fault)?;
        file.write_all(text.as_bytes()).map_err(fault)?;
        file.sync_all().map_err(fault)?;
        std::fs::rename(&draft, path).map_err(fault)
    }

    /// Adds one.
    pub(crate) fn add(
        &mut self,
        name: &str,
        role: Role,
        agent: Option<String>,
        password: &str,
    ) -> Result<(), UserError> {
        if self.0.contains_key(name) {
            return Err(UserError::Taken(name.to_owned()));
        }
        if role == Role::Agent && agent.is_none() {
            return Err(UserError::NoAgent);
        }
        let hash = hash(password)?;
        self.0.insert(name.to_owned(), User { role, agent, hash });
        Ok(())
    }

    /// Sets a new password.
    pub(crate) fn set_password(&mut self, name: &str, password: &str) -> Result<(), UserError> {
        let user = self
            .0
            .get_mut(name)
            .ok_or_else(|| UserError::Unknown(name.to_owned()))?;
        user.hash = hash(password)?;
        Ok(())
    }

    /// Takes the time that a password takes.
    pub(crate) fn waste_time(password: &str) {
        let Ok(salt) = SaltString::encode_b64(uuid::Uuid::new_v4().as_bytes()) else {
            return;
        };
        // The hash is not wanted, only the time.
        let _ = Argon2::default().hash_password(password.as_bytes(), &salt);
    }

    /// One by name.
    pub(crate) fn get(&self, name: &str) -> Option<&User> {
        self.0.get(name)
    }

    /// All, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &User)> {
        self.0.iter()
    }
}

impl User {
    /// Whether this is their password. Takes some tens of milliseconds of processor time on purpose.
    pub(crate) fn has_password(&self, password: &str) -> bool {
        PasswordHash::new(&self.hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }
}

fn hash(password: &str) -> Result<String, UserError> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(UserError::Short);
    }
    let salt = SaltString::encode_b64(uuid::Uuid::new_v4().as_bytes()).map_err(UserError::Hash)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(hash.map_err(UserError::Hash)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_a_hash_and_known_again() {
        let mut users = Users::default();
        users
            .add("wang", Role::Agent, Some("8001".into()), "long enough")
            .unwrap();
        let text = toml::to_string(&users).unwrap();
        assert!(!text.contains("long enough"), "{text}");
        let read: Users = toml::from_str(&text).unwrap();
        let user = read.get("wang").unwrap();
        assert!(user.has_password("long enough"));
        assert!(!user.has_password("long enough "));
    }

    #[test]
    fn an_agent_without_an_id_and_a_short_password_are_refused() {
        let mut users = Users::default();
        assert!(matches!(
            users.add("li", Role::Agent, None, "long enough"),
            Err(UserError::NoAgent)
        ));
        assert!(matches!(
            users.add("li", Role::Admin, None, "short"),
            Err(UserError::Short)
        ));
        assert!(users.iter().next().is_none());
    }
}
