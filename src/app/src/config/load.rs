//! Reading the file: all faults in one go.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use serde_path_to_error::Segment;

use sidetone_base::{Secret, read_text, resolve_reference};

use super::Config;
use super::check::check;
use super::plain;

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// `speech.hangover`; empty for the file as a whole.
    pub key: String,
    /// What is wrong and how to mend it.
    pub reason: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.key, self.reason)
        }
    }
}

/// Reads and checks the file.
///
/// # Errors
/// Every fault that it has.
pub fn load(path: &Path) -> Result<Config, Vec<ConfigFault>> {
    let text = read_text(path).map_err(|error| {
        let cure = match error.kind() {
            ErrorKind::NotFound => "; copy deploy/sidetone.example.toml there or name another file with --config",
            ErrorKind::PermissionDenied => "; read it as the user that runs sidetone, or let that user read it",
            _ => "",
        };
        let reason = format!("{} cannot be read: {error}{cure}", path.display());
        vec![ConfigFault {
            key: String::new(),
            reason,
        }]
    })?;
    parse(&text)
}

/// Reads a file; without one, the defaults.
///
/// # Errors
/// Every fault of the file, a line each.
pub fn load_or_default(path: Option<&Path>) -> Result<Config, String> {
    let told = |faults: Vec<ConfigFault>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    path.map_or_else(|| Ok(Config::default()), |path| load(path).map_err(told))
}

/// Checks the text of a file.
///
/// # Errors
/// Every fault that it has.
pub fn parse(text: &str) -> Result<Config, Vec<ConfigFault>> {
    let mut table = plain::table(text)?;
    let mut faults = Vec::new();
    // A value that cannot be read is noted and taken out, so that the next one is looked at too.
    let mut config = loop {
        match serde_path_to_error::deserialize::<_, Config>(table.clone()) {
            Ok(config) => break config,
            Err(error) => {
                let keys = keys(error.path());
                let message = error.inner().message();
                // Of a choice that is no text the parser does not name the choices: of a text it does.
                if message.contains("unit variant") && make_text(&mut table, &keys) {
                    continue;
                }
                faults.push(ConfigFault {
                    reason: plain::told(message, &keys, at(&table, &keys)),
                    key: keys.join("."),
                });
                if !remove(&mut table, &keys) {
                    return Err(faults);
                }
            }
        }
    };
    resolve_secrets(&mut config, &mut faults);
    check(&config, &mut faults);
    if config.memory.enabled {
        let days = u64::from(config.memory.retention_days);
        config.redis.callers_keep = Some(std::time::Duration::from_secs(days * 86_400));
    }
    if faults.is_empty() { Ok(config) } else { Err(faults) }
}

fn keys(path: &serde_path_to_error::Path) -> Vec<String> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(key.clone()),
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// The value at the path.
fn at<'a>(table: &'a toml::Table, keys: &[String]) -> Option<&'a toml::Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(first)?, |value, key| match value {
        toml::Value::Array(values) => values.get(key.parse::<usize>().ok()?),
        value => value.get(key.as_str()),
    })
}

/// Makes a text of the value at the path; `false` when it is one, or is not there.
fn make_text(table: &mut toml::Table, keys: &[String]) -> bool {
    let Some((first, rest)) = keys.split_first() else {
        return false;
    };
    match table.get_mut(first) {
        Some(toml::Value::Table(inner)) if !rest.is_empty() => make_text(inner, rest),
        Some(value) if !value.is_str() => {
            *value = toml::Value::String(value.to_string());
            true
        }
        _ => false,
    }
}

/// Takes the value at the path out; `false` when there is nothing there. Of an array all goes.
fn remove(table: &mut toml::Table, keys: &[String]) -> bool {
    let Some((first, rest)) = keys.split_first() else {
        return false;
    };
    match table.get_mut(first) {
        Some(toml::Value::Table(inner)) if !rest.is_empty() => remove(inner, rest),
        Some(_) => table.remove(first).is_some(),
        None => false,
    }
}

/// Puts the values in the place of `env:NAME` and `file:/path`.
fn resolve_secrets(config: &mut Config, faults: &mut Vec<ConfigFault>) {
    let mut resolved = |key: &str, reference: &str| {
        let fault = |reason| {
            faults.push(ConfigFault {
                key: key.to_owned(),
                reason,
            })
        };
        resolve_reference(reference).map_err(fault).unwrap_or_default()
    };
    config.redis.url = resolved("redis.url", &config.redis.url);
    if let Some(token) = &mut config.http.token {
        *token = Secret::new(resolved("http.token", token.expose()));
    }
    if let Some(salt) = &mut config.privacy.number_salt {
        *salt = Secret::new(resolved("privacy.number_salt", salt.expose()));
    }
    for (name, engine) in &mut config.llm.engines {
        let key = format!("llm.engines.{name}.key");
        engine.key = Secret::new(resolved(&key, engine.key.expose()));
    }
    if let Some(handover) = &mut config.handover {
        handover.secret = Secret::new(resolved("handover.secret", handover.secret.expose()));
    }
    if let Some(asterisk) = &mut config.asterisk {
        let (ami, ari) = (&mut asterisk.ami.secret, &mut asterisk.ari.password);
        *ami = Secret::new(resolved("asterisk.ami.secret", ami.expose()));
        *ari = Secret::new(resolved("asterisk.ari.password", ari.expose()));
        for (key, server) in [
            ("asterisk.agi.secret", &mut asterisk.agi),
            ("asterisk.aeap.secret", &mut asterisk.aeap),
        ] {
            if let Some(server) = server {
                server.secret = Secret::new(resolved(key, server.secret.expose()));
            }
        }
    }
    if let Some(freeswitch) = &mut config.freeswitch {
        let password = &mut freeswitch.esl.password;
        *password = Secret::new(resolved("freeswitch.esl.password", password.expose()));
        if let Some(outbound) = &mut freeswitch.outbound {
            let secret = &mut outbound.secret;
            *secret = Secret::new(resolved("freeswitch.outbound.secret", secret.expose()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{changed, left_out};
    use super::*;

    const EXAMPLE: &str = include_str!("../../../../deploy/sidetone.example.toml");

    /// The example with its second switch.
    fn with_freeswitch() -> String {
        let line = |line: &'static str| match line.strip_prefix('#') {
            Some(key) if key.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => key,
            _ => line,
        };
        EXAMPLE.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_example_names_every_setting() {
        assert_eq!(left_out::<Config>(EXAMPLE), Vec::<String>::new());
    }

    #[test]
    fn what_the_example_sets_is_the_default_or_is_said_to_be_none() {
        let changed = changed::<Config>(&with_freeswitch());
        assert_eq!(changed, Vec::<String>::new());
    }

    #[test]
    fn nothing_set_is_a_valid_file() {
        assert!(parse("").is_ok());
    }

    #[test]
    fn the_example_is_valid() {
        if let Err(faults) = parse(EXAMPLE) {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"));
        }
    }

    #[test]
    fn the_example_is_valid_with_its_second_switch_too() {
        match parse(&with_freeswitch()) {
            Ok(config) => assert!(config.freeswitch.is_some()),
            Err(faults) => panic!("{faults:?}"),
        }
    }

    #[test]
    fn every_fault_is_reported_at_once_with_its_key() {
        let text = r#"
            [speech]
            hangover = "9s"
            workers = "many"
            parcials = true
            [redis]
            prefix = "a b"
            [knowledge]
            region = "Dongying"
            [nonsense]
            x = 1
        "#;
        let faults = parse(text).unwrap_err();
        let mut keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
        keys.sort_unstable();
        let expected = [
            "knowledge.region",
            "nonsense",
            "redis.prefix",
            "speech.hangover",
            "speech.parcials",
            "speech.workers",
        ];
        assert_eq!(keys, expected, "{faults:?}");
    }

    #[test]
    fn a_salt_that_can_be_guessed_is_a_fault_and_is_not_repeated() {
        let faults = parse("[privacy]\nnumber_salt = \"pepper\"").unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].key == "privacy.number_salt" && !faults[0].reason.contains("pepper"),
            "{faults:?}"
        );
        assert!(parse("[privacy]\nnumber_salt = \"sixteen bytes ok\"").is_ok());
        assert!(parse(&format!("[privacy]\nnumber_salt = \"{}\"", " ".repeat(32))).is_err());
    }

    #[test]
    fn a_region_is_a_place_or_the_whole_country() {
        let region = |code: &str| parse(&format!("[knowledge]\nregion = \"{code}\""));
        for right in ["370500", "370502", "370000", "110101", "000000"] {
            assert!(region(right).is_ok(), "{right}");
        }
        for wrong in ["", "3705", "999999", "37050a", "东营"] {
            assert_eq!(region(wrong).unwrap_err()[0].key, "knowledge.region", "{wrong}");
        }
    }

    #[test]
    fn a_filter_of_the_log_names_levels() {
        let level = |level: &str| parse(&format!("[log]\nlevel = \"{level}\""));
        for right in [
            "info",
            "WARN",
            "info,sidetone_asterisk=debug",
            "off, sidetone_app = trace",
        ] {
            assert!(level(right).is_ok(), "{right}");
        }
        for wrong in ["", "blah", "info,sidetone_asterisk=lots", "=,="] {
            let faults = level(wrong).unwrap_err();
            assert_eq!(faults[0].key, "log.level", "{wrong}");
        }
    }

    #[test]
    fn callers_are_kept_by_a_salted_hash_or_not_at_all() {
        let faults = parse("[memory]\nenabled = true\nretention_days = 0").unwrap_err();
        let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(keys, ["memory.enabled", "memory.retention_days"]);
        assert!(faults[0].reason.contains("privacy.number_salt"), "{}", faults[0].reason);
        let days = |text: &str| {
            parse(text)
                .unwrap()
                .redis
                .callers_keep
                .map(|keep| keep.as_secs() / 86_400)
        };
        let salt = "[privacy]\nnumber_salt = \"sixteen bytes ok\"\n[memory]\n";
        assert_eq!(days(&format!("{salt}enabled = true\nretention_days = 30")), Some(30));
        assert_eq!(days(salt), None, "off unless it is turned on");
    }

    #[test]
    fn a_port_is_given_once() {
        let text = "[asterisk.agi]\nlisten = \"127.0.0.1:9180\"\n[asterisk.aeap]\nlisten = \"127.0.0.1:0\"\n\
            [asterisk.audiosocket]\nlisten = \"127.0.0.1:0\"";
        let faults = parse(text).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].key, "asterisk.agi.listen");
        assert!(faults[0].reason.contains("http.listen"), "{}", faults[0].reason);
    }

    #[test]
    fn a_dialplans_section_names_its_port() {
        let faults = parse("[asterisk.agi]\n[asterisk.aeap]\nport = 1").unwrap_err();
        let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(
            keys,
            ["asterisk.aeap.port", "asterisk.aeap", "asterisk.agi"],
            "{faults:?}"
        );
    }

    #[test]
    fn a_url_that_leads_nowhere_is_named_without_its_password() {
        for url in [
            "127.0.0.1:6379",
            "localhost",
            "http://127.0.0.1:6379/",
            "redis://",
            "redis://0.0.0.0:6379/",
            "redis://127.0.0.1:99999/",
            "redis://127.0.0.1:6379/first",
            "redis://:hunter#2@127.0.0.1/",
            "redis://u:12#hunter2@127.0.0.1/",
            "rediss://:hunter2@db.example/",
        ] {
            let faults = parse(&format!("[redis]\nurl = \"{url}\"")).unwrap_err();
            assert_eq!(
                (faults.len(), faults[0].key.as_str()),
                (1, "redis.url"),
                "{url}: {faults:?}"
            );
            assert!(!faults[0].reason.contains("hunter"), "{}", faults[0].reason);
        }
        for url in [
            "redis://db.example",
            "redis://user:p%23w@[::1]:6380/2",
            "redis+unix:///run/redis.sock?user=a&pass=b",
            "unix:///run/redis.sock",
        ] {
            assert!(parse(&format!("[redis]\nurl = \"{url}\"")).is_ok(), "{url}");
        }
        let missing = parse("[redis]\nurl = \"env:SIDETONE_NO_SUCH_VARIABLE\"").unwrap_err();
        assert_eq!(missing.len(), 1, "{missing:?}");
    }

    #[test]
    fn a_secret_never_prints() {
        let config = parse("[redis]\nurl = \"redis://:hunter2@127.0.0.1/\"").unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn a_file_of_another_encoding_is_not_to_be_copied_anew() {
        let path = std::env::temp_dir().join(format!("sidetone-config-{}.toml", std::process::id()));
        let said = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            load(&path).map_err(|faults| faults[0].reason.clone())
        };
        assert!(said(b"\xEF\xBB\xBF[log]\r\nlevel = \"warn\"\r\n").is_ok());
        let reason = said(b"[log]\nlevel = \"\xC9\xE7\"\n").unwrap_err();
        assert!(
            reason.ends_with("line 2 is not UTF-8: save the file as UTF-8"),
            "{reason}"
        );
        std::fs::remove_file(&path).unwrap();
        assert!(
            load(&path).unwrap_err()[0]
                .reason
                .contains("copy deploy/sidetone.example.toml")
        );
    }

    #[test]
    fn a_broken_file_says_where() {
        let faults = parse("[speech\n").unwrap_err();
        assert!(faults[0].reason.contains("line 1"), "{}", faults[0].reason);
    }
}
