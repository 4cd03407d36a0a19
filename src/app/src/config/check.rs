//! What the types of the configuration cannot say: ranges, what excludes what, ports that are given twice.

use sidetone_knowledge::{COUNTRY, is_region, region_chain};

use super::{Config, ConfigFault};

/// Bytes of a salt that nobody tries out: there are only some billions of telephone numbers.
const SALT: usize = 16;

/// Adds what is wrong to what is known already.
pub(super) fn check(config: &Config, faults: &mut Vec<ConfigFault>) {
    check_speech(config, faults);
    check_places(config, faults);
    check_memory(config, faults);
    check_sections(config, faults);
    check_roles(config, faults);
    check_log(config, faults);
}

/// A filter as it is meant: a bare word that is no level would be taken for a part of the program, and nothing be logged.
fn check_log(config: &Config, faults: &mut Vec<ConfigFault>) {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let wrong = config.log.level.split(',').find(|directive| {
        let level = directive.rsplit_once('=').map_or(*directive, |(_, level)| level);
        !LEVELS.contains(&level.trim().to_ascii_lowercase().as_str())
    });
    if let Some(wrong) = wrong {
        faults.push(ConfigFault {
            key: "log.level".to_owned(),
            reason: format!(
                "{wrong:?} is none of {}, nor PART=LEVEL such as sidetone_asterisk=debug",
                LEVELS.join(", ")
            ),
        });
    }
}

/// Recognition: each value with what is usual.
fn check_speech(config: &Config, faults: &mut Vec<ConfigFault>) {
    let mut fault = |key: &str, reason: String| {
        faults.push(ConfigFault {
            key: key.to_owned(),
            reason,
        })
    };
    let speech = &config.speech;
    let shares = [
        ("speech.trust", speech.trust, "0.82 is usual"),
        (
            "speech.revise_below",
            speech.revise_below,
            "0 has nothing decoded twice",
        ),
    ];
    for (key, value, advice) in shares {
        if !(0.0..=1.0).contains(&value) {
            fault(key, format!("{value} is outside 0 to 1; {advice}"));
        }
    }
    let every = |every| {
        (
            "speech.partial_every",
            every,
            200..=5_000,
            "leave it out, and it suits the model",
        )
    };
    let times = [
        ("speech.revise_within", speech.revise_within, 0..=10_000, "3s is usual"),
        (
            "speech.hangover",
            speech.hangover,
            100..=3_000,
            "500ms suits telephone speech",
        ),
        ("speech.pre_roll", speech.pre_roll, 0..=1_000, "300ms is usual"),
        ("speech.silent_after", speech.silent_after, 500..=60_000, "2s is usual"),
        (
            "speech.max_length",
            speech.max_length,
            3_000..=28_000,
            "models take 30s at most",
        ),
    ];
    for (key, value, bounds, advice) in times.into_iter().chain(speech.partial_every.map(every)) {
        if !bounds.contains(&value.as_millis()) {
            let (low, high) = bounds.into_inner();
            let value = value.as_millis();
            fault(key, format!("{value}ms is outside {low}ms to {high}ms; {advice}"));
        }
    }
    if speech.workers > 256 {
        fault(
            "speech.workers",
            format!("{} is too many; 0 means one for each core", speech.workers),
        );
    }
}

/// The line's region, hints, ports, Redis, the journal.
fn check_places(config: &Config, faults: &mut Vec<ConfigFault>) {
    let unresolved = faults.iter().any(|fault| fault.key == "redis.url");
    let mut fault = |key: &str, reason: String| {
        faults.push(ConfigFault {
            key: key.to_owned(),
            reason,
        })
    };
    if let Err(reason) = known_region(&config.knowledge.region) {
        fault("knowledge.region", reason);
    }
    let hints = [
        ("hints.per_turn", config.hints.per_turn, 1..=10, "3 is usual"),
        ("hints.per_minute", config.hints.per_minute, 1..=120, "12 is usual"),
    ];
    for (key, value, bounds, advice) in hints {
        if !bounds.contains(&value) {
            let (low, high) = bounds.into_inner();
            fault(key, format!("{value} is outside {low} to {high}; {advice}"));
        }
    }
    for (key, address, other) in taken_twice(config) {
        fault(key, format!("{address} is {other} already: give each its own port"));
    }
    if let Err(reason) = config.redis.usable()
        && !unresolved
    {
        fault("redis.url", reason);
    }
    let prefix = &config.redis.prefix;
    if prefix.is_empty() || prefix.contains(['{', '}', ' ', '*']) {
        fault(
            "redis.prefix",
            format!("{prefix:?} must not be empty or hold braces, blanks or asterisks"),
        );
    }
    if config.outbox.max_bytes < 8 << 20 {
        fault(
            "outbox.max_bytes",
            format!("{} is too little; 8 MiB (8388608) at least", config.outbox.max_bytes),
        );
    }
}

/// What is kept of callers, by what, and for how long.
fn check_memory(config: &Config, faults: &mut Vec<ConfigFault>) {
    let mut fault = |key: &str, reason: &str| {
        faults.push(ConfigFault {
            key: key.to_owned(),
            reason: reason.to_owned(),
        });
    };
    let salt = config.privacy.number_salt.as_ref().map(|salt| salt.expose());
    let salt = salt.filter(|salt| !salt.is_empty());
    if salt.is_some_and(|salt| salt.trim().len() < SALT) {
        fault(
            "privacy.number_salt",
            &format!("it is shorter than {SALT} bytes and can be guessed; `openssl rand -hex 32` makes one"),
        );
    }
    if config.memory.enabled && salt.is_none() {
        fault(
            "memory.enabled",
            "callers are only kept by a salted hash of their number: set privacy.number_salt (`openssl rand -hex 32` makes \
             one), or leave memory.enabled = false",
        );
    }
    if !(1..=3_650).contains(&config.memory.retention_days) {
        fault("memory.retention_days", "it is outside 1 to 3650");
    }
}

/// Who may read what finals cover.
fn check_roles(config: &Config, faults: &mut Vec<ConfigFault>) {
    const MOST: usize = 8;
    let plain = |role: &String| {
        let letters = role
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_');
        letters && (1..=32).contains(&role.len()) && role != "audit"
    };
    let roles = &config.privacy.unmasked_roles;
    if roles.len() > MOST || !roles.iter().all(plain) {
        faults.push(ConfigFault {
            key: "privacy.unmasked_roles".to_owned(),
            reason: format!(
                "names at most {MOST} roles, each of a-z, 0-9, - and _, up to 32 of them, and none `audit`"
            ),
        });
    }
}

/// What sections know to be wrong with themselves. A value that could not be read is told of once.
fn check_sections(config: &Config, faults: &mut Vec<ConfigFault>) {
    fn named<K: std::fmt::Display>(section: &str, found: Vec<(K, String)>) -> Vec<ConfigFault> {
        let fault = |(key, reason)| ConfigFault {
            key: format!("{section}.{key}"),
            reason,
        };
        found.into_iter().map(fault).collect()
    }
    let found = [
        named("llm", config.llm.faults()),
        named("redis", config.redis.faults()),
        config
            .handover
            .as_ref()
            .map_or_else(Vec::new, |handover| named("handover", handover.faults())),
        config
            .asterisk
            .as_ref()
            .map_or_else(Vec::new, |asterisk| named("asterisk", asterisk.faults())),
        config
            .freeswitch
            .as_ref()
            .map_or_else(Vec::new, |freeswitch| named("freeswitch", freeswitch.faults())),
    ];
    for fault in found.into_iter().flatten() {
        if !faults.iter().any(|known| known.key == fault.key) {
            faults.push(fault);
        }
    }
}

/// Whether a place is one of GB/T 2260, as far as to its city, or the whole country.
///
/// # Errors
/// What is wrong with the code, and what to write.
pub fn known_region(code: &str) -> Result<(), String> {
    if !is_region(code) {
        return Err(format!("{code:?} is no GB/T 2260 code of six digits, such as 370500"));
    }
    let regions = &sidetone_language::zh().regions;
    if code == COUNTRY || region_chain(code).iter().any(|code| regions.name(code).is_some()) {
        return Ok(());
    }
    Err(format!(
        "{code} is no GB/T 2260 code of a place: a city's is four digits and 00, such as 370500 for 东营; a province's is two \
         digits and 0000; {COUNTRY} is the whole country"
    ))
}

/// Ports that two of this daemon's servers would want.
fn taken_twice(config: &Config) -> Vec<(&'static str, std::net::SocketAddr, &'static str)> {
    let mut wanted = vec![("http.listen", config.http.listen)];
    if let Some(asterisk) = &config.asterisk {
        wanted.push(("asterisk.audiosocket.listen", asterisk.audiosocket.listen));
        let dialplan = [
            ("asterisk.agi.listen", &asterisk.agi),
            ("asterisk.aeap.listen", &asterisk.aeap),
        ];
        wanted.extend(
            dialplan
                .into_iter()
                .filter_map(|(key, section)| Some((key, section.as_ref()?.listen))),
        );
    }
    if let Some(freeswitch) = &config.freeswitch {
        wanted.push(("freeswitch.sip.listen", freeswitch.sip.listen));
        let outbound = freeswitch.outbound.as_ref();
        wanted.extend(outbound.map(|outbound| ("freeswitch.outbound.listen", outbound.listen)));
    }
    let mut twice = Vec::new();
    for (index, &(key, address)) in wanted.iter().enumerate() {
        let earlier = wanted[..index].iter().find(|(_, other)| *other == address);
        if let Some((other, _)) = earlier.filter(|_| address.port() != 0) {
            twice.push((key, address, *other));
        }
    }
    twice
}
