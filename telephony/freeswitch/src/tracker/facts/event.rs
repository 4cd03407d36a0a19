//! Events about callers' channels, queues and agents.

use std::time::Duration;

use sidetone_base::{AgentState, OfferExit, Pii, QueueExit};
use sidetone_telephony::facts::Contact;

use crate::esl::Headers;

/// What happened.
pub(super) enum Observed {
    Hangup {
        channel: String,
        other: Option<String>,
    },
    Gone {
        channel: String,
        /// Its own telephone hung up.
        by_itself: bool,
    },
    Bridged {
        channel: String,
    },
    Joined {
        who: Contact,
        queue: String,
    },
    /// Without an agent.
    Left {
        who: Contact,
        queue: String,
        exit: QueueExit,
        /// By the switch's clock, in whole seconds.
        waited: Duration,
    },
    Offered {
        who: Contact,
        agent: String,
        queue: Option<String>,
        /// Tells it from others to the same agent.
        mark: String,
    },
    Answered {
        who: Contact,
        agent: String,
        queue: String,
        waited: Duration,
    },
    NotAnswered {
        member: String,
        agent: String,
        exit: OfferExit,
    },
    /// `Available`, `On Break` …
    Status {
        agent: String,
        status: String,
    },
    /// `Waiting`, `Receiving`, `In a queue call` …
    State {
        agent: String,
        state: String,
    },
}

impl Observed {
    pub(super) fn parse(headers: &Headers) -> Option<Self> {
        let text = |name: &str| headers.get(name).map(str::to_owned);
        let channel = || text("Unique-ID");
        Some(match headers.get("Event-Name")? {
            "CHANNEL_HANGUP" => Self::Hangup {
                channel: channel()?,
                other: text("Other-Leg-Unique-ID"),
            },
            "CHANNEL_DESTROY" => Self::Gone {
                channel: channel()?,
                by_itself: headers
                    .variable("sip_hangup_disposition")
                    .is_some_and(|how| how.starts_with("recv_")),
            },
            "CHANNEL_BRIDGE" => Self::Bridged { channel: channel()? },
            "CUSTOM" if headers.get("Event-Subclass")? == "callcenter::info" => return Self::callcenter(headers),
            _ => return None,
        })
    }

    fn callcenter(headers: &Headers) -> Option<Self> {
        let text = |name: &str| headers.get(name).map(str::to_owned);
        Some(match headers.get("CC-Action")? {
            "member-queue-start" | "member-queue-resume" => Self::Joined {
                who: member(headers)?,
                queue: text("CC-Queue")?,
            },
            "member-queue-end" if headers.get("CC-Cause")? == "Cancel" => Self::Left {
                who: member(headers)?,
                queue: text("CC-Queue")?,
                exit: exit(headers),
                waited: between(headers, "CC-Member-Joined-Time", "CC-Member-Leaving-Time"),
            },
            "agent-offering" => Self::Offered {
                who: member(headers)?,
                agent: text("CC-Agent")?,
                queue: text("CC-Queue"),
                mark: text("Event-Date-Timestamp").unwrap_or_default(),
            },
            "bridge-agent-start" => Self::Answered {
                who: member(headers)?,
                agent: text("CC-Agent")?,
                queue: text("CC-Queue")?,
                waited: between(headers, "CC-Member-Joined-Time", "CC-Agent-Answered-Time"),
            },
            "bridge-agent-fail" => Self::NotAnswered {
                member: text("CC-Member-Session-UUID")?,
                agent: text("CC-Agent")?,
                exit: refusal(headers.get("CC-Hangup-Cause").unwrap_or_default()),
            },
            "agent-status-change" => Self::Status {
                agent: text("CC-Agent")?,
                status: text("CC-Agent-Status")?,
            },
            "agent-state-change" => Self::State {
                agent: text("CC-Agent")?,
                state: text("CC-Agent-State")?,
            },
            _ => return None,
        })
    }
}

fn member(headers: &Headers) -> Option<Contact> {
    let channel = headers.get("CC-Member-Session-UUID")?.to_owned();
    Some(Contact {
        base: channel.clone(),
        channel,
        number: headers
            .get("CC-Member-CID-Number")
            .map(|number| Pii::new(number.to_owned())),
    })
}

/// Why a caller left without an agent. A caller who hangs up breaks out, and so does one whom the dialplan takes away.
fn exit(headers: &Headers) -> QueueExit {
    match headers.get("CC-Cancel-Reason").unwrap_or_default() {
        "TIMEOUT" | "NO_AGENT_TIMEOUT" => QueueExit::Timeout,
        "BREAK_OUT" if headers.get("Hangup-Cause").is_some() => QueueExit::Abandoned,
        "BREAK_OUT" | "EXIT_WITH_KEY" => QueueExit::Overflow,
        _ => QueueExit::Failed,
    }
}

fn refusal(cause: &str) -> OfferExit {
    match cause {
        "USER_BUSY" | "CALL_REJECTED" => OfferExit::Rejected,
        "ORIGINATOR_CANCEL" => OfferExit::CallerGone,
        "LOSE_RACE" | "PICKED_OFF" => OfferExit::Elsewhere,
        _ => OfferExit::NoAnswer,
    }
}

fn between(headers: &Headers, from: &str, to: &str) -> Duration {
    let at = |name: &str| headers.get(name)?.parse::<u64>().ok();
    let seconds = at(to).zip(at(from)).map_or(0, |(to, from)| to.saturating_sub(from));
    Duration::from_secs(seconds)
}

/// One row of `callcenter_config agent list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AgentRow {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) state: String,
    pub(super) wrapup: Duration,
}

/// The rows of `callcenter_config agent list`; none where the module is not loaded.
pub(super) fn rows(text: &str) -> Vec<AgentRow> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('|').collect();
    let place = |name: &str| names.iter().position(|column| *column == name);
    let (Some(name), Some(status), Some(state)) = (place("name"), place("status"), place("state")) else {
        return Vec::new();
    };
    let wrapup = place("wrap_up_time");
    let row = |line: &str| {
        let values: Vec<&str> = line.split('|').collect();
        let text = |place: usize| values.get(place).map(|value| (*value).to_owned());
        let seconds = wrapup
            .and_then(|place| values.get(place)?.parse().ok())
            .unwrap_or_default();
        Some(AgentRow {
            name: text(name)?,
            status: text(status)?,
            state: text(state)?,
            wrapup: Duration::from_secs(seconds),
        })
    };
    lines.filter_map(row).collect()
}

/// What an agent of `mod_callcenter` does.
pub(super) fn agent_state(status: &str, state: &str, in_wrapup: bool) -> (AgentState, Option<String>) {
    match (status, state) {
        (_, "In a queue call") => (AgentState::Talk, None),
        ("Logged Out", _) => (AgentState::Offline, None),
        (_, "Receiving") => (AgentState::Ring, None),
        ("On Break", _) => (AgentState::Break, None),
        // Available, and given no call.
        (_, "Idle") => (AgentState::Break, Some("Idle".to_owned())),
        _ if in_wrapup => (AgentState::Acw, None),
        _ => (AgentState::Ready, None),
    }
}
