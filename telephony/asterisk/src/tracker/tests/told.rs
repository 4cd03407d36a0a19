//! Signals in short.

use sidetone_base::{CallEvent, EndCause, LegExit, LegId, Role};

/// `pbx-1795383263.1` → `1`: Asterisk counts channels.
pub(super) fn short(leg: &LegId) -> String {
    leg.as_str().rsplit('.').next().unwrap().to_owned()
}

pub(super) fn told(event: &CallEvent) -> String {
    match event {
        CallEvent::Started {
            age,
            caller_number,
            called_number,
            queue,
            cti_id,
        } => format!(
            "started {}s number={} called={} queue={}{}",
            age.as_secs(),
            caller_number.as_ref().map_or("-", |number| number.expose().as_str()),
            called_number.as_deref().unwrap_or("-"),
            queue.as_deref().unwrap_or("-"),
            cti_id.as_ref().map(|id| format!(" cti={id}")).unwrap_or_default(),
        ),
        CallEvent::LegJoined {
            leg,
            channel,
            role,
            agent,
        } => {
            let agent = agent.as_ref().map_or_else(String::new, |agent| format!(" {agent}"));
            let endpoint = channel.rsplit_once('-').unwrap().0;
            let role = if *role == Role::Agent { "agent" } else { "caller" };
            format!("joined {} {endpoint} {role}{agent}", short(leg))
        }
        CallEvent::StartedUnlisted => "started unlisted".to_owned(),
        CallEvent::Paused => "paused".to_owned(),
        CallEvent::Continued => "continued".to_owned(),
        CallEvent::LegLeft { leg, exit } => {
            let how = match exit {
                LegExit::HungUp => "",
                LegExit::Blind => " (blind)",
                LegExit::Attended => " (attended)",
            };
            format!("left {}{how}", short(leg))
        }
        CallEvent::Held { leg } => format!("held {}", short(leg)),
        CallEvent::Resumed { leg } => format!("resumed {}", short(leg)),
        CallEvent::TapAttached { leg, kind, .. } => format!("hears {} by {}", short(leg), kind.as_str()),
        CallEvent::TapFailed { leg, kind, .. } => format!("deaf to {} by {}", short(leg), kind.as_str()),
        CallEvent::Ended {
            cause: EndCause::Hangup,
        } => "ended".to_owned(),
        CallEvent::Ended {
            cause: EndCause::LostSight,
        } => "lost sight".to_owned(),
    }
}
