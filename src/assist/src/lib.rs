//! What an agent should know while the caller still speaks: understanding, matching, hints, wrap-up, masking.
//!
//! Three stages, so that the caller can stamp between them: [`Assist::understand`] → [`Assist::match_turn`] →
//! [`Assist::push`]. Nothing here reads a clock, and nothing here asks an LLM: every figure comes from a
//! dated row of the knowledge base or from the caller.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod caller;
mod config;
mod gaps;
mod glimpse;
pub mod ground;
mod library;
mod matching;
mod opinion;
pub mod privacy;
mod push;
mod turn;
mod understand;
mod wrapup;

use std::sync::Arc;

use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::{Explained, Pack};
use sidetone_knowledge::snapshot::Snapshot;
use sidetone_language::Phrases;
use sidetone_schema::{HintData, IntentData, Wrapup};

pub use config::{AssistConfig, Ttl};
pub use gaps::Nearest;
pub use glimpse::Sight;
pub use library::Looked;
pub use matching::{Candidate, wire_source};
pub use opinion::{Deeds, MOST as MOST_MOVED, Opinions};
pub use push::Dropped;
pub use turn::{Push, Turn};
pub use understand::{Ask, Found, Intent, Mood, Slots, Understanding, Value};

use gaps::Gaps;
use library::Library;
use push::{Said, Screen};
use understand::Understander;
use wrapup::Record;

/// One call's assistant.
pub struct Assist {
    pack: Arc<Pack>,
    /// The one that was in use when the call began.
    library: Option<Arc<Snapshot>>,
    config: AssistConfig,
    understander: Understander,
    said: Said,
    screen: Screen,
    record: Record,
    gaps: Gaps,
    heard: ground::Heard,
    /// What the turns since the last push want; at most one turn's, as the stages run in a row.
    intents: Vec<IntentData>,
    /// What became of looking into the library, since the last push.
    looked: Vec<Looked>,
    retracted: Vec<String>,
    segment: String,
    /// The turn and the answer of the newest glimpse.
    sighted: Option<(SegmentId, String)>,
}

impl Assist {
    /// For one call on the line of `pack`.
    #[must_use]
    pub fn new(pack: Arc<Pack>, config: AssistConfig) -> Self {
        Self {
            understander: Understander::new(Arc::clone(&pack), config.date),
            library: pack.knowledge().library().get(),
            pack,
            config,
            said: Said::default(),
            screen: Screen::new(),
            record: Record::default(),
            gaps: Gaps::default(),
            heard: ground::Heard::default(),
            intents: Vec::new(),
            looked: Vec::new(),
            retracted: Vec::new(),
            segment: String::new(),
            sighted: None,
        }
    }

    /// What agents and callers of the line are shown or read.
    #[must_use]
    pub fn phrases(&self) -> &Phrases {
        self.pack.phrases()
    }

    /// The three stages in a row.
    pub fn hear(&mut self, turn: &Turn) -> Vec<Push> {
        let understanding = self.understand(turn);
        let candidates = self.match_turn(&understanding);
        self.push(turn.end, candidates)
    }

    /// A turn without what in it commands the program that listens: that means nothing.
    fn without_commands(&self, turn: &Turn) -> Turn {
        Turn {
            text: self.pack.without_commands(&turn.text).into_owned(),
            ..turn.clone()
        }
    }

    /// How [`Self::understand`] would weigh what a caller's turn asks for; nothing is remembered of it.
    #[must_use]
    pub fn explain(&self, turn: &Turn) -> Explained {
        self.understander.explain(&self.without_commands(turn))
    }

    /// First stage: what the turn means.
    pub fn understand(&mut self, turn: &Turn) -> Understanding {
        let turn = &self.without_commands(turn);
        let understanding = self.understander.hear(turn);
        if turn.role == Role::Agent {
            self.said.hear(&turn.text);
        }
        self.record.hear(&self.pack, &understanding, &turn.text);
        self.heard.hear(turn);
        let holds = |text: &str| self.screen.holds(text);
        self.gaps.hear((&self.pack, &self.config), turn, &understanding, holds);
        understanding
    }

    /// Second stage: what fits. Empty for an agent's turn and for small talk.
    pub fn match_turn(&mut self, turn: &Understanding) -> Vec<Candidate> {
        self.intents = turn.intents();
        self.retracted.clone_from(&turn.retracted);
        turn.segment.as_str().clone_into(&mut self.segment);
        let library = self.library.as_deref().map(|snapshot| Library {
            snapshot,
            pack: &self.pack,
        });
        let mut candidates = Vec::new();
        let mut nodes = Vec::new();
        for ask in &turn.asks {
            let found = matching::find((&self.pack, library), &self.config, turn, ask);
            self.looked.extend(found.looked);
            let bodies = found.candidates.iter().map(|candidate| candidate.body.as_str());
            self.record
                .matched(&ask.topic, &found.nodes, (found.day, found.region), bodies);
            let results = found.candidates.iter().filter(|candidate| candidate.calc.is_some());
            results.for_each(|result| self.heard.work_out(&result.title));
            candidates.extend(found.candidates);
            nodes.extend(found.nodes);
        }
        let answers = |candidate: &Candidate| candidate.score >= self.config.min_score && !candidate.is_nothing;
        let gap = self.gaps.matched(candidates.iter().any(answers));
        if let Some((library, gap)) = library.zip(gap) {
            let (looked, card) = matching::look_up(library, &self.config, turn, gap.topic.as_deref());
            self.looked.push(looked);
            candidates.extend(card);
        }
        candidates.extend(matching::advise(&self.pack, &self.config, turn, &nodes));
        for candidate in &mut candidates {
            candidate.wanted = matching::kind_name(candidate.kind) == turn.view.as_str();
        }
        candidates
    }

    /// Third stage: what is shown, at `at`. The turn's intents come first.
    pub fn push(&mut self, at: CallTime, candidates: Vec<Candidate>) -> Vec<Push> {
        let mut pushes: Vec<Push> = self.intents.drain(..).map(Push::Intent).collect();
        for topic in self.retracted.drain(..) {
            pushes.extend(self.screen.withdraw(&topic));
        }
        let segment = std::mem::take(&mut self.segment);
        pushes.extend(self.screen.push(&self.config, &self.said, at, &segment, candidates));
        pushes.extend(self.looked.drain(..).map(Push::Looked));
        pushes.extend(self.gaps.take().map(|gap| Push::Gap(Box::new(gap))));
        pushes
    }

    /// Takes away what has been shown long enough.
    pub fn expire(&mut self, now: CallTime) -> Vec<Push> {
        self.screen.expire(now)
    }

    /// The agent put a hint away: it leaves, and what it says does not come back in this call.
    pub fn dismiss(&mut self, hint_id: &str) -> Vec<Push> {
        self.screen.dismiss(hint_id)
    }

    /// The call is over: the question that is still without an answer.
    pub fn last_gap(&mut self) -> Option<Push> {
        self.gaps.last().map(|gap| Push::Gap(Box::new(gap)))
    }

    /// Hints with these keys were put away before a restart.
    pub fn keep_away(&mut self, keys: impl IntoIterator<Item = String>) {
        keys.into_iter().for_each(|key| self.screen.keep_away(key));
    }

    /// What is on the screen at `at`, for an agent who joins: the same hints, with what is left of their time.
    #[must_use]
    pub fn shown_anew(&self, at: CallTime) -> Vec<HintData> {
        self.screen.anew(at)
    }

    /// When [`Self::expire`] has something to do next.
    #[must_use]
    pub fn next_expiry(&self) -> Option<CallTime> {
        self.screen.next_expiry()
    }

    /// Candidates that were not shown, by reason.
    #[must_use]
    pub const fn dropped(&self) -> Dropped {
        self.screen.dropped()
    }

    /// The wrap-up as it stands.
    #[must_use]
    pub fn draft(&self) -> Wrapup {
        self.record.wrapup(&self.pack)
    }

    /// The wrap-up of a call that is over.
    #[must_use]
    pub fn wrapup(&self) -> Wrapup {
        self.record.wrapup(&self.pack)
    }

    /// What an engine is asked, so that it words [`Self::wrapup`] better; none where there is nothing to word.
    #[must_use]
    pub fn wrapup_prompt(&self) -> Option<ground::Prompt> {
        let rows = self.record.rows(self.pack.knowledge());
        ground::prompt(self.wrapup(), &self.heard, &rows)
    }
}
