//! Events and dumps as the tracker's own words. What it does not need does not come through.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::media::{Codec, L16, LegMedia, Path};
use crate::esl::Headers;

/// Which way a channel was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// It called the switch.
    Inbound,
    /// The switch called it.
    Outbound,
}

/// A channel as any event describes it. What the event did not carry is `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct ChannelInfo {
    pub(super) uuid: String,
    pub(super) name: String,
    pub(super) direction: Option<Direction>,
    pub(super) number: Option<String>,
    pub(super) callee: Option<String>,
    pub(super) age: Option<Duration>,
    pub(super) queue: Option<String>,
    /// The CTI's own id of the call.
    pub(super) cti_id: Option<String>,
    /// The agent that it is, or else that it will speak to.
    pub(super) agent: Option<String>,
    pub(super) is_agent: bool,
    pub(super) media: Option<LegMedia>,
    pub(super) path: Option<Path>,
    /// The other half of a loopback channel.
    pub(super) other_half: Option<String>,
    /// Whom it hears, by a dump; no event tells it.
    pub(super) partner: Option<String>,
    /// One of Sidetone's taps.
    pub(super) tap: bool,
    /// The address that this tap delivers to.
    pub(super) tap_at: Option<String>,
    /// It was sent elsewhere: changes with each transfer.
    pub(super) transfer: Option<String>,
    pub(super) held: bool,
    pub(super) answered: bool,
    /// The conference that it is in, by a dump.
    pub(super) conference: Option<String>,
    /// `sidetone_call`: what the dialplan says the legs of one conversation share.
    pub(super) shared: Option<String>,
}

/// What happened.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// A channel is there.
    Channel(Box<ChannelInfo>),
    /// Two channels hear each other; one of them describes itself.
    Bridge {
        a: String,
        b: String,
        channel: Box<ChannelInfo>,
    },
    /// They do not any more.
    Unbridge {
        a: String,
        b: Option<String>,
        channel: Box<ChannelInfo>,
    },
    Hangup {
        uuid: String,
    },
    /// A media bug was put on the channel.
    BugStarted {
        uuid: String,
        function: String,
    },
    BugStopped {
        uuid: String,
    },
    Hold {
        uuid: String,
    },
    Unhold {
        uuid: String,
    },
    /// It waits for whoever fetches it.
    Parked {
        uuid: String,
    },
    /// Somebody fetched it, or it gave up.
    Unparked {
        uuid: String,
    },
    /// It joined a conference.
    Entered {
        uuid: String,
        conference: String,
        channel: Box<ChannelInfo>,
    },
    /// It left the conference that it was in.
    Left {
        uuid: String,
    },
    Renamed {
        old: String,
        new: String,
    },
    /// A queue gives its caller to an agent: the bridge follows.
    Offered {
        member: String,
        channel: Option<String>,
        agent: String,
        queue: Option<String>,
    },
    /// The caller waits in a queue.
    Queued {
        member: String,
        queue: Option<String>,
    },
    /// The caller does not wait any more.
    Unqueued {
        member: String,
    },
}

impl Event {
    /// Whether it can change who hears whom.
    pub(super) const fn moves_somebody(&self) -> bool {
        !matches!(
            self,
            Self::BugStarted { .. } | Self::BugStopped { .. } | Self::Hold { .. } | Self::Unhold { .. }
        )
    }

    pub(super) fn parse(headers: &Headers) -> Option<Self> {
        let text = |name: &str| headers.get(name).map(str::to_owned);
        let uuid = || text("Unique-ID");
        Some(match headers.get("Event-Name")? {
            "CHANNEL_CREATE" | "CHANNEL_ANSWER" | "CODEC" => Self::Channel(Box::new(channel(headers)?)),
            "CHANNEL_BRIDGE" => Self::Bridge {
                a: text("Bridge-A-Unique-ID").or_else(uuid)?,
                b: text("Bridge-B-Unique-ID").or_else(|| text("Other-Leg-Unique-ID"))?,
                channel: Box::new(channel(headers)?),
            },
            "CHANNEL_UNBRIDGE" => Self::Unbridge {
                a: text("Bridge-A-Unique-ID").or_else(uuid)?,
                b: text("Bridge-B-Unique-ID").or_else(|| text("Other-Leg-Unique-ID")),
                channel: Box::new(channel(headers)?),
            },
            "CHANNEL_HANGUP" | "CHANNEL_DESTROY" => Self::Hangup { uuid: uuid()? },
            "MEDIA_BUG_START" => Self::BugStarted {
                uuid: uuid()?,
                function: text("Media-Bug-Function").unwrap_or_default(),
            },
            "MEDIA_BUG_STOP" => Self::BugStopped { uuid: uuid()? },
            "CHANNEL_HOLD" => Self::Hold { uuid: uuid()? },
            "CHANNEL_UNHOLD" => Self::Unhold { uuid: uuid()? },
            "CHANNEL_PARK" => Self::Parked { uuid: uuid()? },
            "CHANNEL_UNPARK" => Self::Unparked { uuid: uuid()? },
            "CHANNEL_UUID" => Self::Renamed {
                old: text("Old-Unique-ID")?,
                new: uuid()?,
            },
            "CUSTOM" => match headers.get("Event-Subclass")? {
                "callcenter::info" => callcenter(headers)?,
                "conference::maintenance" => conference(headers)?,
                _ => return None,
            },
            _ => return None,
        })
    }
}

fn callcenter(headers: &Headers) -> Option<Event> {
    let text = |name: &str| headers.get(name).map(str::to_owned);
    let member = text("CC-Member-Session-UUID");
    Some(match headers.get("CC-Action")? {
        "bridge-agent-start" => Event::Offered {
            member: member?,
            channel: text("CC-Agent-UUID"),
            agent: text("CC-Agent")?,
            queue: text("CC-Queue"),
        },
        "member-queue-start" => Event::Queued {
            member: member?,
            queue: text("CC-Queue"),
        },
        "member-queue-end" => Event::Unqueued { member: member? },
        _ => return None,
    })
}

fn conference(headers: &Headers) -> Option<Event> {
    let uuid = headers.get("Unique-ID")?.to_owned();
    Some(match headers.get("Action")? {
        "add-member" => Event::Entered {
            uuid,
            conference: headers.get("Conference-Unique-ID")?.to_owned(),
            channel: Box::new(channel(headers)?),
        },
        "del-member" => Event::Left { uuid },
        _ => return None,
    })
}

/// The channel that an event or a dump describes.
pub(super) fn channel(headers: &Headers) -> Option<ChannelInfo> {
    let text = |name: &str| headers.get(name).map(str::to_owned);
    let variable = |name: &str| headers.variable(name).map(str::to_owned);
    let direction = match headers.get("Call-Direction") {
        Some("inbound") => Some(Direction::Inbound),
        Some("outbound") => Some(Direction::Outbound),
        _ => None,
    };
    let side = headers.variable("cc_side");
    // The callcenter writes the agent's name on both channels.
    let of_queue = variable("cc_agent").filter(|_| side == Some("agent"));
    Some(ChannelInfo {
        uuid: text("Unique-ID")?,
        name: text("Channel-Name").unwrap_or_default(),
        direction,
        number: text("Caller-Caller-ID-Number").filter(|number| number != "0000000000"),
        callee: dialled(headers),
        age: age(headers),
        // A dialplan may name the one that its caller is on the way to.
        queue: variable("cc_queue").or_else(|| variable("sidetone_queue")),
        cti_id: variable("sidetone_cti_id").filter(|id| !id.is_empty()),
        is_agent: side == Some("agent")
            || headers.variable("sidetone_role") == Some("agent")
            || direction == Some(Direction::Outbound) && headers.variable("sidetone_agent").is_some(),
        agent: variable("sidetone_agent").or(of_queue),
        media: media(headers),
        path: path(headers),
        other_half: variable("other_loopback_leg_uuid"),
        // While it rings the bond is there already.
        partner: variable("signal_bond").filter(|_| headers.get("Answer-State") == Some("answered")),
        tap: headers.variable("sidetone_tap") == Some("true"),
        tap_at: variable("sidetone_tap_at"),
        transfer: variable("transfer_source").or_else(|| text("Caller-Transfer-Source")),
        held: headers.get("Channel-Call-State") == Some("HELD"),
        answered: headers.get("Answer-State") == Some("answered"),
        conference: variable("conference_uuid")
            .filter(|_| headers.variable("current_application") == Some("conference")),
        shared: variable("sidetone_call").filter(|name| !name.is_empty()),
    })
}

/// What was dialled. A transfer within the dialplan (`transfer route XML sidetone`) puts the name of an extension in
/// its place; what the phone asked for stays in the SIP request, and what stood there before in the RDNIS.
fn dialled(headers: &Headers) -> Option<String> {
    let now = headers.get("Caller-Destination-Number");
    let before = headers
        .get("Caller-RDNIS")
        .filter(|_| headers.variable("transfer_history").is_some());
    let asked = headers.variable("sip_req_user").filter(|_| before.is_some());
    asked.or(before).or(now).map(str::to_owned)
}

/// How long the channel has been there, by the switch's own clock.
fn age(headers: &Headers) -> Option<Duration> {
    let micros = |name: &str| headers.get(name)?.parse::<u64>().ok().filter(|time| *time > 0);
    let age = micros("Event-Date-Timestamp")?.checked_sub(micros("Caller-Channel-Created-Time")?)?;
    Some(Duration::from_micros(age))
}

fn media(headers: &Headers) -> Option<LegMedia> {
    let variable = |name: &str| headers.variable(name)?.parse().ok();
    let place = |ip: &str, port: &str| -> Option<SocketAddr> {
        let ip: IpAddr = headers.variable(ip)?.parse().ok()?;
        Some(SocketAddr::new(ip, headers.variable(port)?.parse().ok()?))
    };
    let crypto = headers.variable("srtp_remote_audio_crypto_key");
    Some(LegMedia {
        codec: codec(headers)?,
        local: place("local_media_ip", "local_media_port"),
        remote: place("remote_media_ip", "remote_media_port"),
        payload: variable("rtp_audio_recv_pt")
            .or_else(|| variable("rtp_use_pt"))
            .and_then(|number: u32| u8::try_from(number).ok()),
        crypto: crypto.map(sidetone_base::Secret::new),
        dtls: crypto.is_none() && encrypted(headers),
        stereo: variable("rtp_use_codec_channels").is_some_and(|channels: u32| channels > 1),
    })
}

/// A channel whose media bypasses the switch hibernates while it is bridged. Only a bridge and a dump tell.
fn path(headers: &Headers) -> Option<Path> {
    if !matches!(headers.get("Event-Name"), Some("CHANNEL_BRIDGE" | "CHANNEL_DATA")) {
        return None;
    }
    Some(match headers.get("Channel-State")? {
        "CS_HIBERNATE" => Path::Bypassed,
        _ => Path::Read,
    })
}

/// What the leg sends. An application that wants sound decoded (a conference, a recording) makes the switch call its
/// read codec L16; the RTP's own codec is then named apart.
fn codec(headers: &Headers) -> Option<Codec> {
    let name = headers.get("Channel-Read-Codec-Name")?;
    let rate = headers.get("Channel-Read-Codec-Rate")?.parse().ok()?;
    let variable = |name: &str| headers.variable(name)?.parse().ok();
    let ptime = variable("rtp_use_codec_ptime").unwrap_or(20);
    let sent = headers
        .variable("rtp_use_codec_name")
        .filter(|sent| *sent != name && name == L16);
    Some(match sent {
        // Its RTP clock runs at half its sampling rate (RFC 3551 §4.5.2).
        Some("G722") => Codec {
            name: "G722".to_owned(),
            rate: 16_000,
            ptime,
        },
        Some(sent) => Codec {
            name: sent.to_owned(),
            rate: variable("rtp_use_codec_rate").unwrap_or(rate),
            ptime,
        },
        None => Codec {
            name: name.to_owned(),
            rate,
            ptime,
        },
    })
}

/// By whatever means: WebRTC says so, the switch has confirmed it, or the leg offered a certificate.
fn encrypted(headers: &Headers) -> bool {
    let said = [
        "media_webrtc",
        "rtp_secure_audio_confirmed",
        "rtp_secure_media_confirmed",
    ];
    let offer = headers.variable("switch_r_sdp").unwrap_or_default();
    said.iter().any(|name| headers.variable(name) == Some("true")) || offer.contains("a=fingerprint:")
}
