//! Facts that others tell: `XADD sidetone:facts:in * type ticket.created ticket … due …`.
//!
//! All daemons of one Redis share the entries as a consumer group, so each is published by one of them. One that dies
//! before it has said that it is done is told the entry again when it is back: at least once.

use metrics::counter;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamReadReply};
use redis::{RedisResult, cmd};
use sidetone_schema::{
    AgentAcwEnded, AgentState, AgentStateChanged, Body, SurveyAnswered, SurveyOffered, TicketClosed, TicketCreated,
};

use super::config::RedisConfig;
use super::connect::{BLOCK_MS, Backoff, Waits, connect, trouble};
use super::facts::Facts;
use crate::clock::WallClock;
use crate::metrics as names;

const GROUP: &str = "sidetone";
/// Entries fetched at once.
const COUNT: u64 = 64;
/// Characters of a name: more is no name.
const LONGEST: usize = 200;
/// After-call work beyond a day is a mistake.
const LONGEST_ACW_MS: u64 = 86_400_000;

/// Reads the stream for ever, and publishes what it says. `reader` names this daemon among those that share it. An entry that
/// is not understood is counted, and logged by its id, never with its content.
pub async fn read_facts(config: RedisConfig, reader: String, facts: Facts, clock: WallClock) {
    let mut backoff = Backoff::new();
    let mut quiet = false;
    loop {
        let mut well = false;
        let failed = match connect(&config, Waits::InRedis).await {
            Ok(mut connection) => follow(&config, &mut connection, &reader, &mut well, |entry| {
                if let Some(body) = counted(entry) {
                    facts.publish(body, clock.now());
                }
            })
            .await
            .err(),
            Err(error) => Some(error),
        };
        if well {
            // It is another trouble.
            (backoff, quiet) = (Backoff::new(), false);
        }
        if let Some(error) = failed {
            trouble(&config, "facts", &error, quiet);
            quiet = true;
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

async fn follow(
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    reader: &str,
    well: &mut bool,
    mut take: impl FnMut(&StreamId),
) -> RedisResult<()> {
    let key = config.facts_in_key();
    let mut make = cmd("XGROUP");
    make.arg("CREATE").arg(&key).arg(GROUP).arg("0").arg("MKSTREAM");
    match make.exec_async(connection).await {
        Err(error) if error.code() != Some("BUSYGROUP") => return Err(error),
        _ => {}
    }
    // First what this daemon was told and has not done.
    let mut from = "0".to_owned();
    loop {
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP").arg(GROUP).arg(reader).arg("COUNT").arg(COUNT);
        if from == ">" {
            read.arg("BLOCK").arg(BLOCK_MS);
        }
        read.arg("STREAMS").arg(&key).arg(&from);
        let reply: Option<StreamReadReply> = read.query_async(connection).await?;
        *well = true;
        let entries: Vec<StreamId> = reply
            .into_iter()
            .flat_map(|reply| reply.keys)
            .flat_map(|key| key.ids)
            .collect();
        let Some(last) = entries.last() else {
            from = ">".to_owned();
            continue;
        };
        if from != ">" {
            from.clone_from(&last.id);
        }
        let mut done = cmd("XACK");
        done.arg(&key).arg(GROUP);
        for entry in &entries {
            take(entry);
            done.arg(&entry.id);
        }
        done.exec_async(connection).await?;
    }
}

fn counted(entry: &StreamId) -> Option<Body> {
    let body = parse(entry);
    let label = body.as_ref().map_or("bad", Body::type_name);
    counter!(names::FACTS_IN, "type" => label).increment(1);
    if body.is_none() {
        tracing::warn!(id = entry.id, "an entry of the stream of facts is not understood");
    }
    body
}

fn parse(entry: &StreamId) -> Option<Body> {
    let field = |name: &str| entry.get::<String>(name).filter(|text| !text.is_empty());
    let name = |field_name: &str| field(field_name).filter(|text| is_name(text));
    // What is there has to be right.
    let maybe = |field_name: &str| match field(field_name) {
        Some(text) => is_name(&text).then_some(Some(text)),
        None => Some(None),
    };
    Some(match field("type")?.as_str() {
        "survey.offered" => Body::SurveyOffered(SurveyOffered {
            contact: name("contact")?,
        }),
        "survey.answered" => Body::SurveyAnswered(SurveyAnswered {
            contact: name("contact")?,
            score: field("score")?.parse().ok().filter(|score| (1..=5).contains(score))?,
        }),
        "ticket.created" => Body::TicketCreated(TicketCreated {
            ticket: name("ticket")?,
            contact: maybe("contact")?,
            due: match field("due") {
                Some(due) => Some(due.parse::<jiff::Timestamp>().ok()?.to_string()),
                None => None,
            },
            topic: maybe("topic")?,
        }),
        "ticket.closed" => Body::TicketClosed(TicketClosed {
            ticket: name("ticket")?,
        }),
        "agent.acw_ended" => Body::AgentAcwEnded(AgentAcwEnded {
            contact: name("contact")?,
            agent_id: name("agent_id")?,
            acw_ms: field("acw_ms")?.parse().ok().filter(|ms| *ms <= LONGEST_ACW_MS)?,
        }),
        "agent.state" => Body::AgentState(AgentStateChanged {
            agent_id: name("agent_id")?,
            state: state(&field("state")?)?,
            reason: maybe("reason")?,
        }),
        _ => return None,
    })
}

fn is_name(text: &str) -> bool {
    text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}

fn state(word: &str) -> Option<AgentState> {
    Some(match word {
        "ready" => AgentState::Ready,
        "ring" => AgentState::Ring,
        "talk" => AgentState::Talk,
        "acw" => AgentState::Acw,
        "break" => AgentState::Break,
        "offline" => AgentState::Offline,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redis::Value;

    use super::*;

    fn entry(text: &str) -> StreamId {
        let mut entry = StreamId {
            id: "1-1".into(),
            ..StreamId::default()
        };
        let pairs = text.split('|').filter_map(|pair| pair.split_once('='));
        entry
            .map
            .extend(pairs.map(|(name, text)| (name.to_owned(), Value::BulkString(text.as_bytes().to_vec()))));
        entry
    }

    fn read(text: &str) -> Option<String> {
        let body = parse(&entry(text))?;
        Some(serde_json::to_value(&body).unwrap()["data"].to_string())
    }

    #[test]
    fn an_entry_is_a_fact_or_is_not_understood() {
        for (text, data) in [
            ("type=survey.offered|contact=c", r#"{"contact":"c"}"#),
            ("type=survey.answered|contact=c|score=5", r#"{"contact":"c","score":5}"#),
            (
                "type=ticket.created|ticket=T-1|due=2026-12-04T17:00:00+08:00|topic=pension",
                r#"{"due":"2026-12-04T09:00:00Z","ticket":"T-1","topic":"pension"}"#,
            ),
            ("type=ticket.closed|ticket=T-1", r#"{"ticket":"T-1"}"#),
            (
                "type=agent.acw_ended|contact=c|agent_id=8001|acw_ms=37000",
                r#"{"acw_ms":37000,"agent_id":"8001","contact":"c"}"#,
            ),
            (
                "type=agent.state|agent_id=8001|state=break|reason=lunch",
                r#"{"agent_id":"8001","reason":"lunch","state":"break"}"#,
            ),
        ] {
            assert_eq!(read(text).as_deref(), Some(data), "{text}");
        }
        for text in [
            "",
            "type=queue.left|contact=c",
            "type=survey.offered",
            "type=survey.answered|contact=c|score=0",
            "type=survey.answered|contact=c|score=6",
            "type=ticket.created|ticket=T-1|due=tomorrow",
            "type=ticket.created|ticket=T-1|contact=a\nb",
            "type=agent.acw_ended|contact=c|agent_id=8001|acw_ms=86400001",
            "type=agent.state|agent_id=8001|state=asleep",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&format!("type=ticket.closed|ticket={}", "x".repeat(201))), None);
    }

    proptest! {
        #[test]
        fn no_entry_panics(text in any::<String>()) {
            let _ = read(&format!("type=ticket.created|ticket=T|due={text}"));
            let _ = read(&text);
        }
    }
}
