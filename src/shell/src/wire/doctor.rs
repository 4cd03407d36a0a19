//! What may be wrong with Redis, in plain words, for `sidetone doctor`.

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{InfoDict, RedisError, RedisResult, cmd};
use sidetone_base::{Finding, Severity};

use super::config::RedisConfig;
use super::connect::{Waits, connect, takes_writes};
use super::refusal::Refusal;

/// A round trip that takes longer is worth a word.
const SLOW: Duration = Duration::from_millis(20);
/// Round trips that are timed.
const ROUNDS: u32 = 5;

fn finding(severity: Severity, check: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Finding {
    Finding {
        severity,
        check,
        found: found.into(),
        cure: cure.into(),
    }
}

/// Looks at Redis as we would use it. Takes at most a few times `timeout`; leaves nothing behind.
pub async fn diagnose(config: &RedisConfig) -> Vec<Finding> {
    let address = config.address();
    let mut connection = match connect(config, Waits::Here).await {
        Ok(connection) => connection,
        Err(error) => return vec![unreachable(&address, &error)],
    };
    let mut findings = vec![finding(Severity::Fine, "redis.reach", format!("{address} answers"), "")];
    let mut primary = None;
    match server(&mut connection).await {
        Ok(info) => {
            findings.extend(judge_server(&info));
            primary = primary_of(&info);
        }
        Err(error) if Refusal::of(&error).is_some() => {}
        Err(error) => findings.push(finding(
            Severity::Warning,
            "redis.version",
            format!("INFO is refused: {error}"),
            "allow the user +info, so that version and memory can be checked",
        )),
    }
    findings.push(match write(&mut connection, config).await {
        Ok(()) => finding(
            Severity::Fine,
            "redis.write",
            format!("keys under `{}` can be written", config.prefix),
            "",
        ),
        Err(error) => unwritable(config, &error, primary.as_deref()),
    });
    findings.extend(latency(&mut connection).await.map(judge_latency));
    findings
}

/// Where a replica says that its primary is.
fn primary_of(info: &InfoDict) -> Option<String> {
    let host: String = info.get("master_host")?;
    let port: String = info.get("master_port")?;
    Some(format!("{host}:{port}"))
}

fn unwritable(config: &RedisConfig, error: &RedisError, primary: Option<&str>) -> Finding {
    let prefix = &config.prefix;
    let found = format!("keys under `{prefix}` cannot be written: {error}");
    match Refusal::of(error) {
        Some(refusal) => {
            let cure = match (refusal, primary) {
                (Refusal::Replica | Refusal::MasterDown, Some(primary)) => {
                    format!("{} (it says that its primary is {primary})", refusal.cure())
                }
                _ => refusal.cure().to_owned(),
            };
            let found = format!("{} {}: {error}", config.address(), refusal.found());
            finding(Severity::Fault, "redis.write", found, cure)
        }
        None if error.is_io_error() => unreachable(&config.address(), error),
        None => finding(
            Severity::Fault,
            "redis.write",
            found,
            format!(
                "give the user the rights that docs/EVENTS.md lists, for keys ~{prefix}:* and channels &{prefix}:*"
            ),
        ),
    }
}

fn unreachable(address: &str, error: &RedisError) -> Finding {
    let cure = match Refusal::of(error) {
        Some(refusal) => refusal.cure(),
        None if error.is_timeout() => {
            "something holds the connection and does not answer: look at the load of Redis (SLOWLOG) and at the firewall \
             between us"
        }
        None if error.is_io_error() => {
            "start it (systemctl start redis-server), or set redis.url; look at the firewall between us"
        }
        None if error.kind() == redis::ErrorKind::InvalidClientConfig => {
            "write redis.url as redis://user:password@host:port/ or redis+unix:///path/to/socket"
        }
        None => "look at what listens at redis.url: it does not answer as Redis does",
    };
    finding(
        Severity::Fault,
        "redis.reach",
        format!("{address} cannot be used: {error}"),
        cure,
    )
}

async fn server(connection: &mut MultiplexedConnection) -> RedisResult<InfoDict> {
    cmd("INFO").query_async(connection).await
}

fn judge_server(info: &InfoDict) -> Vec<Finding> {
    let text = |field: &str| info.get::<String>(field);
    let mut findings = vec![judge_version(&text("redis_version").unwrap_or_default())];
    let bounded = text("maxmemory").is_some_and(|bytes| bytes != "0");
    findings.push(judge_memory(bounded, &text("maxmemory_policy").unwrap_or_default()));
    if text("aof_enabled").is_some_and(|on| on == "0") {
        findings.push(finding(
            Severity::Warning,
            "redis.persistence",
            "no append-only file: a Redis that dies forgets calls that ended more than the outbox's retention ago",
            "set `appendonly yes` in redis.conf if wrap-ups are taken from here only",
        ));
    }
    findings
}

fn judge_version(version: &str) -> Finding {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    let number = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if number >= (6, 2) {
        return finding(Severity::Fine, "redis.version", format!("version {version}"), "");
    }
    let found = format!("version {version} is too old");
    finding(
        Severity::Fault,
        "redis.version",
        found,
        "install Redis 6.2 or newer, or Valkey",
    )
}

fn judge_memory(bounded: bool, policy: &str) -> Finding {
    if !bounded || policy == "noeviction" {
        let found = if bounded {
            format!("maxmemory-policy is {policy}")
        } else {
            "maxmemory is not set".to_owned()
        };
        return finding(Severity::Fine, "redis.memory", found, "");
    }
    finding(
        Severity::Warning,
        "redis.memory",
        format!("maxmemory-policy is {policy}: Redis may throw away the events of running calls"),
        "set `maxmemory-policy noeviction` and enough maxmemory",
    )
}

/// Does on keys of its own what the outbox does.
async fn write(connection: &mut MultiplexedConnection, config: &RedisConfig) -> RedisResult<()> {
    takes_writes(config, connection).await?;
    let key = format!("{}:{{doctor-{}}}:events", config.prefix, std::process::id());
    let script = "redis.call('XADD',KEYS[1],'1-0','event','{}') return redis.call('EXPIRE',KEYS[1],10)";
    cmd("EVAL").arg(script).arg(1).arg(&key).exec_async(connection).await?;
    cmd("DEL").arg(&key).exec_async(connection).await?;
    cmd("PUBLISH")
        .arg(format!("{}:doctor", config.prefix))
        .arg("{}")
        .exec_async(connection)
        .await
}

async fn latency(connection: &mut MultiplexedConnection) -> Option<Duration> {
    let began = Instant::now();
    for _ in 0..ROUNDS {
        cmd("PING").exec_async(connection).await.ok()?;
    }
    Some(began.elapsed() / ROUNDS)
}

fn judge_latency(round_trip: Duration) -> Finding {
    let found = format!("a round trip takes {:.1} ms", round_trip.as_secs_f64() * 1_000.0);
    if round_trip < SLOW {
        return finding(Severity::Fine, "redis.latency", found, "");
    }
    finding(
        Severity::Warning,
        "redis.latency",
        found,
        "run Redis in the same data centre; look at its SLOWLOG",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_policies_are_judged() {
        let version = |text| judge_version(text).severity;
        assert_eq!(version("7.0.15"), Severity::Fine);
        assert_eq!(version("6.2.0"), Severity::Fine);
        assert_eq!(version("6.0.16"), Severity::Fault);
        assert_eq!(version(""), Severity::Fault);
        let memory = |bounded, policy| judge_memory(bounded, policy).severity;
        assert_eq!(memory(true, "noeviction"), Severity::Fine);
        assert_eq!(memory(true, "allkeys-lru"), Severity::Warning);
        assert_eq!(memory(false, "allkeys-lru"), Severity::Fine);
        assert_eq!(judge_latency(Duration::from_millis(50)).severity, Severity::Warning);
    }
}
