//! `sample`: a made-up morning, played into Redis and the archive at once, so that a trial has something to see.

mod facts;
mod plan;
mod script;
mod wire;

use std::path::PathBuf;

use redis::cmd;
use serde_json::{Value, json};
use sidetone_archive::Archive;
use sidetone_base::{AgentId, CallId};
use sidetone_knowledge::Knowledge;
use sidetone_shell::wire::RedisConfig;

use crate::config::{DeskConfig, KnowledgeConfig};
use plan::{Dice, Plan};
use wire::{Hints, Played};

const HOUR_MS: i64 = 3_600_000;

/// What is played.
#[derive(Debug, clap::Args)]
pub(crate) struct SampleArguments {
    /// Calls of the last four hours.
    #[arg(long, default_value_t = 300)]
    calls: usize,
    /// A folder of written calls, which callers and agents say.
    #[arg(long, default_value = "tests/corpus/calls")]
    scripts: PathBuf,
    /// Another morning.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Plays the morning that ends now.
pub(crate) fn run(config: &DeskConfig, arguments: &SampleArguments) -> Result<(), String> {
    let scripts = script::read(&arguments.scripts)?;
    let now = jiff::Timestamp::now().as_millisecond();
    let mut dice = Dice::new(arguments.seed);
    let plan = Plan::new(&scripts, arguments.calls, now - 4 * HOUR_MS, now, &mut dice);
    let mut taken = 0;
    if let Some(path) = &config.archive {
        let lines: Vec<String> = facts::facts(&plan, &scripts, now, &mut dice)
            .iter()
            .map(Value::to_string)
            .collect();
        let archive = Archive::open(Some(path)).map_err(|error| error.to_string())?;
        let imported = archive
            .import(lines.iter().map(String::as_str))
            .map_err(|error| error.to_string())?;
        taken = imported.taken;
    }
    let shelf = Shelf::open(&config.knowledge)?;
    let hints: Hints<'_> = &|text| shelf.as_ref()?.hint(text);
    let calls = wire::calls(&plan, &scripts, now, hints);
    let facts = wire::facts(&plan, &scripts, now);
    write(&config.redis, &calls, &facts).map_err(|error| format!("{}: {error}", config.redis.address()))?;
    let live = calls.iter().filter(|call| !call.ended).count();
    println!(
        "{}",
        json!({"calls": arguments.calls, "facts": taken, "on_the_wire": calls.len(), "live": live})
    );
    Ok(())
}

/// The base that hints are made of.
struct Shelf {
    base: Knowledge,
    region: String,
    day: jiff::civil::Date,
}

impl Shelf {
    fn open(config: &KnowledgeConfig) -> Result<Option<Self>, String> {
        let Some(dir) = &config.dir else { return Ok(None) };
        let base = Knowledge::load(dir).map_err(|faults| faults.to_string())?;
        let day = config.as_of.unwrap_or_else(|| jiff::Zoned::now().date());
        let region = config.region.clone();
        Ok(Some(Self { base, region, day }))
    }

    /// The nearest entry as a hint.
    fn hint(&self, text: &str) -> Option<Value> {
        let view = self.base.view(self.day, &self.region);
        let hit = view.search(text, 1).into_iter().find(|hit| hit.score >= 1.0)?;
        let rendered = view.render(hit.node).ok()?;
        let highlights: Vec<Value> = rendered
            .highlights
            .iter()
            .map(|range| json!({"begin": range.start, "end": range.end}))
            .collect();
        let source = sidetone_assist::wire_source(view.source_of(hit.node));
        Some(
            json!({"tier": 2, "kind": "answer", "title": hit.node.title, "body": rendered.text, "highlights": highlights, "sources": [source],
            "score": 0.8, "dedup_key": hit.node.id, "node": hit.node.id, "ttl_ms": 120_000, "engine": "sample",
            "latency_ms": {"speech": 0, "understand": 0, "match": 0, "push": 0, "total": 0}}),
        )
    }
}

fn write(config: &RedisConfig, calls: &[Played], facts: &[Value]) -> redis::RedisResult<()> {
    let client = redis::Client::open(config.url.as_str())?;
    let mut redis = client.get_connection()?;
    for played in calls {
        call(config, played).exec(&mut redis)?;
    }
    for fact in facts {
        let field = |name: &str| fact[name].as_str().unwrap_or_default().to_owned();
        cmd("XADD")
            .arg(config.facts_key())
            .arg(&["MAXLEN", "~", "200000", "*"])
            .arg(&[
                "call_id",
                &field("call_id"),
                "type",
                &field("type"),
                "event",
                &fact.to_string(),
            ])
            .exec(&mut redis)?;
    }
    Ok(())
}

fn call(config: &RedisConfig, played: &Played) -> redis::Pipeline {
    let (id, agent) = (CallId::new(played.call.as_str()), AgentId::new(played.agent.as_str()));
    let (events, state, mine) = (
        config.events_key(&id),
        config.state_key(&id),
        config.agent_calls_key(&agent),
    );
    let kept = if played.ended { config.ttl_after_end } else { config.ttl }.as_secs();
    let mut pipe = redis::pipe();
    pipe.del(&[&events, &state]);
    for event in &played.events {
        pipe.xadd(&events, format!("{}-0", event["seq"]), &[("event", event.to_string())]);
    }
    pipe.hset_multiple(&state, &played.state);
    for key in [&events, &state] {
        pipe.add_command(cmd("EXPIRE").arg(key).arg(kept).to_owned());
    }
    if !played.ended {
        pipe.add_command(cmd("ZADD").arg(&mine).arg(played.joined).arg(&played.call).to_owned());
    }
    if let Some(first) = played.events.first() {
        pipe.add_command(
            cmd("PUBLISH")
                .arg(config.calls_channel())
                .arg(first.to_string())
                .to_owned(),
        );
    }
    pipe
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_934_400_000;

    fn morning() -> (Vec<script::Script>, Plan, Dice) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/calls");
        let scripts = script::read(folder.as_ref()).unwrap();
        let mut dice = Dice::new(7);
        let plan = Plan::new(&scripts, 300, NOW - 4 * HOUR_MS, NOW, &mut dice);
        (scripts, plan, dice)
    }

    #[test]
    fn every_fact_is_one_that_the_archive_takes() {
        let (scripts, plan, mut dice) = morning();
        let facts = facts::facts(&plan, &scripts, NOW, &mut dice);
        assert!(facts.len() > 6_000, "{}", facts.len());
        for fact in facts {
            sidetone_archive::Fact::parse(&fact.to_string()).unwrap_or_else(|error| panic!("{error}: {fact}"));
        }
    }

    #[test]
    fn every_event_is_one_of_the_contract() {
        let (scripts, plan, _) = morning();
        let calls = wire::calls(&plan, &scripts, NOW, &|_| None);
        let live = calls.iter().filter(|call| !call.ended).count();
        assert!(live > 0 && live <= plan.agents, "{live}");
        let of_calls = calls.iter().flat_map(|call| &call.events).cloned();
        for event in of_calls.chain(wire::facts(&plan, &scripts, NOW)) {
            let text = event.to_string();
            serde_json::from_value::<sidetone_schema::Envelope>(event)
                .unwrap_or_else(|error| panic!("{error}: {text}"));
        }
    }

    #[test]
    fn no_agent_has_two_calls_at_once() {
        let (_, plan, _) = morning();
        for agent in 0..plan.agents {
            let states = plan.states(agent, NOW);
            assert!(states.windows(2).all(|pair| pair[0].2 <= pair[1].1), "{states:?}");
        }
    }
}
