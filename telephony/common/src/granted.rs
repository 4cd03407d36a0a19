//! Carries a wish out, within its limit, whatever the rest of the daemon does: a caller waits.

use std::time::Duration;

use sidetone_base::{Answer, LegId, Question, Said, Summary};
use tokio::time::timeout;

use crate::facts::{Heard, Note};
use crate::{Asks, Order, Orders, Wanted, Wish, variables};

/// For questions whose answer is known already.
const KNOWN_LIMIT: Duration = Duration::from_secs(3);

/// How a wish went, as channel variables. Names are `text`, `slot_region`; a switch puts its prefix before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// For the variable `status`: `ok`, `heard`, `silence`, `gone` or `error`. To be set last, so that it never
    /// speaks of what is not there yet.
    pub status: &'static str,
    /// What else is set; an empty value clears what an earlier question left.
    pub variables: Vec<(String, String)>,
}

impl Granted {
    /// A status and nothing else.
    #[must_use]
    pub const fn plain(status: &'static str) -> Self {
        Self {
            status,
            variables: Vec::new(),
        }
    }
}

impl<C: Clone> Orders<C> {
    /// Carries a wish out for the channel whose leg this is.
    pub async fn grant(&self, asks: &Asks, channel: &C, leg: &str, wish: &Wish) -> Granted {
        let leg = LegId::new(leg);
        let (question, limit) = match *wish {
            Wish::Start => return told(self.want(channel, Wanted::Heard).await),
            Wish::Stop => return told(self.want(channel, Wanted::Ended).await),
            Wish::Pause => return told(self.want(channel, Wanted::Paused).await),
            Wish::Resume => return told(self.want(channel, Wanted::Continued).await),
            Wish::Survey { score } => return noted(self.tell(channel, Note::Survey(score))),
            Wish::Callback => return noted(self.tell(channel, Note::Callback)),
            Wish::Listen { within, limit } => (Question::Listen { leg, within }, limit),
            Wish::Answer => (Question::Last { leg }, KNOWN_LIMIT),
            Wish::Wrapup => (Question::Summary, KNOWN_LIMIT),
        };
        if hears(&question) {
            self.tell(channel, Note::Listening);
        }
        let mut ask = asks.open();
        // A dialplan that listens without having said `start` means both.
        let hear = hears(&question);
        let order = Order::ask(channel, ask.id, question, hear);
        let asked = async {
            match self.send(order).await {
                Some(true) => Some(ask.answered().await),
                Some(false) => Some(Answer::Gone),
                None => None,
            }
        };
        let wrapup = *wish == Wish::Wrapup;
        let answer = timeout(limit, asked).await;
        if let (true, Some(turn)) = (hear, turn(answer.as_ref().ok())) {
            self.tell(channel, Note::Turn(turn));
        }
        match answer {
            Ok(Some(answer)) => answered(&answer, wrapup),
            Ok(None) | Err(_) => Granted {
                status: "error",
                variables: nothing(wrapup),
            },
        }
    }
}

const fn hears(question: &Question) -> bool {
    matches!(question, Question::Listen { .. })
}

const fn noted(told: bool) -> Granted {
    Granted::plain(if told { "ok" } else { "error" })
}

/// What a turn came to; of one that nobody was there for there is nothing to tell.
fn turn(answer: Option<&Option<Answer>>) -> Option<Heard> {
    match answer {
        Some(Some(answer)) => Heard::of(answer),
        _ => Some(Heard::default()),
    }
}

fn answered(answer: &Answer, wrapup: bool) -> Granted {
    let status = match answer {
        Answer::Heard(_) => "heard",
        Answer::Summary(_) => "ok",
        Answer::Silence => "silence",
        Answer::Gone => "gone",
    };
    let variables = match answer {
        Answer::Heard(said) => variables::heard(said),
        Answer::Summary(so_far) => variables::summary(so_far),
        Answer::Silence | Answer::Gone => nothing(wrapup),
    };
    Granted { status, variables }
}

/// Clears what an earlier question left.
fn nothing(wrapup: bool) -> Vec<(String, String)> {
    if wrapup {
        variables::summary(&Summary::default())
    } else {
        variables::heard(&Said::default())
    }
}

/// `Some` says whether there is such a call; `None` that nobody took the order.
const fn told(heard: Option<bool>) -> Granted {
    Granted::plain(match heard {
        Some(true) => "ok",
        Some(false) => "gone",
        None => "error",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets the tracker's task answer as `engine` says, and gives what the dialplan gets.
    fn grant(wish: &str, engine: impl Fn(&Order<()>) -> Option<Answer>) -> Granted {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let (orders, mut received) = Orders::new();
            let asks = Asks::default();
            let wish = Wish::parse(wish).unwrap();
            let granted = {
                let tracker = async {
                    while let Some(mut order) = received.recv().await {
                        let answer = engine(&order);
                        let Some(done) = order.done.take() else { continue };
                        let _ = done.send(answer != Some(Answer::Gone));
                        if let (Some((ask, _)), Some(answer)) = (&order.question, answer) {
                            asks.answer(*ask, answer);
                        }
                    }
                };
                tokio::select! {
                    granted = orders.grant(&asks, &(), "leg", &wish) => granted,
                    () = tracker => panic!(),
                }
            };
            // What nobody waited for.
            while let Ok(order) = received.try_recv() {
                engine(&order);
            }
            granted
        })
    }

    #[test]
    fn every_wish_is_granted_in_time() {
        let heard = Answer::Heard(Said {
            text: "你好".to_owned(),
            ..Said::default()
        });
        for (wish, answer, status) in [
            ("start", None, "ok"),
            ("stop", Some(Answer::Gone), "gone"),
            ("listen", Some(heard), "heard"),
            ("listen", Some(Answer::Silence), "silence"),
            ("listen", Some(Answer::Gone), "gone"),
            ("answer", None, "error"),
            ("wrapup", Some(Answer::Summary(Summary::default())), "ok"),
            ("listen?timeout=100&limit=200", None, "error"),
        ] {
            assert_eq!(grant(wish, |_| answer.clone()).status, status, "{wish} {answer:?}");
        }
    }

    #[test]
    fn a_turn_and_what_it_came_to_is_told_of_listening_alone() {
        let notes = |wish: &str, answer: &Answer| {
            let notes = std::cell::RefCell::new(Vec::new());
            grant(wish, |order| {
                notes.borrow_mut().extend(order.note.clone());
                order.question.is_some().then(|| answer.clone())
            });
            notes.into_inner()
        };
        let heard = Answer::Heard(Said {
            topic: Some("unemployment_benefit".to_owned()),
            ..Said::default()
        });
        let told = Heard {
            understood: true,
            topic: Some("unemployment_benefit".to_owned()),
            ..Heard::default()
        };
        assert_eq!(notes("listen", &heard), [Note::Listening, Note::Turn(told)]);
        assert!(notes("answer", &heard).is_empty());
        assert_eq!(notes("survey?score=3", &heard), [Note::Survey(Some(3))]);
        assert_eq!(turn(Some(&Some(Answer::Gone))), None);
        assert_eq!(turn(None), Some(Heard::default()));
    }

    #[test]
    fn an_answer_that_does_not_come_clears_the_one_before() {
        let cleared = |wish: &str, name: &str| {
            let variables = grant(wish, |_| None).variables;
            variables.contains(&(name.to_owned(), String::new()))
        };
        assert!(cleared("listen", "topic") && cleared("answer", "slot_region") && cleared("wrapup", "summary"));
        assert!(!cleared("listen", "summary"));
    }

    #[test]
    fn listening_starts_and_looking_back_does_not() {
        for (wish, hears) in [("listen", true), ("answer", false), ("wrapup", false)] {
            grant(wish, |order| {
                let starts = order.wanted == Some(Wanted::Heard);
                assert!(order.note.is_some() || starts == hears, "{wish}");
                Some(Answer::Silence)
            });
        }
    }
}
