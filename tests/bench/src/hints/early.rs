//! Early hints on text alone: the head of each turn grows two characters at a time, as a model that hears every word
//! right would give it, without punctuation. What is left of the turn is the lead, at 4.5
//! characters a second. A hint is right when its topic is expected on the turn.

use std::time::Duration;

use sidetone_assist::{Assist, Push, Sight, Turn};
use sidetone_base::{CallTime, Role, SegmentId};

use super::score::{Bench, Tally, masked};
use super::script::{HeldOut, Script};

/// Of a caller, on a telephone.
const CHARACTERS_PER_SECOND: f64 = 4.5;
/// Characters that a reading is behind.
const BEHIND: usize = 1;

/// Early hints and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Early {
    /// Turns that expect a hint.
    pub(crate) turns: usize,
    pub(crate) shown: usize,
    /// Of them, of an expected topic.
    pub(crate) right: usize,
    pub(crate) refined: usize,
    pub(crate) withdrawn: usize,
    /// From each to the end of its turn.
    leads: Vec<f64>,
    /// In plain words.
    pub(crate) faults: Vec<String>,
}

impl Early {
    /// Plays one script.
    pub(crate) fn play(&mut self, bench: &Bench, script: &Script) {
        let mut call = bench.call(script.as_of, &script.region);
        for (number, turn) in script.turns.iter().enumerate() {
            let role = match turn.role.as_str() {
                "caller" => Role::Caller,
                _ => Role::Agent,
            };
            let expected: Vec<&str> = turn.expect.iter().map(|expect| expect.topic.as_str()).collect();
            self.hear(&mut call.assist, number as u32 + 1, role, &masked(turn), &expected);
        }
    }

    /// Plays held-out turns.
    pub(crate) fn held_out(&mut self, bench: &Bench, turns: &HeldOut, date: jiff::civil::Date, region: &str) {
        for turn in &turns.turns {
            let mut call = bench.call(date, region);
            if let Some(before) = &turn.before {
                call.hear(Role::Caller, before, &mut Tally::default());
            }
            let expected: Vec<&str> = turn.topic.iter().chain(&turn.also).map(String::as_str).collect();
            self.hear(&mut call.assist, 2, Role::Caller, &turn.text, &expected);
        }
    }

    /// Says one turn, head by head; `expected` are its topics.
    fn hear(&mut self, assist: &mut Assist, number: u32, role: Role, text: &str, expected: &[&str]) {
        let end = CallTime(Duration::from_secs(u64::from(number) * 8));
        let turn = |text: String| Turn {
            segment: SegmentId::new(format!("s{number}")),
            role,
            text,
            begin: CallTime(end.0.saturating_sub(Duration::from_secs(5))),
            end,
            confidence: 0.9,
        };
        let mut live: Vec<String> = Vec::new();
        self.turns += usize::from(!expected.is_empty());
        if role == Role::Caller {
            let chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
            for heard in (BEHIND + 1..=chars.len()).step_by(2) {
                let head: String = chars[..heard - BEHIND].iter().collect();
                let understood = assist.glimpse(&turn(head.clone()));
                let candidates = assist.match_glimpse(&understood);
                let segment = &understood.segment;
                for push in assist.push_glimpse(end, segment, Sight::Clear, candidates) {
                    let Push::New(hint) = push else { continue };
                    self.shown += 1;
                    self.leads.push((chars.len() - heard) as f64 / CHARACTERS_PER_SECOND);
                    let topic = hint.trigger.intent.split('/').next().unwrap_or_default();
                    if expected.contains(&topic) {
                        self.right += 1;
                    } else {
                        self.faults
                            .push(format!("early: {head}|{text}: {} {}", hint.trigger.intent, hint.title));
                    }
                    live.push(hint.hint_id);
                }
            }
        }
        for push in assist.hear(&turn(text.to_owned())) {
            match push {
                Push::Update(hint) if live.contains(&hint.hint_id) => self.refined += 1,
                Push::Expire(gone) if live.contains(&gone.hint_id) && gone.reason == "withdrawn" => {
                    self.withdrawn += 1;
                    self.faults.push(format!("withdrawn: {text}"));
                }
                _ => {}
            }
        }
    }

    /// As figures.
    pub(crate) fn figures(&self) -> serde_json::Value {
        let mut leads = self.leads.clone();
        leads.sort_by(f64::total_cmp);
        let share = |part: usize| (self.shown > 0).then(|| part as f64 / self.shown as f64);
        serde_json::json!({
            "turns_with_hints": self.turns,
            "shown": self.shown,
            "precision": share(self.right),
            "refined": self.refined,
            "withdrawn_rate": share(self.withdrawn),
            "lead_s_p50": leads.get(leads.len() / 2),
        })
    }
}
