//! From an event to Redis commands. Pure: no connection, no clock.
//!
//! The append to the call's own stream is not among them; see [`append`].

use std::time::Duration;

use serde_json::{Map, Value, json};
use sidetone_base::{AgentId, CallId, LegId};
use sidetone_schema::{Body, Class, Envelope, IntentData, Timestamp};

use super::callers;
use super::config::RedisConfig;
use super::facts;
use super::view::{Change, View};

/// Puts the call `ARGV[1]` on the agent's list `KEYS[1]`, as joined at `ARGV[2]` (ms), or takes it off when that is empty; then
/// has `KEYS[2]` name the newest of the list, or nothing. Calls whose state (`ARGV[4]`, the id, `}:state`) is gone are taken
/// off. Both keys live `ARGV[3]` s from now.
const AGENT: &str = "if ARGV[2]=='' then redis.call('ZREM',KEYS[1],ARGV[1])
else redis.call('ZADD',KEYS[1],ARGV[2],ARGV[1]) end
local newest
for _,call in ipairs(redis.call('ZREVRANGE',KEYS[1],0,-1)) do
if call~=ARGV[1] and redis.call('EXISTS',ARGV[4]..call..'}:state')==0 then redis.call('ZREM',KEYS[1],call)
elseif not newest then newest=call end
end
if newest then
redis.call('EXPIRE',KEYS[1],ARGV[3])
redis.call('SET',KEYS[2],newest,'EX',ARGV[3])
elseif redis.call('GET',KEYS[2])==ARGV[1] then redis.call('DEL',KEYS[2]) end
return newest";

/// Appends events to the stream `KEYS[1]`, and returns the last number that the stream then holds. Three arguments from
/// `ARGV[4]` on are an event: its number, how many partials came since the one before it, and the event; `ARGV[3]` is the
/// number that the first follows in the stream. Skips what is there; appends nothing, and so
/// returns a lower number, when there would be a hole before the first. Returns -1 when something of another writer
/// stands in the way: in the place of one of these events, between the first and the one before it, or beyond where
/// numbers can go on from.
const APPEND: &str = "local last=0
local top=redis.call('XREVRANGE',KEYS[1],'+','-','COUNT',1)
if top[1] then last=tonumber(string.match(top[1][1],'^%d+')) end
if last>=4503599627370496 then return -1 end
local after=tonumber(ARGV[3])
if after>last then return last end
if last>after and last<tonumber(ARGV[4]) then return -1 end
for i=4,#ARGV,3 do
local seq=tonumber(ARGV[i])
local id=string.format('%d-0',seq)
if seq>last then
local add={'XADD',KEYS[1],'MAXLEN','~',ARGV[1],id,'event',ARGV[i+2]}
if ARGV[i+1]~='0' then add[9],add[10]='partials',ARGV[i+1] end
local done=redis.pcall(unpack(add))
if type(done)=='table' and done.err then
if string.find(done.err,'equal or smaller') then return -1 end
return done
end
last=seq
else
local number=string.format('%d',seq)
local there=redis.call('XRANGE',KEYS[1],number,number)
if there[1] then
if there[1][1]~=id or there[1][2][2]~=ARGV[i+2] then return -1 end
else
local first=redis.call('XRANGE',KEYS[1],'-','+','COUNT',1)
if tonumber(string.match(first[1][1],'^%d+'))<seq then return -1 end
end
end
end
redis.call('EXPIRE',KEYS[1],ARGV[2])
return last";

/// Partials of one call that are kept at most; the oldest go.
const PARTIALS: &str = "512";

/// One Redis command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Its name and arguments.
    pub(super) args: Vec<String>,
    /// Whether the event counts as undelivered when Redis refuses it.
    pub(super) essential: bool,
}

impl Command {
    pub(super) fn new<const N: usize>(args: [&str; N]) -> Self {
        Self {
            args: args.map(str::to_owned).to_vec(),
            essential: false,
        }
    }
}

/// What an event does beside entering its stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// To be done before it enters: idempotent, or at least once.
    pub(super) before: Vec<Command>,
    /// To be done after: the live mirror.
    pub(super) after: Vec<Command>,
}

/// How an event is delivered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    /// It has just happened. An older event does not claim an agent: they may be on another call by now.
    pub(super) fresh: bool,
    /// It goes to pub/sub.
    pub(super) mirror: bool,
}

/// Whether a live screen wants an event: a fresh one always, an old one only if it is never shed.
pub(super) fn wanted_live(class: Class, age: Duration, window: Duration) -> bool {
    class == Class::Kept || age <= window
}

/// How an append fits into a call's stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The number that the first event follows in the stream.
    pub(super) after: u64,
    /// The last event is the call's end.
    pub(super) ended: bool,
}

/// An event on its way into a call's stream.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its number.
    pub(super) seq: u64,
    /// Partials since the one before it in the stream: their numbers are not there.
    pub(super) partials: u64,
    /// The event.
    pub(super) json: String,
}

/// The append of `events`.
pub(super) fn append(config: &RedisConfig, call: &CallId, place: Place, events: Vec<Entry>) -> Command {
    let key = config.events_key(call);
    let (maxlen, ttl) = (config.stream_maxlen.to_string(), seconds(config.lifetime(place.ended)));
    let after = place.after.to_string();
    let mut command = Command::new(["EVAL", APPEND, "1", &key, &maxlen, &ttl, &after]);
    for event in events {
        let (seq, partials) = (event.seq.to_string(), event.partials.to_string());
        command.args.extend([seq, partials, event.json]);
    }
    command.essential = true;
    command
}

/// What becomes of the call's partials: one that has just come is added, those that a final follows go, and at the end
/// all of them. None of it is essential: the next partial, or the final, says more.
fn partials(config: &RedisConfig, call: &CallId, event: &Envelope, json: &str, fresh: bool) -> Vec<Command> {
    if config.keep_partials {
        return Vec::new();
    }
    let (key, id) = (config.partials_key(call), format!("{}-0", event.seq));
    match &event.body {
        Body::TranscriptPartial(_) if fresh => vec![
            Command::new(["XADD", &key, "MAXLEN", PARTIALS, &id, "event", json]),
            Command::new(["EXPIRE", &key, &seconds(config.ttl)]),
        ],
        Body::TranscriptFinal(_) => vec![Command::new(["XTRIM", &key, "MINID", &id])],
        Body::CallEnded(_) => vec![Command::new(["DEL", &key])],
        _ => Vec::new(),
    }
}

/// Claims the call's agents again, after its old events have been delivered.
pub(super) fn claim(config: &RedisConfig, call: &CallId, view: &View) -> Vec<Command> {
    let claim = |(agent, since): (&String, &Timestamp)| {
        let joined = since.instant().as_millisecond().to_string();
        on_agent(config, call, agent, &joined)
    };
    view.agents.iter().map(claim).collect()
}

/// Takes the call off the agents' lists.
pub(super) fn release<'a>(config: &RedisConfig, call: &CallId, agents: impl Iterator<Item = &'a str>) -> Vec<Command> {
    agents.map(|agent| on_agent(config, call, agent, "")).collect()
}

fn on_agent(config: &RedisConfig, call: &CallId, agent: &str, joined: &str) -> Command {
    let agent = AgentId::new(agent);
    let (calls, key) = (config.agent_calls_key(&agent), config.agent_call_key(&agent));
    let (ttl, head) = (seconds(config.ttl), config.call_head());
    Command::new(["EVAL", AGENT, "2", &calls, &key, call.as_str(), joined, &ttl, &head])
}

/// Takes `event` into `view` and gives its effects; `json` is the event as it stands in the journal.
pub(super) fn project(
    config: &RedisConfig,
    view: &mut View,
    event: &Envelope,
    json: &str,
    delivery: Delivery,
) -> Effects {
    let call = CallId::new(event.call_id.as_str());
    let change = view.apply(event);
    if facts::is_key(&call) {
        return Effects {
            before: vec![facts::entry(config, event, json)],
            after: Vec::new(),
        };
    }
    let mut before = Vec::new();
    before.extend(wrapup(config, event, json));
    before.extend(gap(config, event, json));
    before.extend(remembered(config, view, event));
    before.extend(common(config, event, json));
    before.extend(state(config, &call, view, event));
    before.extend(ivr(config, &call, view, event));
    before.extend(release(config, &call, change.gone.iter().map(String::as_str)));
    if delivery.fresh && event.body.class() != Class::Partial {
        before.extend(claim(config, &call, view));
    }
    let mut after = partials(config, &call, event, json, delivery.fresh);
    if delivery.mirror {
        after.extend(mirror(config, view, event, json, change));
    }
    Effects { before, after }
}

/// What live screens get. An agent who has just joined gets the call's beginning first.
fn mirror(config: &RedisConfig, view: &View, event: &Envelope, json: &str, change: Change) -> Vec<Command> {
    let of_call = matches!(
        event.body,
        Body::CallStarted(_) | Body::CallUpdated(_) | Body::CallEnded(_)
    );
    let opening = view.opening.as_deref().filter(|opening| opening.seq != event.seq);
    let opening = opening.and_then(|opening| serde_json::to_string(opening).ok());
    let mut after = Vec::new();
    for agent in change.come {
        let channel = config.agent_channel(&AgentId::new(agent));
        after.extend(opening.iter().map(|json| Command::new(["PUBLISH", &channel, json])));
    }
    for agent in view.audience(event, change.gone) {
        let channel = config.agent_channel(&AgentId::new(agent));
        after.push(Command::new(["PUBLISH", &channel, json]));
    }
    if of_call {
        after.push(Command::new(["PUBLISH", &config.calls_channel(), json]));
    }
    after
}

/// The entry in the stream of all calls, where one is wanted.
fn common(config: &RedisConfig, event: &Envelope, json: &str) -> Option<Command> {
    if !config.common_stream.holds(&event.body) {
        return None;
    }
    let (key, maxlen, seq) = (
        config.common_key(),
        config.common_maxlen.to_string(),
        event.seq.to_string(),
    );
    let mut command = Command::new(["XADD", &key, "MAXLEN", "~", &maxlen, "*", "call_id", &event.call_id]);
    let agent = event.agent_id.as_deref().unwrap_or_default();
    let kind = event.body.type_name();
    command
        .args
        .extend(["seq", &seq, "type", kind, "agent_id", agent, "event", json].map(str::to_owned));
    command.essential = true;
    Some(command)
}

fn wrapup(config: &RedisConfig, event: &Envelope, json: &str) -> Option<Command> {
    let Body::WrapupFinal(_) = event.body else { return None };
    let (key, maxlen, seq) = (
        config.wrapups_key(),
        config.wrapups_maxlen.to_string(),
        event.seq.to_string(),
    );
    let agent = event.agent_id.as_deref().unwrap_or_default();
    let mut command = Command::new(["XADD", &key, "MAXLEN", "~", &maxlen, "*", "call_id", &event.call_id]);
    command
        .args
        .extend(["seq", &seq, "agent_id", agent, "event", json].map(str::to_owned));
    command.essential = true;
    Some(command)
}

/// The entry in the stream of gaps, and what is too old there taken out.
fn gap(config: &RedisConfig, event: &Envelope, json: &str) -> Vec<Command> {
    let Body::KnowledgeGap(gap) = &event.body else {
        return Vec::new();
    };
    let (key, maxlen, seq) = (config.gaps_key(), config.gaps_maxlen.to_string(), event.seq.to_string());
    let mut add = Command::new(["XADD", &key, "MAXLEN", "~", &maxlen, "*", "call_id", &event.call_id]);
    let topic = gap.topic.as_deref().unwrap_or_default();
    add.args
        .extend(["seq", &seq, "topic", topic, "event", json].map(str::to_owned));
    add.essential = true;
    let keep = i64::from(config.gaps_days) * 86_400_000;
    let oldest = (event.ts.instant().as_millisecond() - keep).max(0).to_string();
    vec![add, Command::new(["XTRIM", &key, "MINID", "~", &oldest])]
}

/// What is kept of a call for the caller's next one, where that is wanted and the caller is known.
fn remembered(config: &RedisConfig, view: &View, event: &Envelope) -> Option<Command> {
    let (Body::WrapupFinal(wrapup), Some(keep)) = (&event.body, config.callers_keep) else {
        return None;
    };
    let Body::CallStarted(start) = &view.opening.as_ref()?.body else {
        return None;
    };
    let key = config.caller_key(start.caller_hash.as_deref()?);
    let call = serde_json::to_string(&callers::short(&event.call_id, event.ts, wrapup)).ok()?;
    let (kept, ttl) = (callers::KEPT.to_string(), seconds(keep));
    let id = &event.call_id;
    Some(Command::new([
        "EVAL",
        callers::REMEMBER,
        "1",
        &key,
        &call,
        id,
        &kept,
        &ttl,
    ]))
}

fn state(config: &RedisConfig, call: &CallId, view: &View, event: &Envelope) -> [Command; 2] {
    let key = config.state_key(call);
    let mut command = Command::new(["HSET", &key]);
    let mut set = |field: &str, value: String| command.args.extend([field.to_owned(), value]);
    set("seq", event.seq.to_string());
    set("updated_at", event.ts.to_string());
    match &event.body {
        Body::CallStarted(start) => {
            set("call_id", event.call_id.clone());
            set("status", "live".into());
            set("since", since(event.ts, start.age_ms).to_string());
            set("caller", start.caller.clone().unwrap_or_default());
            set("caller_hash", start.caller_hash.clone().unwrap_or_default());
            set("called", start.called.clone().unwrap_or_default());
            set("queue", start.queue.clone().unwrap_or_default());
            set("cti_id", start.cti_id.clone().unwrap_or_default());
            set("on_hold", "0".into());
            if !start.resumed {
                set("paused", "0".into());
                set("masked", "0".into());
            }
            set("agent_id", joined(view));
        }
        Body::CallUpdated(update) => {
            set("on_hold", u8::from(update.on_hold).to_string());
            set("paused", u8::from(!update.paused_by.is_empty()).to_string());
            set("masked", u8::from(update.masked).to_string());
            set("agent_id", joined(view));
            set("caller_leg", view.leg("caller").unwrap_or_default().to_owned());
            set("agent_leg", view.leg("agent").unwrap_or_default().to_owned());
            set("legs", json!(update.legs).to_string());
        }
        Body::CallEnded(end) => {
            set("status", "ended".into());
            set("ended_at", event.ts.to_string());
            set("cause", end.cause.clone());
            set("duration_ms", end.duration_ms.to_string());
            // Who may still see the call, and its wrap-up, though they left before its end.
            set(
                "agent_id",
                view.last_agents
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(","),
            );
        }
        _ => {}
    }
    let lifetime = seconds(config.lifetime(view.ended));
    [command, Command::new(["EXPIRE", &key, &lifetime])]
}

fn ivr(config: &RedisConfig, call: &CallId, view: &mut View, event: &Envelope) -> Vec<Command> {
    let leg = event.leg_id.as_deref().or_else(|| view.leg("caller")).map(LegId::new);
    let by_caller = event.role.as_deref().is_none_or(|role| role == "caller");
    let (Some(leg), true) = (leg, by_caller) else {
        return Vec::new();
    };
    let fields = match &event.body {
        Body::TranscriptFinal(heard) if event.role.is_some() => {
            view.ivr_segment = Some(heard.segment_id.clone());
            utterance(heard)
        }
        Body::TranscriptRevised(heard) if view.ivr_segment.as_ref() == Some(&heard.segment_id) => utterance(heard),
        Body::Intent(intent) => slots(intent),
        _ => return Vec::new(),
    };
    let key = config.ivr_key(&leg);
    let mut command = Command::new(["HSET", &key, "call_id", call.as_str()]);
    command.args.extend(["seq".to_owned(), event.seq.to_string()]);
    command
        .args
        .extend(fields.into_iter().flat_map(|(field, value)| [field, value]));
    vec![command, Command::new(["EXPIRE", &key, &seconds(config.ivr_ttl)])]
}

fn utterance(heard: &sidetone_schema::Transcript) -> Vec<(String, String)> {
    vec![
        ("text".into(), heard.text.clone()),
        ("segment_id".into(), heard.segment_id.clone()),
        ("text_confidence".into(), heard.confidence.to_string()),
        ("end_ms".into(), heard.end_ms.to_string()),
    ]
}

/// The last value of each kind is also a field of its own, for dialplans that cannot read JSON.
fn slots(intent: &IntentData) -> Vec<(String, String)> {
    let mut slots = Map::new();
    for entity in &intent.entities {
        let value = entity.value.as_ref().unwrap_or(&entity.text);
        slots.insert(entity.kind.clone(), Value::from(value.as_str()));
    }
    let own = slots
        .iter()
        .map(|(kind, value)| (format!("slot_{kind}"), value.as_str().unwrap_or_default().to_owned()));
    let mut fields: Vec<(String, String)> = own.collect();
    fields.extend([
        ("topic".into(), intent.topic.clone()),
        ("topic_name".into(), intent.topic_name.clone()),
        ("intent".into(), intent.intent.clone()),
        ("is_question".into(), u8::from(intent.is_question).to_string()),
        ("intent_confidence".into(), intent.confidence.to_string()),
        ("slots".into(), Value::Object(slots).to_string()),
    ]);
    fields
}

fn joined(view: &View) -> String {
    view.agents.keys().map(String::as_str).collect::<Vec<_>>().join(",")
}

fn since(at: Timestamp, age_ms: u64) -> Timestamp {
    let started = at.instant().checked_sub(Duration::from_millis(age_ms));
    Timestamp::new(started.unwrap_or(at.instant()))
}

/// Whole seconds, at least one: zero would delete the key.
fn seconds(ttl: Duration) -> String {
    ttl.as_secs().max(1).to_string()
}
