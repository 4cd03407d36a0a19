//! `autoload_configs/sidetone.conf.xml`, once its elements are read.

use std::path::PathBuf;
use std::time::Duration;

/// What the administrator set. A fault in it is logged and the value stays as it is here: a switch that
/// starts is worth more than a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where the daemon listens.
    pub(crate) socket: PathBuf,
    /// Audio that a leg's ring holds.
    pub(crate) ring: Duration,
    /// Begin with every entry doing nothing.
    pub(crate) bypass: bool,
    /// Legs at once, at most. Bounds the module's memory.
    pub(crate) max_legs: usize,
    /// Of `listen` without `timeout`.
    pub(crate) listen_timeout: Duration,
    /// When there are any, `start` takes only these.
    pub(crate) profiles: Vec<Profile>,
}

/// Settings that a dialplan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) listen_timeout: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            socket: PathBuf::from("/run/sidetone/mod.sock"),
            ring: Duration::from_secs(2),
            bypass: false,
            max_legs: 1000,
            listen_timeout: Duration::from_secs(5),
            profiles: Vec::new(),
        }
    }
}

impl Config {
    /// Takes one `<param name="…" value="…"/>` of `<settings>`.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "socket" if value.starts_with('/') => self.socket = PathBuf::from(value),
            "socket" => return Err(format!("socket: {value} is not an absolute path")),
            "ring-ms" => self.ring = Duration::from_millis(number(name, value, 100, 10_000)?),
            "bypass" => {
                self.bypass = match value {
                    "true" | "yes" | "on" => true,
                    "false" | "no" | "off" => false,
                    _ => return Err(format!("bypass: {value} is neither true nor false")),
                };
            }
            "max-legs" => self.max_legs = number(name, value, 1, 10_000)? as usize,
            "listen-timeout-ms" => self.listen_timeout = listen_timeout(name, value)?,
            _ => return Err(format!("{name}: unknown setting")),
        }
        Ok(())
    }

    /// Takes a `<profile>` with its params; what is wrong with these, in plain words.
    pub(crate) fn add_profile(&mut self, name: &str, params: &[(String, String)]) -> Vec<String> {
        let mut profile = Profile {
            name: name.to_owned(),
            listen_timeout: None,
        };
        let mut faults = Vec::new();
        for (key, value) in params {
            let taken = match key.as_str() {
                "listen-timeout-ms" => listen_timeout(key, value).map(|timeout| profile.listen_timeout = Some(timeout)),
                _ => Err(format!("{key}: unknown setting")),
            };
            faults.extend(taken.err().map(|fault| format!("profile {name}: {fault}")));
        }
        self.profiles.push(profile);
        faults
    }

    /// Whether a dialplan may name it.
    pub(crate) fn knows_profile(&self, name: &str) -> bool {
        name.is_empty() || self.profiles.is_empty() || self.profiles.iter().any(|profile| profile.name == name)
    }

    /// How long `listen` waits on a leg of this profile.
    pub(crate) fn listen_timeout(&self, profile: &str) -> Duration {
        let named = self.profiles.iter().find(|known| known.name == profile);
        named
            .and_then(|profile| profile.listen_timeout)
            .unwrap_or(self.listen_timeout)
    }
}

fn listen_timeout(name: &str, value: &str) -> Result<Duration, String> {
    number(name, value, 100, 120_000).map(Duration::from_millis)
}

fn number(name: &str, value: &str, least: u64, most: u64) -> Result<u64, String> {
    value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("{name}: {value} is not a number from {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_leaves_the_value_as_it_was() {
        let mut config = Config::default();
        for (name, value, fault) in [
            ("socket", "mod.sock", "socket: mod.sock is not an absolute path"),
            ("ring-ms", "5", "ring-ms: 5 is not a number from 100 to 10000"),
            ("bypass", "perhaps", "bypass: perhaps is neither true nor false"),
            ("colour", "red", "colour: unknown setting"),
        ] {
            assert_eq!(config.set(name, value), Err(fault.to_owned()));
        }
        assert_eq!(config, Config::default());
    }

    #[test]
    fn profiles_are_a_closed_list_once_there_is_one() {
        let mut config = Config::default();
        assert!(config.knows_profile("anything"));
        let params = [("listen-timeout-ms".to_owned(), "8000".to_owned())];
        assert!(config.add_profile("12333", &params).is_empty());
        assert!(config.knows_profile("12333") && config.knows_profile("") && !config.knows_profile("12345"));
        assert_eq!(config.listen_timeout("12333"), Duration::from_secs(8));
        assert_eq!(config.listen_timeout(""), Duration::from_secs(5));
    }

    /// Name and value of each `<param …/>`.
    fn params(xml: &str) -> Vec<(&str, &str)> {
        xml.lines()
            .filter_map(|line| {
                line.trim()
                    .strip_prefix("<param name=\"")?
                    .strip_suffix("\"/>")?
                    .split_once("\" value=\"")
            })
            .collect()
    }

    #[test]
    fn the_shipped_file_says_the_defaults() {
        let shipped = include_str!("../../../dialplan/freeswitch/autoload_configs/sidetone.conf.xml");
        let (settings, profiles) = shipped.split_once("</settings>").unwrap();
        let mut config = Config::default();
        assert_eq!(params(settings).len(), 5);
        for (name, value) in params(settings) {
            assert_eq!(config.set(name, value), Ok(()));
        }
        assert_eq!(config, Config::default());
        let owned: Vec<_> = params(profiles)
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        assert_eq!(config.add_profile("12333", &owned), Vec::<String>::new());
    }
}
