//! Who is an agent: by configuration, by what queues and variables say, by pattern.

use std::collections::{BTreeMap, HashMap};

use sidetone_base::AgentId;
use sidetone_telephony::matches;

/// How many endpoints of agents are remembered. A switch with more keeps the first ones.
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

    /// The configuration names no agents: then who is called is one.
    pub(super) fn is_empty(&self) -> bool {
        self.configured.is_empty() && self.patterns.is_empty()
    }

    /// The agent whose channel this is.
    pub(super) fn of_channel(&self, name: &str) -> Option<AgentId> {
        let endpoint = endpoint_of(name);
        let known = [name, endpoint.as_str(), user_of(&endpoint)]
            .into_iter()
            .find_map(|key| self.configured.get(key));
        if let Some(id) = known {
            return Some(AgentId::new(id.as_str()));
        }
        if let Some(id) = self.learned.get(&endpoint) {
            return Some(id.clone());
        }
        self.patterns
            .iter()
            .any(|pattern| matches(pattern, &endpoint))
            .then(|| AgentId::new(user_of(&endpoint)))
    }

    /// The agent of this name in a queue or a variable: `8001@default` is `8001`.
    pub(super) fn named(&self, name: &str) -> AgentId {
        let short = name.split('@').next().unwrap_or(name);
        let configured = self.configured.get(name).or_else(|| self.configured.get(short));
        AgentId::new(configured.map_or(short, String::as_str))
    }

    /// Whoever answered for this agent once is this agent when called directly, too.
    pub(super) fn learn(&mut self, channel: &str, agent: &AgentId) {
        if !channel.is_empty() && !is_loopback(channel) && self.learned.len() < MAX_LEARNED {
            self.learned.insert(endpoint_of(channel), agent.clone());
        }
    }
}

/// `sofia/internal/sip:8001@192.0.2.7:5060` is a channel of the endpoint `sofia/internal/8001`.
fn endpoint_of(channel: &str) -> String {
    let (path, user) = channel.rsplit_once('/').unwrap_or(("", channel));
    let user = user
        .strip_prefix("sips:")
        .or_else(|| user.strip_prefix("sip:"))
        .unwrap_or(user);
    let user = user.split(['@', ';']).next().unwrap_or(user);
    format!("{path}/{user}")
}

fn user_of(endpoint: &str) -> &str {
    endpoint.rsplit_once('/').map_or(endpoint, |(_, user)| user)
}

pub(super) fn is_loopback(name: &str) -> bool {
    name.starts_with("loopback/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_wins_over_the_queue_and_the_queue_over_the_pattern() {
        let map = BTreeMap::from([
            ("8001".to_owned(), "li".to_owned()),
            ("wang@default".to_owned(), "w".to_owned()),
        ]);
        let mut agents = Agents::new(map, vec!["sofia/internal/80??".to_owned()]);
        assert_eq!(
            agents.of_channel("sofia/internal/8001@192.0.2.1:5060"),
            Some(AgentId::new("li"))
        );
        assert_eq!(
            agents.of_channel("sofia/internal/sip:8002@192.0.2.1"),
            Some(AgentId::new("8002"))
        );
        assert_eq!(agents.of_channel("sofia/external/8002@192.0.2.1"), None);
        assert_eq!(agents.named("wang@default"), AgentId::new("w"));
        assert_eq!(agents.named("8009@default"), AgentId::new("8009"));
        agents.learn("sofia/internal/8002@192.0.2.1", &AgentId::new("chen"));
        assert_eq!(
            agents.of_channel("sofia/internal/8002@192.0.2.9"),
            Some(AgentId::new("chen"))
        );
    }
}
