//! Who calls when, how long they wait and who answers: a made-up morning, the same for the same seed.

use super::script::Script;

/// Callers of a hundred who give up in the queue when they have to wait.
const GIVE_UP: u64 = 30;
/// Calls for each agent; with four hours that is most of their time.
const CALLS_EACH: usize = 70;
/// Calls of a hundred that begin in the last twentieth of the time, so that some still run.
const LAST: u64 = 8;

/// How far back Redis goes.
const RECENT_MS: i64 = 1_800_000;

/// A source of numbers that is the same every time (splitmix64).
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to below `high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % high.abs_diff(low).max(1)).cast_signed()
    }

    /// True so many times in a hundred.
    pub(super) fn in_hundred(&mut self, times: u64) -> bool {
        self.next() % 100 < times
    }
}

/// One caller. Times are ms UTC.
#[derive(Debug)]
pub(super) struct Contact {
    pub(super) id: String,
    /// A caller; some call twice.
    pub(super) caller: i64,
    pub(super) script: usize,
    pub(super) t0: i64,
    /// When they came out of the menu and into the queue.
    pub(super) queued: i64,
    /// When the wait ended.
    pub(super) left: i64,
    /// Who answered; nobody when they gave up.
    pub(super) answered: Option<Answered>,
}

/// What an agent does with a call.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) agent: usize,
    /// When it began to ring.
    pub(super) rang: i64,
    pub(super) end: i64,
    /// When the after-call work was done.
    pub(super) done: i64,
}

impl Contact {
    /// Whether Redis still has what happened: then the archive reads it from there, and it is not imported.
    pub(super) fn is_recent(&self, now: i64) -> bool {
        self.end() > now - RECENT_MS
    }

    /// When the call was over.
    pub(super) fn end(&self) -> i64 {
        self.answered.as_ref().map_or(self.left, |answered| answered.end)
    }
}

/// The whole morning.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) begin: i64,
    pub(super) contacts: Vec<Contact>,
    pub(super) agents: usize,
}

impl Plan {
    /// `calls` calls that begin from `begin` to `end`, busiest at the end.
    pub(super) fn new(scripts: &[Script], calls: usize, begin: i64, end: i64, dice: &mut Dice) -> Self {
        let agents = calls.div_ceil(CALLS_EACH).max(2);
        let mut free = vec![begin; agents];
        let mut time = || match dice.in_hundred(LAST) {
            true => dice.between(end - (end - begin) / 20, end),
            false => dice.between(begin, end),
        };
        let mut times: Vec<i64> = (0..calls).map(|_| time()).collect();
        times.sort_unstable();
        let contacts = times.into_iter().enumerate().map(|(number, t0)| {
            let script = dice.between(0, scripts.len() as i64) as usize;
            let queued = t0 + dice.between(15_000, 50_000);
            let (agent, ready) = first_free(&free);
            let rang = ready.max(queued) + dice.between(300, 1_500);
            let left = rang + dice.between(2_000, 6_000);
            let patience = queued + dice.between(8_000, 70_000);
            let gives_up = left > patience && dice.in_hundred(GIVE_UP);
            let answered = (!gives_up).then(|| {
                let end = left + scripts[script].length_ms() + dice.between(20_000, 120_000);
                let done = end + dice.between(15_000, 50_000);
                free[agent] = done;
                Answered { agent, rang, end, done }
            });
            Contact {
                id: format!("sample-{:04}.0", number + 1),
                caller: dice.between(0, calls as i64 * 4 / 5 + 1),
                script,
                t0,
                queued,
                left: if gives_up { patience } else { left },
                answered,
            }
        });
        let contacts = contacts.collect();
        Self {
            begin,
            contacts,
            agents,
        }
    }

    /// What an agent did, in order: state, from, to.
    pub(super) fn states(&self, agent: usize, now: i64) -> Vec<(&'static str, i64, i64)> {
        let mut states = Vec::new();
        let mut at = self.begin;
        let mine = self
            .contacts
            .iter()
            .filter_map(|contact| Some((contact.left, contact.answered.as_ref()?)));
        for (left, call) in mine.filter(|(_, call)| call.agent == agent) {
            states.extend([
                ("ready", at, call.rang),
                ("ring", call.rang, left),
                ("talk", left, call.end),
                ("acw", call.end, call.done),
            ]);
            at = call.done;
        }
        states.push(("ready", at, i64::MAX));
        states.retain(|(_, from, to)| from < to && *from <= now);
        states
    }
}

fn first_free(free: &[i64]) -> (usize, i64) {
    let times = free.iter().copied().enumerate().min_by_key(|(_, at)| *at);
    times.unwrap_or_default()
}

/// The id of an agent.
pub(super) fn agent_id(agent: usize) -> String {
    format!("{}", 8_101 + agent)
}
