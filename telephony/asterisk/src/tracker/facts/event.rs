//! Manager messages about queues and their members.

use std::time::Duration;

use sidetone_base::Pii;
use sidetone_telephony::facts::Contact;

use super::super::event::clock;
use crate::ami::Message;

/// ISUP causes by which a telephone refuses a call: busy, rejected.
const REFUSALS: [&str; 2] = ["17", "21"];

/// What happened.
pub(super) enum Observed {
    /// A channel that came by itself, or that the switch made for nobody else.
    Began {
        who: Contact,
        name: String,
        dialled: Option<String>,
        /// It calls the switch, and not the switch it.
        incoming: bool,
        /// Of one that a list names.
        age: Option<Duration>,
    },
    /// The dialplan is about to put a caller into a queue.
    Wants {
        who: Contact,
        queue: String,
    },
    Joined {
        who: Contact,
        queue: String,
    },
    /// One caller of a list.
    Found {
        who: Contact,
        queue: String,
        waited: Duration,
    },
    /// Gave up, or the queue's time is over.
    Abandoned {
        channel: String,
    },
    Left {
        channel: String,
    },
    /// `QUEUESTATUS`, after the caller has left, or when they were not let in.
    Status {
        channel: String,
        result: String,
    },
    Offered {
        who: Contact,
        offer: String,
        queue: Option<String>,
        member: MemberName,
    },
    /// The agent's telephone is off the hook; an announcement to them may follow.
    PickedUp {
        channel: String,
    },
    Connected {
        channel: String,
        offer: String,
        member: MemberName,
    },
    NotAnswered {
        offer: String,
    },
    /// Hung up while the announcement played.
    Dumped {
        offer: String,
    },
    /// The telephone at the other end hung up, or refused.
    HangupRequest {
        channel: String,
        /// What its call is named after.
        base: Option<String>,
        refused: bool,
    },
    Hangup {
        channel: String,
    },
    BridgeEnter {
        channel: String,
    },
    Member(Member),
    MemberGone {
        queue: String,
        member: MemberName,
    },
    /// The list of queues is over.
    Listed,
}

/// As a queue calls a member.
pub(super) struct MemberName {
    pub(super) interface: String,
    pub(super) device: Option<String>,
    pub(super) name: Option<String>,
}

/// A member, as a queue sees it.
pub(super) struct Member {
    pub(super) queue: String,
    pub(super) name: MemberName,
    pub(super) device: DeviceState,
    /// The reason, which may be empty.
    pub(super) paused: Option<String>,
    /// When its last call ended, on the switch's clock; not to be compared with ours.
    pub(super) last_call: u64,
    /// Its own time for after-call work; zero where the queue's holds.
    pub(super) wrapup: Duration,
}

/// What a telephone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceState {
    Idle,
    Ringing,
    InUse,
    Unreachable,
}

impl Observed {
    pub(super) fn parse(message: &Message) -> Option<Self> {
        let text = |field: &str| message.get(field).map(str::to_owned);
        let channel = || text("Uniqueid");
        Some(match message.event()? {
            "Newchannel" => return Self::of_channel(message, None),
            "CoreShowChannel" => return Self::of_channel(message, Some(clock(message.get("Duration")?)?)),
            "Newexten" if message.get("Application")? == "Queue" => Self::Wants {
                who: contact(message)?,
                queue: queue_of(message.get("AppData")?)?,
            },
            "QueueCallerJoin" => Self::Joined {
                who: contact(message)?,
                queue: text("Queue")?,
            },
            "QueueEntry" => Self::Found {
                who: contact(message)?,
                queue: text("Queue")?,
                waited: seconds(message, "Wait"),
            },
            "QueueCallerAbandon" => Self::Abandoned { channel: channel()? },
            "QueueCallerLeave" => Self::Left { channel: channel()? },
            "VarSet" if message.get("Variable")? == "QUEUESTATUS" => Self::Status {
                channel: channel()?,
                result: text("Value")?,
            },
            "DialEnd" if message.get("DialStatus")? == "ANSWER" => Self::PickedUp { channel: channel()? },
            "HangupRequest" => Self::HangupRequest {
                channel: channel()?,
                base: text("Linkedid"),
                refused: message.get("Cause").is_some_and(|cause| REFUSALS.contains(&cause)),
            },
            "Hangup" => Self::Hangup { channel: channel()? },
            "BridgeEnter" => Self::BridgeEnter { channel: channel()? },
            "QueueStatusComplete" => Self::Listed,
            name if name.starts_with("Agent") => return Self::of_offer(name, message),
            name => return Self::of_member(name, message),
        })
    }

    fn of_channel(message: &Message, age: Option<Duration>) -> Option<Self> {
        let who = contact(message)?;
        (who.base == who.channel).then_some(())?;
        Some(Self::Began {
            name: message.get("Channel")?.to_owned(),
            dialled: message.get("Exten").filter(|exten| *exten != "s").map(str::to_owned),
            // Down: the switch calls. What a list says of a channel's state is of later.
            incoming: age.is_some() || message.get("ChannelState") != Some("0"),
            age,
            who,
        })
    }

    fn of_offer(name: &str, message: &Message) -> Option<Self> {
        let text = |field: &str| message.get(field).map(str::to_owned);
        let offer = text("DestUniqueid")?;
        Some(match name {
            "AgentCalled" => Self::Offered {
                who: contact(message)?,
                offer,
                queue: text("Queue"),
                member: member_name(message)?,
            },
            "AgentConnect" => Self::Connected {
                channel: text("Uniqueid")?,
                offer,
                member: member_name(message)?,
            },
            "AgentRingNoAnswer" => Self::NotAnswered { offer },
            "AgentDump" => Self::Dumped { offer },
            _ => return None,
        })
    }

    fn of_member(name: &str, message: &Message) -> Option<Self> {
        let queue = message.get("Queue").map(str::to_owned);
        Some(match name {
            "QueueMember" | "QueueMemberAdded" | "QueueMemberStatus" | "QueueMemberPause" | "QueueMemberPenalty" => {
                Self::Member(member(message, queue?)?)
            }
            "QueueMemberRemoved" => Self::MemberGone {
                queue: queue?,
                member: member_name(message)?,
            },
            _ => return None,
        })
    }
}

fn contact(message: &Message) -> Option<Contact> {
    let channel = message.get("Uniqueid")?.to_owned();
    Some(Contact {
        base: message.get("Linkedid").unwrap_or(&channel).to_owned(),
        channel,
        number: message.get("CallerIDNum").map(|number| Pii::new(number.to_owned())),
    })
}

/// `12333,tT,,,60` → `12333`.
fn queue_of(arguments: &str) -> Option<String> {
    let name = arguments.split(',').next().unwrap_or_default().trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn member_name(message: &Message) -> Option<MemberName> {
    let text = |field: &str| message.get(field).map(str::to_owned);
    Some(MemberName {
        interface: text("Interface").or_else(|| text("Location"))?,
        device: text("StateInterface"),
        name: text("MemberName").or_else(|| text("Name")),
    })
}

fn member(message: &Message, queue: String) -> Option<Member> {
    let paused = message.get("Paused").is_some_and(|paused| paused != "0");
    Some(Member {
        queue,
        name: member_name(message)?,
        // As in `devicestate.h`; whose state the switch does not know is called, and so may be ready.
        device: match message.get("Status")? {
            "2" | "3" | "7" | "8" => DeviceState::InUse,
            "6" => DeviceState::Ringing,
            "4" | "5" => DeviceState::Unreachable,
            _ => DeviceState::Idle,
        },
        paused: paused.then(|| message.get("PausedReason").unwrap_or_default().to_owned()),
        last_call: message
            .get("LastCall")
            .and_then(|at| at.parse().ok())
            .unwrap_or_default(),
        wrapup: seconds(message, "Wrapuptime"),
    })
}

fn seconds(message: &Message, field: &str) -> Duration {
    let seconds = message.get(field).and_then(|value| value.parse::<u32>().ok());
    Duration::from_secs(seconds.unwrap_or_default().into())
}
