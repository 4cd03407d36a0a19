//! One speech object of the dialplan, from its setup to its end.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sidetone_base::{Answer, Said, TapFrame};

use super::message::{self, Message};
use super::{Codec, Decoder, MessageError};

/// A hole in the sound this long parts two rounds: the dialplan has done something else meanwhile.
pub const ROUND_GAP: Duration = Duration::from_secs(1);
/// Sound that stops for this long is followed by silence of our own, so that the utterance finds its end: a
/// telephone that sends no silence says nothing more.
const FILL_AFTER: Duration = Duration::from_millis(400);
const FILL: Duration = Duration::from_millis(800);
/// Without sound for this long nobody waits for a result.
const ROUND_OVER: Duration = Duration::from_secs(10);

/// What the session wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this text.
    Send(String),
    /// A round begins: somebody is heard, and what they say next is asked for.
    Begin,
    /// The question of this round is asked again.
    Ask,
    /// Sound of this round.
    Audio(TapFrame),
    /// The round is over; its question is not waited for any more.
    End,
}

/// A state machine: messages, sound, answers in; [`Effect`]s out.
#[derive(Debug, Default)]
pub struct Session {
    sound: Option<Decoder>,
    round: Option<Round>,
    last: Option<Said>,
    serial: u64,
    effects: VecDeque<Effect>,
}

#[derive(Debug)]
struct Round {
    heard: Instant,
    filled: bool,
}

impl Session {
    /// Of a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the switch has said what it sends.
    #[must_use]
    pub const fn is_set_up(&self) -> bool {
        self.sound.is_some()
    }

    /// A message of the switch.
    ///
    /// # Errors
    /// When it is none; the connection is of no more use.
    pub fn text(&mut self, text: &str) -> Result<(), MessageError> {
        let reply = match Message::parse(text)? {
            Message::Setup { id, codecs } => match codecs.iter().find_map(|name| Codec::from_name(name)) {
                Some(codec) => {
                    self.sound = Some(Decoder::new(codec));
                    message::setup_done(&id, codec)
                }
                None => message::refused("setup", &id, "none of these codecs: slin16, slin, ulaw, alaw are known"),
            },
            Message::Get { id, params } => {
                let known = message::got(&id, &params, self.last.as_ref());
                known.unwrap_or_else(|| message::refused("get", &id, "no such setting"))
            }
            Message::Set { id } => message::set_done(&id),
            Message::Unknown { id, request } => message::refused(&request, &id, "no such request"),
            Message::Response { error } => {
                if let Some(error) = error {
                    tracing::warn!(error, "the switch did not take a speech result");
                }
                return Ok(());
            }
        };
        self.effects.push_back(Effect::Send(reply));
        Ok(())
    }

    /// Sound of the caller; before the setup it is nobody's.
    pub fn audio(&mut self, now: Instant, bytes: &[u8]) {
        if self.sound.is_none() {
            return;
        }
        if let Some(round) = &self.round
            && now.saturating_duration_since(round.heard) >= ROUND_GAP
        {
            self.end();
        }
        if self.round.is_none() {
            self.last = None;
            self.effects.push_back(Effect::Begin);
        }
        self.round = Some(Round {
            heard: now,
            filled: false,
        });
        if let Some(sound) = &mut self.sound {
            let frame = sound.decode(bytes);
            self.effects.push_back(Effect::Audio(frame));
        }
    }

    /// What came of the round's question.
    pub fn answered(&mut self, answer: Answer) {
        if self.round.is_none() {
            return;
        }
        match answer {
            Answer::Heard(said) => {
                self.serial += 1;
                let results = message::set_results(self.serial, &said);
                self.effects.push_back(Effect::Send(results));
                self.last = Some(said);
                self.end();
            }
            // The dialplan has patience of its own.
            Answer::Silence => self.effects.push_back(Effect::Ask),
            Answer::Summary(_) | Answer::Gone => self.end(),
        }
    }

    /// When [`Self::wake`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let round = self.round.as_ref()?;
        let after = if round.filled { ROUND_OVER } else { FILL_AFTER };
        Some(round.heard + after)
    }

    /// Time has passed.
    pub fn wake(&mut self, now: Instant) {
        let (Some(sound), Some(round)) = (&self.sound, self.round.as_mut()) else {
            return;
        };
        let quiet = now.saturating_duration_since(round.heard);
        if quiet >= ROUND_OVER {
            self.end();
        } else if quiet >= FILL_AFTER && !round.filled {
            round.filled = true;
            let rate = sound.codec().rate();
            let samples = vec![0; rate.samples_in(FILL) as usize];
            self.effects.push_back(Effect::Audio(TapFrame::Pcm { rate, samples }));
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn end(&mut self) {
        if self.round.take().is_some() {
            self.effects.push_back(Effect::End);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        session: Session,
        start: Instant,
    }

    impl Bench {
        fn new() -> Self {
            let mut session = Session::new();
            session
                .text(r#"{"request":"setup","id":"1","codecs":[{"name":"opus"},{"name":"alaw"}]}"#)
                .unwrap();
            let mut bench = Self {
                session,
                start: Instant::now(),
            };
            assert_eq!(
                bench.told(),
                r#"send {"codecs":[{"name":"alaw"}],"id":"1","response":"setup"}"#
            );
            bench
        }

        fn sound(&mut self, from_ms: u64, to_ms: u64) {
            for ms in (from_ms..to_ms).step_by(20) {
                self.wake_until(ms);
                self.session.audio(self.start + Duration::from_millis(ms), &[0xd5; 160]);
            }
        }

        fn wake_until(&mut self, ms: u64) {
            let now = self.start + Duration::from_millis(ms);
            while let Some(at) = self.session.deadline().filter(|at| *at <= now) {
                self.session.wake(at);
            }
        }

        /// Sound is `.`, a filled hole `_`.
        fn told(&mut self) -> String {
            let mut told = String::new();
            while let Some(effect) = self.session.poll() {
                match effect {
                    Effect::Send(text) => told.push_str(&format!("send {text}")),
                    Effect::Begin => told.push_str("begin"),
                    Effect::Ask => told.push_str("ask"),
                    Effect::End => told.push_str("end"),
                    Effect::Audio(TapFrame::Pcm { samples, .. }) => {
                        told.push(if samples.len() > 200 { '_' } else { '.' });
                    }
                    Effect::Audio(TapFrame::Rtp(_)) => panic!(),
                }
            }
            told
        }
    }

    fn heard() -> Answer {
        Answer::Heard(Said {
            text: "你好".to_owned(),
            confidence: 0.5,
            ..Said::default()
        })
    }

    #[test]
    fn a_round_begins_with_sound_and_ends_with_its_result() {
        let mut bench = Bench::new();
        bench.sound(0, 60);
        assert_eq!(bench.told(), "begin...");
        bench.session.answered(heard());
        let told = bench.told();
        assert!(
            told.starts_with(r#"send {"id":"sidetone-1","params":{"results":"#),
            "{told}"
        );
        assert!(told.ends_with("end"), "{told}");
        bench.session.answered(Answer::Gone);
        assert_eq!(bench.told(), "");
        bench
            .session
            .text(r#"{"request":"get","id":"7","params":["results"]}"#)
            .unwrap();
        assert!(bench.told().contains(r#""text":"你好""#));
        bench.sound(5_000, 5_020);
        assert_eq!(bench.told(), "begin.");
        bench
            .session
            .text(r#"{"request":"get","id":"8","params":["results"]}"#)
            .unwrap();
        assert!(
            bench.told().contains(r#""results":[]"#),
            "a new round, nothing heard in it"
        );
    }

    #[test]
    fn frames_of_any_size_are_the_same_sound() {
        let listen = |size: usize| {
            let mut session = Session::new();
            session
                .text(r#"{"request":"setup","id":1,"codecs":[{"name":"slin16"}]}"#)
                .unwrap();
            let bytes: Vec<u8> = (0..3_330u32).map(|n| (n * 7) as u8).collect();
            bytes
                .chunks(size)
                .for_each(|frame| session.audio(Instant::now(), frame));
            let mut heard = Vec::new();
            while let Some(effect) = session.poll() {
                if let Effect::Audio(TapFrame::Pcm { samples, .. }) = effect {
                    heard.extend(samples);
                }
            }
            heard
        };
        assert_eq!(listen(333), listen(320));
        assert_eq!(listen(1), listen(3_330));
    }

    #[test]
    fn a_telephone_that_sends_no_silence_is_given_some() {
        let mut bench = Bench::new();
        bench.sound(0, 40);
        bench.wake_until(900);
        assert_eq!(bench.told(), "begin.._");
        bench.sound(900, 940);
        assert_eq!(bench.told(), "..", "the same round");
        bench.wake_until(20_000);
        assert_eq!(bench.told(), "_end");
        assert_eq!(bench.session.deadline(), None);
    }

    #[test]
    fn after_a_hole_the_old_question_is_forgotten() {
        let mut bench = Bench::new();
        bench.sound(0, 20);
        bench.sound(1_020, 1_040);
        assert_eq!(bench.told(), "begin._endbegin.");
    }

    #[test]
    fn silence_is_asked_again_and_gone_ends_the_round() {
        let mut bench = Bench::new();
        bench.sound(0, 20);
        bench.session.answered(Answer::Silence);
        bench.session.answered(Answer::Gone);
        assert_eq!(bench.told(), "begin.askend");
    }

    #[test]
    fn requests_are_answered_whatever_they_are() {
        let mut bench = Bench::new();
        for (request, reply) in [
            (
                r#"{"request":"set","id":"2","params":{"dtmf":"1"}}"#,
                r#"{"id":"2","response":"set"}"#,
            ),
            (
                r#"{"request":"get","id":"3","params":["speed"]}"#,
                r#"{"error_msg":"no such setting","id":"3","response":"get"}"#,
            ),
            (
                r#"{"request":"dance","id":"4"}"#,
                r#"{"error_msg":"no such request","id":"4","response":"dance"}"#,
            ),
        ] {
            bench.session.text(request).unwrap();
            assert_eq!(bench.told(), format!("send {reply}"));
        }
        let mut session = Session::new();
        session.audio(Instant::now(), &[0; 160]);
        assert_eq!(session.poll(), None, "sound before the setup");
        session
            .text(r#"{"request":"setup","id":"1","codecs":[{"name":"opus"}]}"#)
            .unwrap();
        assert!(!session.is_set_up());
    }
}
