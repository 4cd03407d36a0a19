//! Why Redis takes nothing from anybody, as opposed to one event that it does not like.

use redis::{RedisError, ServerError};

/// A state of the whole server. Another connection may reach a server in a better one: the name may lead
/// elsewhere by then, or somebody may have mended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is a replica; another one is the primary (by now).
    Replica,
    /// It is a replica that has lost its primary.
    MasterDown,
    /// `maxmemory` is reached.
    Full,
    /// It cannot write its snapshot or its append-only file, or has too few replicas.
    Disk,
    /// Fewer replicas than `min-replicas-to-write` are connected.
    NoReplicas,
    /// A node of a Cluster that has the key elsewhere.
    Moved,
    /// A node of a Cluster that is down.
    ClusterDown,
    /// It reads its file.
    Loading,
    /// It wants a password.
    NoAuth,
    /// The password or the user is wrong.
    WrongPassword,
}

/// Each state with the codes that name it.
const CODES: [(&str, Refusal); 12] = [
    ("READONLY", Refusal::Replica),
    ("MASTERDOWN", Refusal::MasterDown),
    ("OOM", Refusal::Full),
    ("MISCONF", Refusal::Disk),
    ("NOREPLICAS", Refusal::NoReplicas),
    ("MOVED", Refusal::Moved),
    ("ASK", Refusal::Moved),
    ("TRYAGAIN", Refusal::Moved),
    ("CLUSTERDOWN", Refusal::ClusterDown),
    ("LOADING", Refusal::Loading),
    ("NOAUTH", Refusal::NoAuth),
    ("WRONGPASS", Refusal::WrongPassword),
];

impl Refusal {
    /// What an error says of the server; `None` when it is about one command or about the way to the server.
    pub(super) fn of(error: &RedisError) -> Option<Self> {
        if error.kind() == redis::ErrorKind::AuthenticationFailed {
            return Some(Self::WrongPassword);
        }
        Self::named(error.code()?, error.detail())
    }

    /// As [`Self::of`], of an answer in a pipeline.
    pub(super) fn of_answer(error: &ServerError) -> Option<Self> {
        Self::named(error.code(), error.details())
    }

    /// Redis before 7 wraps what a command in a script was told: `ERR Error running script …: -READONLY You …`.
    fn named(code: &str, detail: Option<&str>) -> Option<Self> {
        let plain = CODES.iter().find(|(name, _)| *name == code);
        let wrapped = || {
            let words = detail.filter(|_| code == "ERR")?;
            let named = |name: &str| words.split([' ', ':']).any(|word| word.strip_prefix('-') == Some(name));
            CODES.iter().find(|(name, _)| named(name))
        };
        plain.or_else(wrapped).map(|(_, refusal)| *refusal)
    }

    /// What it is, for `/ready` and the log.
    pub(super) const fn found(self) -> &'static str {
        match self {
            Self::Replica => "is a replica and takes no writes",
            Self::MasterDown => "is a replica that has lost its primary",
            Self::Full => "has reached its maxmemory",
            Self::Disk => "takes no writes because it cannot save to its disk",
            Self::NoReplicas => "takes no writes because too few replicas are connected to it",
            Self::Moved => "is a node of a Cluster that has some of our keys elsewhere",
            Self::ClusterDown => "is a node of a Cluster that is down",
            Self::Loading => "still reads its data from disk",
            Self::NoAuth => "wants a password",
            Self::WrongPassword => "knows no such user and password",
        }
    }

    /// What an administrator is to do.
    pub(super) const fn cure(self) -> &'static str {
        match self {
            Self::Replica => "point redis.url at the primary, or at a name that follows it",
            Self::MasterDown => {
                "point redis.url at the primary; on the replica look at `INFO replication`, or promote it with \
                 `REPLICAOF NO ONE` if the primary is gone"
            }
            Self::Full => {
                "raise maxmemory in redis.conf, or delete what else lies in this Redis; keep `maxmemory-policy noeviction`"
            }
            Self::Disk => {
                "make room on the disk of Redis and give it the right to write its folder (`CONFIG GET dir`); its own \
                 log says what failed"
            }
            Self::NoReplicas => "bring the replicas back, or lower min-replicas-to-write in redis.conf",
            Self::Moved => "point redis.url at a single Redis, or at a proxy that follows the Cluster's redirections",
            Self::ClusterDown => "mend the Cluster (`redis-cli --cluster check`), or point redis.url at a single Redis",
            Self::Loading => "wait until it has read its data; `INFO persistence` says how far it is",
            Self::NoAuth => "put user and password into redis.url (redis://user:password@host:port/)",
            Self::WrongPassword => "look at user and password in redis.url (redis://user:password@host:port/)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<Refusal> {
        let answer = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        let redis::Value::ServerError(error) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(Refusal::of(&error.clone().into()), Refusal::of_answer(&error), "{line}");
        Refusal::of_answer(&error)
    }

    #[test]
    fn the_server_is_told_from_one_command() {
        for (line, refusal) in [
            (
                "READONLY You can't write against a read only replica.",
                Some(Refusal::Replica),
            ),
            (
                "OOM command not allowed when used memory > 'maxmemory'.",
                Some(Refusal::Full),
            ),
            ("MISCONF Redis is configured to save RDB snapshots", Some(Refusal::Disk)),
            (
                "NOREPLICAS Not enough good replicas to write.",
                Some(Refusal::NoReplicas),
            ),
            ("MOVED 3999 127.0.0.1:6381", Some(Refusal::Moved)),
            ("CLUSTERDOWN Hash slot not served", Some(Refusal::ClusterDown)),
            ("LOADING Redis is loading the dataset in memory", Some(Refusal::Loading)),
            ("MASTERDOWN Link with MASTER is down", Some(Refusal::MasterDown)),
            ("NOAUTH Authentication required.", Some(Refusal::NoAuth)),
            ("WRONGPASS invalid username-password pair", Some(Refusal::WrongPassword)),
            (
                "NOPERM User sidetone has no permissions to run the 'xadd' command",
                None,
            ),
            (
                "WRONGTYPE Operation against a key holding the wrong kind of value",
                None,
            ),
            ("ERR The ID specified in XADD is equal or smaller", None),
        ] {
            assert_eq!(of(line), refusal, "{line}");
        }
    }

    #[test]
    fn an_older_redis_hides_the_word_in_the_scripts_error() {
        let wrapped =
            "ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can't write";
        assert_eq!(of(wrapped), Some(Refusal::Replica));
        let other = "ERR Error running script (call to f_1): @user_script:9: the word READONLY in an event";
        assert_eq!(of(other), None);
    }
}
