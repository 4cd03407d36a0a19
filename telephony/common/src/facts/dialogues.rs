//! Callers who talk with a machine.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sidetone_base::{Answer, CallId, Fact, IvrExit, QueueExit, Turn};

use super::{Contact, Facts, MOST_OPEN, since};

#[derive(Debug, Default)]
pub(super) struct Dialogues {
    /// By channel.
    pub(super) open: HashMap<String, Dialogue>,
    /// How many a channel that lives has had.
    pub(super) sessions: HashMap<String, u32>,
}

#[derive(Debug)]
pub(super) struct Dialogue {
    contact: CallId,
    session: String,
    since: Instant,
    answers: u64,
    fails_after_last_answer: u64,
}

/// What came of a turn, and when, on the monotonic clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Whether the words had a topic.
    pub understood: bool,
    /// Whether there was something to be read out.
    pub answered: bool,
    /// The topic.
    pub topic: Option<String>,
    /// When the caller stopped to speak; `None` where nobody spoke.
    pub speech_end: Option<Instant>,
}

/// What a dialplan tells of its channel, for metrics alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A machine begins to listen to the caller.
    Listening,
    /// The dialplan has got what was heard.
    Turn(Heard),
    /// The caller is asked how content they are, or has answered with 1 to 5.
    Survey(Option<u8>),
    /// The caller leaves the queue, to be called back.
    Callback,
}

impl Heard {
    /// Of a caller who was asked; `None` where there was none.
    #[must_use]
    pub fn of(answer: &Answer) -> Option<Self> {
        match answer {
            Answer::Heard(said) => Some(Self {
                understood: said.topic.is_some(),
                answered: said.reply.is_some(),
                topic: said.topic.clone(),
                speech_end: said.ended,
            }),
            Answer::Silence | Answer::Summary(_) => Some(Self::default()),
            Answer::Gone => None,
        }
    }
}

impl Dialogues {
    pub(super) fn forget(&mut self, channel: &str) {
        self.sessions.remove(channel);
    }
}

impl Facts {
    /// A machine talks with this caller, from now on or still.
    pub fn dialogue(&mut self, now: Instant, who: &Contact, node: Option<String>) {
        if self.dialogues.open.contains_key(&who.channel) {
            return;
        }
        if self.dialogues.open.len() >= MOST_OPEN {
            self.refused += 1;
            return;
        }
        let count = self.dialogues.sessions.entry(who.channel.clone()).or_insert(0);
        *count += 1;
        let dialogue = Dialogue {
            session: format!("{}/{count}", who.channel),
            contact: self.contact(&who.base),
            since: now,
            answers: 0,
            fails_after_last_answer: 0,
        };
        self.told.push_back(Fact::IvrEntered {
            contact: dialogue.contact.clone(),
            session: dialogue.session.clone(),
            node,
            number: who.number.clone(),
        });
        self.dialogues.open.insert(who.channel.clone(), dialogue);
    }

    /// The caller was asked, and the dialplan has its answer now.
    pub fn turn(&mut self, now: Instant, channel: &str, node: Option<String>, heard: Heard) {
        let Some(dialogue) = self.dialogues.open.get_mut(channel) else {
            return;
        };
        match heard.answered {
            true => (dialogue.answers, dialogue.fails_after_last_answer) = (dialogue.answers + 1, 0),
            false => dialogue.fails_after_last_answer += 1,
        }
        let from = |at: Instant| -> Duration { since(at, dialogue.since) };
        self.told.push_back(Fact::IvrTurn {
            contact: dialogue.contact.clone(),
            session: dialogue.session.clone(),
            node,
            turn: Turn {
                understood: heard.understood,
                answered: heard.answered,
                topic: heard.topic,
                speech_end: heard.speech_end.map(from),
                play_start: heard.speech_end.map(|_| from(now)),
            },
        });
    }

    /// The machine is done with this caller, if it talked with them.
    pub fn dialogue_ended(&mut self, now: Instant, channel: &str, left: IvrExit) {
        let Some(dialogue) = self.dialogues.open.remove(channel) else {
            return;
        };
        self.told.push_back(Fact::IvrLeft {
            contact: dialogue.contact,
            session: dialogue.session,
            left,
            lasted: since(now, dialogue.since),
            answers: dialogue.answers,
            fails_after_last_answer: dialogue.fails_after_last_answer,
        });
    }

    /// What a dialplan tells of its channel.
    pub fn noted(&mut self, now: Instant, who: &Contact, node: Option<String>, note: Note) {
        match note {
            Note::Listening => self.dialogue(now, who, node),
            Note::Turn(heard) => self.turn(now, &who.channel, node, heard),
            Note::Survey(score) => {
                let contact = self.contact(&who.base);
                self.told.push_back(match score {
                    Some(score) => Fact::SurveyAnswered { contact, score },
                    None => Fact::SurveyOffered { contact },
                });
            }
            Note::Callback => self.left_queue(now, &who.channel, QueueExit::Callback, None),
        }
    }
}
