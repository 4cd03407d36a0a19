//! Settings that every switch's section has, looked at alike.

use std::collections::BTreeMap;
use std::time::Duration;

/// What is wrong with the settings that sections share: key below the section, reason.
#[must_use]
pub fn switch_faults(
    tap_silence: Duration,
    agents: &BTreeMap<String, String>,
    patterns: &[String],
    node: Option<&str>,
) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    let mut fault = |key: &str, reason: String| faults.push((key.to_owned(), reason));
    let bounds = Duration::from_millis(500)..=Duration::from_secs(60);
    if !bounds.contains(&tap_silence) {
        fault(
            "tap_silence",
            format!("{tap_silence:?} is outside 500ms to 1m; 2s is usual"),
        );
    }
    for (endpoint, agent) in agents {
        if agent.trim().is_empty() {
            fault(
                &format!("agents.{endpoint}"),
                "names nobody; write the agent's id".to_owned(),
            );
        }
    }
    if let Some(blank) = patterns
        .iter()
        .find(|pattern| pattern.trim_matches(['*', '?', ' ']).is_empty())
    {
        let reason = format!("{blank:?} makes agents of all; name endpoints, such as PJSIP/80??");
        fault("agent_patterns", reason);
    }
    if let Some(node) = node.filter(|node| !is_name(node)) {
        fault(
            "node",
            format!("{node:?} is no name: letters, digits, -, _ and dots, 1 to 32 of them"),
        );
    }
    faults
}

/// What is wrong with where a switch is connected to: key below the section, reason.
#[must_use]
pub fn connection_faults(section: &str, host: &str, port: u16, usual: u16) -> Vec<(String, String)> {
    let host = host_fault(host).map(|reason| (format!("{section}.host"), reason));
    let none = (port == 0).then(|| format!("0 is no port to connect to; {usual} is usual"));
    host.into_iter()
        .chain(none.map(|reason| (format!("{section}.port"), reason)))
        .collect()
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    (1..=32).contains(&text.len()) && text.chars().all(plain)
}

/// Why nobody can be connected to by that name, without a port.
fn host_fault(host: &str) -> Option<String> {
    let address = host.parse::<std::net::IpAddr>().is_ok();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = !host.is_empty() && host.chars().all(plain);
    (!address && !name)
        .then(|| format!("{host:?} is no name or address of a machine, such as 127.0.0.1; a port has a key of its own"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for right in ["127.0.0.1", "::1", "pbx-1.example", "asterisk", "my_pbx"] {
            assert_eq!(host_fault(right), None, "{right}");
        }
        for wrong in ["", " ", "http://127.0.0.1", "127.0.0.1:5038", "a b"] {
            assert!(host_fault(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn shared_settings_are_named_by_their_keys() {
        let agents = BTreeMap::from([("PJSIP/1".to_owned(), String::new())]);
        let faults = switch_faults(Duration::ZERO, &agents, &["*".to_owned()], Some("a b"));
        let keys: Vec<&str> = faults.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["tap_silence", "agents.PJSIP/1", "agent_patterns", "node"]);
        let patterns = ["PJSIP/80??".to_owned(), "sofia/*".to_owned()];
        assert!(switch_faults(Duration::from_secs(2), &BTreeMap::new(), &patterns, Some("pbx1")).is_empty());
    }
}
