//! Who is an agent: by configuration, by what queues say of their members, by pattern.

use std::collections::{BTreeMap, HashMap};

use sidetone_base::AgentId;
use sidetone_telephony::matches;

/// How many queue members are remembered. A switch with more keeps the first ones.
const MAX_LEARNED: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Agents {
    configured: BTreeMap<String, String>,
    patterns: Vec<String>,
    learned: HashMap<String, AgentId>,
}

impl Agents {
    pub(super) fn new(configured: BTreeMap<String, String>, patterns: Vec<String>) -> Self {
        Self {
            configured,
            patterns,
            learned: HashMap::new(),
        }
    }

    /// Nothing at all is known of agents: then who is dialled is one.
    pub(super) fn is_empty(&self) -> bool {
        self.configured.is_empty() && self.patterns.is_empty() && self.learned.is_empty()
    }

    /// The agent whose channel this is.
    pub(super) fn of_channel(&self, name: &str) -> Option<AgentId> {
        let endpoint = endpoint_of(name);
        if let Some(id) = self.configured.get(endpoint) {
            return Some(AgentId::new(id.as_str()));
        }
        if let Some(id) = self.learned.get(endpoint) {
            return Some(id.clone());
        }
        self.patterns
            .iter()
            .any(|pattern| matches(pattern, endpoint))
            .then(|| AgentId::new(resource_of(endpoint)))
    }

    /// The agent that a queue calls by this interface; remembered with its device.
    pub(super) fn learn(&mut self, interface: &str, device: Option<&str>, member: Option<&str>) -> AgentId {
        let configured = [Some(interface), device, member]
            .into_iter()
            .flatten()
            .find_map(|key| self.configured.get(key));
        let id = AgentId::new(configured.map_or_else(|| resource_of(interface), String::as_str));
        for key in [Some(interface), device].into_iter().flatten() {
            if !is_local(key) && self.learned.len() < MAX_LEARNED {
                self.learned.insert(key.to_owned(), id.clone());
            }
        }
        id
    }
}

/// `PJSIP/8001-00000003` is a channel of the endpoint `PJSIP/8001`.
pub(super) fn endpoint_of(channel: &str) -> &str {
    channel.rsplit_once('-').map_or(channel, |(endpoint, _)| endpoint)
}

pub(super) fn is_local(name: &str) -> bool {
    name.starts_with("Local/")
}

/// `PJSIP/8001` → `8001`, `Local/8003@agents/n` → `8003`, `PJSIP/8001/sip:…` → `8001`.
fn resource_of(interface: &str) -> &str {
    let rest = interface.split_once('/').map_or(interface, |(_, rest)| rest);
    rest.split(['@', '/', ';']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_wins_over_the_queue_and_the_queue_over_the_pattern() {
        let map = BTreeMap::from([
            ("PJSIP/8001".to_owned(), "li".to_owned()),
            ("Wang".to_owned(), "wang".to_owned()),
        ]);
        let mut agents = Agents::new(map, vec!["PJSIP/*".to_owned()]);
        assert_eq!(agents.learn("PJSIP/8001", None, Some("Agent 8001")), AgentId::new("li"));
        assert_eq!(
            agents.learn("Local/8003@agents/n", Some("PJSIP/desk-3"), Some("Wang")),
            AgentId::new("wang")
        );
        assert_eq!(agents.of_channel("PJSIP/desk-3-00000001"), Some(AgentId::new("wang")));
        assert_eq!(agents.of_channel("PJSIP/8009-00000001"), Some(AgentId::new("8009")));
        assert_eq!(agents.of_channel("SIP/8009-00000001"), None);
    }
}
