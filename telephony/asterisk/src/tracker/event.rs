//! Manager messages as the tracker's own words. What it does not need does not come through.

use std::time::Duration;

use crate::ami::{Kind, Message};

/// A channel as any event describes it. Fields that the event did not carry are `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct ChannelInfo {
    pub(super) uniqueid: String,
    pub(super) name: String,
    pub(super) linkedid: Option<String>,
    pub(super) number: Option<String>,
    pub(super) exten: Option<String>,
    /// From a list of live channels only.
    pub(super) age: Option<Duration>,
    /// The queue that it waits or talks in; from a list of live channels, or named by a dialplan.
    pub(super) queue: Option<String>,
    /// The CTI's own id of its call, where `channelvars` in manager.conf names its variable.
    pub(super) cti_id: Option<String>,
}

/// The channel variable with the CTI's own id.
const CTI_ID: &str = "sidetone_cti_id";

/// What happened.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Event {
    Channel(ChannelInfo),
    Renamed {
        uniqueid: String,
        name: String,
    },
    Hangup {
        uniqueid: String,
    },
    BridgeEnter {
        bridge: String,
        channel: ChannelInfo,
    },
    BridgeLeave {
        bridge: String,
        uniqueid: String,
    },
    BridgeGone {
        bridge: String,
    },
    Hold {
        uniqueid: String,
    },
    Unhold {
        uniqueid: String,
    },
    QueueJoin {
        uniqueid: String,
        queue: String,
    },
    /// For an agent, for want of patience, or by hanging up.
    QueueLeave {
        uniqueid: String,
        queue: String,
    },
    AgentConnect {
        caller: ChannelInfo,
        target: Box<ChannelInfo>,
        queue: Option<String>,
        interface: String,
        member: Option<String>,
    },
    Member {
        interface: String,
        state_interface: Option<String>,
        member: Option<String>,
    },
    Transferring {
        uniqueid: String,
    },
    /// One bridge of a list.
    Listed {
        bridge: String,
    },
    /// A list is over.
    ListEnd {
        action_id: String,
    },
    /// A request was refused: no list follows.
    Refused {
        action_id: String,
    },
    /// One channel of one bridge, in answer to the request of that id.
    InBridge {
        action_id: String,
        channel: ChannelInfo,
    },
}

impl Event {
    pub(super) fn parse(message: &Message) -> Option<Self> {
        match message.kind() {
            Kind::Event(name) => event(name, message),
            Kind::Response(false) => message.action_id().map(|id| Self::Refused {
                action_id: id.to_owned(),
            }),
            _ => None,
        }
    }
}

fn event(name: &str, message: &Message) -> Option<Event> {
    let text = |field: &str| message.get(field).map(str::to_owned);
    Some(match name {
        "Newchannel" => Event::Channel(channel(message, "")?),
        "CoreShowChannel" => Event::Channel(listed_channel(message)?),
        "Rename" => Event::Renamed {
            uniqueid: text("Uniqueid")?,
            name: text("Newname")?,
        },
        "Hangup" => Event::Hangup {
            uniqueid: text("Uniqueid")?,
        },
        "BridgeEnter" => Event::BridgeEnter {
            bridge: text("BridgeUniqueid")?,
            channel: channel(message, "")?,
        },
        "BridgeLeave" => Event::BridgeLeave {
            bridge: text("BridgeUniqueid")?,
            uniqueid: text("Uniqueid")?,
        },
        "BridgeDestroy" => Event::BridgeGone {
            bridge: text("BridgeUniqueid")?,
        },
        "Hold" => Event::Hold {
            uniqueid: text("Uniqueid")?,
        },
        "Unhold" => Event::Unhold {
            uniqueid: text("Uniqueid")?,
        },
        "QueueCallerJoin" => Event::QueueJoin {
            uniqueid: text("Uniqueid")?,
            queue: text("Queue")?,
        },
        "QueueCallerLeave" | "QueueCallerAbandon" => Event::QueueLeave {
            uniqueid: text("Uniqueid")?,
            queue: text("Queue")?,
        },
        "AgentConnect" => Event::AgentConnect {
            caller: channel(message, "")?,
            target: Box::new(channel(message, "Dest")?),
            queue: text("Queue"),
            interface: text("Interface")?,
            member: text("MemberName"),
        },
        "QueueMember" | "QueueMemberAdded" => Event::Member {
            interface: text("Location").or_else(|| text("Interface"))?,
            state_interface: text("StateInterface"),
            member: text("Name").or_else(|| text("MemberName")),
        },
        "BlindTransfer" | "AttendedTransfer" if succeeded(message) => Event::Transferring {
            uniqueid: text("TransfereeUniqueid")?,
        },
        "BridgeListItem" => Event::Listed {
            bridge: text("BridgeUniqueid")?,
        },
        "BridgeInfoChannel" => Event::InBridge {
            action_id: text("ActionID")?,
            channel: channel(message, "")?,
        },
        "CoreShowChannelsComplete" | "BridgeListComplete" | "BridgeInfoComplete" | "QueueStatusComplete" => {
            Event::ListEnd {
                action_id: text("ActionID")?,
            }
        }
        _ => return None,
    })
}

fn succeeded(message: &Message) -> bool {
    message
        .get("Result")
        .is_none_or(|result| result.eq_ignore_ascii_case("Success"))
}

fn channel(message: &Message, prefix: &str) -> Option<ChannelInfo> {
    let text = |field: &str| message.get(&format!("{prefix}{field}")).map(str::to_owned);
    Some(ChannelInfo {
        uniqueid: text("Uniqueid")?,
        name: text("Channel")?,
        linkedid: text("Linkedid"),
        number: text("CallerIDNum"),
        exten: text("Exten").filter(|exten| exten != "s"),
        age: None,
        queue: None,
        cti_id: variable(message, &format!("{prefix}ChanVariable"), CTI_ID),
    })
}

/// The value of a channel variable; a message has one field `name=value` for each that manager.conf names.
fn variable(message: &Message, field: &str, name: &str) -> Option<String> {
    message
        .fields()
        .filter(|(key, _)| key.eq_ignore_ascii_case(field))
        .filter_map(|(_, pair)| pair.split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

fn listed_channel(message: &Message) -> Option<ChannelInfo> {
    let queue = message
        .get("Application")
        .filter(|application| *application == "Queue")
        .and_then(|_| message.get("ApplicationData"))
        .and_then(|data| data.split(',').next())
        .map(str::to_owned);
    Some(ChannelInfo {
        age: message.get("Duration").and_then(clock),
        queue,
        ..channel(message, "")?
    })
}

/// `HH:MM:SS`.
pub(super) fn clock(text: &str) -> Option<Duration> {
    let mut seconds = 0u64;
    for part in text.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_hours_minutes_seconds() {
        assert_eq!(clock("01:02:03"), Some(Duration::from_secs(3723)));
        assert_eq!(clock("x"), None);
        assert_eq!(clock("99999999999999999999:0"), None);
    }
}
