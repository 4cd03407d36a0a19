//! What switches tell for metrics, as events. Numbers are hashed here and go no further.

use std::time::Duration;

use sidetone_base::{AgentState, CallId, Direction, EndBy, Fact, IvrExit, OfferExit, Pii, QueueExit, Secret, Turn};
use sidetone_engine::number_hash;
use sidetone_schema as wire;
use sidetone_schema::Body;

/// The event of a fact; a caller's number is hashed with `salt`, and left out without one.
///
/// One arm for each kind of fact, and nothing is decided in any: that is why it is long.
#[must_use]
pub fn event(fact: Fact, salt: Option<&Secret>) -> Body {
    match fact {
        Fact::ContactEntered {
            contact,
            direction,
            number,
            agent,
        } => Body::ContactEntered(wire::ContactEntered {
            contact: contact.to_string(),
            dir: match direction {
                Direction::In => wire::Direction::In,
                Direction::Out => wire::Direction::Out,
            },
            caller_hash: hashed(salt, number.as_ref()),
            agent_id: agent.map(|agent| agent.to_string()),
            video: false,
        }),
        Fact::ContactLeft {
            contact,
            end_by,
            lasted,
        } => Body::ContactLeft(wire::ContactLeft {
            contact: contact.to_string(),
            end_by: Some(match end_by {
                EndBy::Caller => wire::EndBy::Caller,
                EndBy::Agent => wire::EndBy::Agent,
                EndBy::System => wire::EndBy::System,
            }),
            duration_ms: ms(lasted),
        }),
        Fact::QueueEntered {
            contact,
            entry,
            queue,
            number,
        } => Body::QueueEntered(wire::QueueEntered {
            contact: contact.to_string(),
            entry,
            queue,
            caller_hash: hashed(salt, number.as_ref()),
        }),
        Fact::QueueLeft {
            contact,
            entry,
            queue,
            left,
            waited,
            agent,
        } => Body::QueueLeft(wire::QueueLeft {
            contact: contact.to_string(),
            entry,
            queue,
            left: queue_exit(left),
            wait_ms: ms(waited),
            agent_id: agent.map(|agent| agent.to_string()),
        }),
        Fact::Offered {
            contact,
            offer,
            agent,
            queue,
        } => Body::AgentOffered(wire::AgentOffered {
            contact: contact.to_string(),
            offer,
            agent_id: agent.to_string(),
            queue,
        }),
        Fact::OfferEnded {
            contact,
            offer,
            agent,
            queue,
            left,
            rang,
        } => Body::AgentOfferEnded(wire::AgentOfferEnded {
            contact: contact.to_string(),
            offer,
            agent_id: agent.to_string(),
            queue,
            left: offer_exit(left),
            rang_ms: ms(rang),
        }),
        Fact::AgentState { agent, state, reason } => Body::AgentState(wire::AgentStateChanged {
            agent_id: agent.to_string(),
            state: agent_state(state),
            reason,
        }),
        Fact::SurveyOffered { contact } => Body::SurveyOffered(wire::SurveyOffered {
            contact: contact.to_string(),
        }),
        Fact::SurveyAnswered { contact, score } => Body::SurveyAnswered(wire::SurveyAnswered {
            contact: contact.to_string(),
            score,
        }),
        Fact::AcwEnded { contact, agent, worked } => Body::AgentAcwEnded(wire::AgentAcwEnded {
            contact: contact.to_string(),
            agent_id: agent.to_string(),
            acw_ms: ms(worked),
        }),
        Fact::IvrEntered {
            contact,
            session,
            node,
            number,
        } => Body::IvrEntered(wire::IvrEntered {
            contact: contact.to_string(),
            session,
            node,
            caller_hash: hashed(salt, number.as_ref()),
        }),
        Fact::IvrTurn {
            contact,
            session,
            node,
            turn,
        } => ivr_turn(&contact, session, node, turn),
        Fact::IvrLeft {
            contact,
            session,
            left,
            lasted,
            answers,
            fails_after_last_answer,
        } => Body::IvrLeft(wire::IvrLeft {
            contact: contact.to_string(),
            session,
            left: ivr_exit(left),
            duration_ms: ms(lasted),
            answers,
            fails_after_last_answer,
            nodes: Vec::new(),
            topics: Vec::new(),
        }),
    }
}

fn ivr_turn(contact: &CallId, session: String, node: Option<String>, turn: Turn) -> Body {
    Body::IvrTurn(wire::IvrTurn {
        contact: contact.to_string(),
        session,
        node,
        understood: turn.understood,
        answered: turn.answered,
        topic: turn.topic,
        speech_end_ms: turn.speech_end.map(ms),
        play_start_ms: turn.play_start.map(ms),
    })
}

fn hashed(salt: Option<&Secret>, number: Option<&Pii<String>>) -> Option<String> {
    number_hash(salt?, number?.expose())
}

fn ms(time: Duration) -> u64 {
    time.as_millis() as u64
}

const fn queue_exit(left: QueueExit) -> wire::QueueExit {
    match left {
        QueueExit::Answered => wire::QueueExit::Answered,
        QueueExit::Abandoned => wire::QueueExit::Abandoned,
        QueueExit::Timeout => wire::QueueExit::Timeout,
        QueueExit::Overflow => wire::QueueExit::Overflow,
        QueueExit::Full => wire::QueueExit::Full,
        QueueExit::Callback => wire::QueueExit::Callback,
        QueueExit::Failed => wire::QueueExit::Failed,
    }
}

const fn offer_exit(left: OfferExit) -> wire::OfferExit {
    match left {
        OfferExit::Answered => wire::OfferExit::Answered,
        OfferExit::NoAnswer => wire::OfferExit::NoAnswer,
        OfferExit::Rejected => wire::OfferExit::Rejected,
        OfferExit::CallerGone => wire::OfferExit::CallerGone,
        OfferExit::Elsewhere => wire::OfferExit::Elsewhere,
    }
}

const fn agent_state(state: AgentState) -> wire::AgentState {
    match state {
        AgentState::Ready => wire::AgentState::Ready,
        AgentState::Ring => wire::AgentState::Ring,
        AgentState::Talk => wire::AgentState::Talk,
        AgentState::Acw => wire::AgentState::Acw,
        AgentState::Break => wire::AgentState::Break,
        AgentState::Offline => wire::AgentState::Offline,
    }
}

const fn ivr_exit(left: IvrExit) -> wire::IvrExit {
    match left {
        IvrExit::CallerHangup => wire::IvrExit::CallerHangup,
        IvrExit::ToQueue => wire::IvrExit::ToQueue,
        IvrExit::Transfer => wire::IvrExit::Transfer,
        IvrExit::Error => wire::IvrExit::Error,
    }
}
