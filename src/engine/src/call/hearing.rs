//! From frames to settled turns.

use std::sync::Arc;
use std::time::Instant;

use sidetone_assist::{Sight, Turn, privacy};
use sidetone_base::{CallTime, LegId, MediaTime, Pii, Role, Said, SegmentId, TapFrame};
use sidetone_schema::{Body, FaultSeverity, Redaction, RedactionKind, SpeechEnded, SpeechStarted, Transcript};
use sidetone_speech::text::Finished;
use sidetone_speech::{AudioJob, Hypothesis, Pass, SegmentEvent, SegmentKey};

use super::Call;
use super::crosstalk::Mine;
use super::second::Sound;
use crate::leg::{Ahead, Heard, Segment, SegmentState};
use crate::port::{Effect, Recognised, Recognition, Unmasked};

/// The most confidence of a final that is what partials have shown, as the recogniser failed.
const KEPT_CONFIDENCE: f32 = 0.2;

impl Call {
    pub(super) fn audio(&mut self, now: Instant, leg: &LegId, frame: TapFrame) {
        let Some(index) = self.leg_index(leg) else { return };
        if self.legs[index].left {
            return;
        }
        let heard = self.legs[index].hear(now, frame);
        self.take_heard(now, index, heard);
        self.something_came(now, index);
    }

    pub(super) fn take_heard(&mut self, now: Instant, index: usize, heard: Vec<Heard>) {
        for heard in heard {
            match heard {
                Heard::Gap { begin, end, cause } => self.gap(index, begin, end, cause),
                Heard::Speech(SegmentEvent::Started { begin }) => self.speech_starts(now, index, begin),
                Heard::Speech(event) => self.speech(now, index, event),
            }
        }
    }

    fn speech_starts(&mut self, now: Instant, index: usize, begin: MediaTime) {
        let begin = self.legs[index].call_time(begin);
        self.open_segment(now, index, begin);
    }

    /// Names a new segment: role and begin, so that the name survives a restart; no two of a role are the same.
    pub(super) fn open_segment(&mut self, now: Instant, index: usize, begin: CallTime) {
        let role = self.legs[index].role;
        let newest = self.newest_begin.get(&role).copied();
        let unique = newest.map_or(begin.as_millis(), |last| begin.as_millis().max(last + 1));
        self.newest_begin.insert(role, unique);
        let id = SegmentId::new(format!("{role}-{unique}"));
        let withheld = self.mask.covers(begin);
        self.legs[index]
            .segments
            .push_back(Segment::new(id.clone(), begin, withheld));
        let body = Body::SpeechStarted(SpeechStarted {
            segment_id: id.to_string(),
            begin_ms: begin.as_millis(),
        });
        self.publish_leg(index, body);
        self.speech_began(now, index, &id);
    }

    fn speech(&mut self, now: Instant, index: usize, event: SegmentEvent) {
        let Some(segment) = self.legs[index].segments.back().map(|newest| newest.id.clone()) else {
            return;
        };
        match event {
            // Has a name of its own to be given first.
            SegmentEvent::Started { .. } => {}
            SegmentEvent::Grown { begin, samples, .. } => {
                // What may be the other party's is not shown.
                if let Mine::Heard { samples, .. } = self.mine(index, begin, samples) {
                    self.recognise(now, index, segment, Pass::Partial, samples);
                }
            }
            SegmentEvent::Paused { begin, end, samples } => {
                let (Mine::Heard { samples, .. } | Mine::Unsure(samples)) = self.mine(index, begin, samples) else {
                    return;
                };
                let Some(open) = self.legs[index].segment_mut(&segment) else {
                    return;
                };
                // One at a time: what is decoded of an earlier pause is of no use any more, but cannot be called back.
                if !matches!(open.ahead, Ahead::Asked { .. }) {
                    open.ahead = Ahead::Asked { end };
                    self.recognise(now, index, segment, Pass::Ahead, samples);
                }
            }
            SegmentEvent::Ended {
                begin,
                end,
                speech_end,
                samples,
                ..
            } => {
                let mine = self.mine(index, begin, samples);
                self.speech_ended(now, index, segment, mine, (end, speech_end));
            }
        }
    }

    /// A segment is whole: it is settled by what was decoded ahead of its end, or read now. `end` is that of its samples.
    fn speech_ended(
        &mut self,
        now: Instant,
        index: usize,
        segment: SegmentId,
        mine: Mine,
        (end, speech_end): (MediaTime, MediaTime),
    ) {
        let leg = &mut self.legs[index];
        let speech_end = leg.call_time(speech_end);
        leg.crosstalk_segments += u64::from(mine.is_cut());
        let Some(open) = leg.segment_mut(&segment) else { return };
        let begin = open.begin;
        let speech_end = speech_end.max(begin);
        let (outcome, samples) = match (mine, std::mem::take(&mut open.ahead)) {
            (Mine::Nothing, _) => (Some(Recognition::Silence), Arc::default()),
            (Mine::Heard { samples, from }, ahead) => {
                open.begin.0 += from.unwrap_or_default();
                (ahead.of(end), samples)
            }
            (Mine::Unsure(samples), ahead) => (ahead.of(end), samples),
        };
        open.state = match outcome {
            Some(outcome) => SegmentState::Settled { speech_end, outcome },
            None => SegmentState::Waiting { speech_end, since: now },
        };
        if self.config.second.is_some() {
            open.samples = Arc::clone(&samples);
        }
        let waits = matches!(open.state, SegmentState::Waiting { .. });
        self.listen_for_copies(index, begin, speech_end);
        let ended = SpeechEnded {
            segment_id: segment.to_string(),
            begin_ms: begin.as_millis(),
            end_ms: speech_end.as_millis(),
        };
        self.publish_leg(index, Body::SpeechEnded(ended));
        if waits {
            self.recognise(now, index, segment, Pass::Final, samples);
        } else {
            self.release_settled(now, index);
        }
    }

    fn recognise(&mut self, now: Instant, index: usize, segment: SegmentId, pass: Pass, samples: Arc<[i16]>) {
        let within = match pass {
            Pass::Partial => self.config.partial_within,
            Pass::Ahead | Pass::Final | Pass::Again => self.config.final_within,
        };
        let key = SegmentKey {
            call: self.id.clone(),
            leg: self.legs[index].id.clone(),
            segment,
        };
        self.effects.push_back(Effect::Recognise(AudioJob {
            key,
            pass,
            samples,
            deadline: now + within,
            words: None,
        }));
    }

    pub(super) fn recognised(&mut self, now: Instant, answer: Recognised) {
        let Recognised {
            key,
            pass,
            outcome,
            waited,
        } = answer;
        if pass == Pass::Again {
            return self.read_again(&key, outcome);
        }
        let Some(index) = self.leg_index(&key.leg) else { return };
        let Some(segment) = self.legs[index].segment_mut(&key.segment) else {
            return;
        };
        let asked = now.checked_sub(waited).unwrap_or(now);
        match (pass, &mut segment.state) {
            (Pass::Partial, SegmentState::Open) => {
                if let Recognition::Text(hypothesis) = outcome {
                    self.partial(now, asked, index, &key.segment, &hypothesis);
                }
            }
            (Pass::Final, SegmentState::Waiting { speech_end, .. }) => {
                segment.state = SegmentState::Settled {
                    speech_end: *speech_end,
                    outcome,
                };
                self.release_settled(now, index);
            }
            (Pass::Ahead, SegmentState::Open) => {
                let heard = match &outcome {
                    Recognition::Text(hypothesis) => Some(hypothesis.clone()),
                    _ => None,
                };
                segment.ahead = match (std::mem::take(&mut segment.ahead), outcome) {
                    (Ahead::Asked { end }, outcome @ (Recognition::Text(_) | Recognition::Silence)) => {
                        Ahead::Known { end, outcome }
                    }
                    _ => Ahead::Unasked,
                };
                if let Some(heard) = heard {
                    let text = self.parts.text.finish_hypothesis(&heard).text;
                    let head = (text.as_str(), text.chars().count());
                    self.glimpse((asked, now), index, &key.segment, head, heard.confidence, Sight::Clear);
                }
            }
            // What comes after its segment has closed and is no final says nothing new.
            _ => {}
        }
    }

    /// Shows what is heard so far, and lets assist have a glimpse of it.
    fn partial(&mut self, now: Instant, asked: Instant, index: usize, id: &SegmentId, heard: &Hypothesis) {
        let parts = Arc::clone(&self.parts);
        let Some(segment) = self.legs[index].segment_mut(id) else {
            return;
        };
        let settled = segment.settler.take(heard, &parts.text);
        if settled.text.is_empty() {
            return;
        }
        segment.heard = Some((settled.text.clone(), heard.confidence));
        let withheld = segment.withheld;
        let head = (settled.text.as_str(), settled.decided);
        let sight = Sight::of_reading(heard.confidence);
        self.glimpse((asked, now), index, id, head, heard.confidence, sight);
        let end = self.call_time(now);
        let (text, redactions) = self.mask(index, &settled.text, false, withheld);
        // What is stable is so behind the mask, too: a number that goes on is not.
        let head: String = settled.text.chars().take(settled.stable).collect();
        let stable = if withheld { 0 } else { privacy::stable(&head) };
        let Some(segment) = self.legs[index].segment_mut(id) else {
            return;
        };
        let shown = (text, stable);
        if segment.shown == shown {
            return;
        }
        segment.rev += 1;
        segment.shown.clone_from(&shown);
        let begin = segment.begin;
        let (text, _) = shown;
        let confidence = heard.confidence;
        let transcript = transcript(id.as_str(), segment.rev, begin, end, text, redactions, confidence);
        let stable = Some(stable);
        self.publish_leg(index, Body::TranscriptPartial(Transcript { stable, ..transcript }));
    }

    /// Lets assist look at the first characters of what a caller has said so far; its sound was there when it was asked
    /// for.
    fn glimpse(
        &mut self,
        (asked, now): (Instant, Instant),
        index: usize,
        id: &SegmentId,
        (text, count): (&str, usize),
        confidence: f32,
        sight: Sight,
    ) {
        if !self.config.early_hints || self.legs[index].role != Role::Caller {
            return;
        }
        let Some(segment) = self.legs[index].segment_mut(id).filter(|segment| !segment.withheld) else {
            return;
        };
        let begin = segment.begin;
        let head: String = text.chars().take(count).collect();
        // Behind the mask, too, a number that goes on is none yet.
        let count = privacy::decided(&head);
        let masked = self.legs[index].masker.glance(&head).text;
        let turn = Turn {
            segment: id.clone(),
            role: Role::Caller,
            text: masked.chars().take(count).collect(),
            begin,
            end: self.call_time(now),
            confidence,
        };
        let leg = self.legs[index].id.clone();
        self.stages.glimpse((leg, turn), sight, asked, now);
    }

    /// Says every final at the front of the leg's queue whose text is here.
    pub(super) fn release_settled(&mut self, now: Instant, index: usize) {
        while matches!(
            self.legs[index].segments.front(),
            Some(Segment {
                state: SegmentState::Settled { .. },
                ..
            })
        ) {
            let Some(segment) = self.legs[index].segments.pop_front() else {
                return;
            };
            self.effects.push_back(Effect::Forget(SegmentKey {
                call: self.id.clone(),
                leg: self.legs[index].id.clone(),
                segment: segment.id.clone(),
            }));
            self.say(now, index, segment);
        }
    }

    /// Publishes a settled segment and hands it on to assist.
    fn say(&mut self, now: Instant, index: usize, segment: Segment) {
        let SegmentState::Settled { speech_end, outcome } = segment.state else {
            return;
        };
        // An operator who asks for it now wants what was said just before withheld, too.
        let withheld = segment.withheld || self.mask.is_on();
        let (text, confidence) = match outcome {
            Recognition::Text(hypothesis) => {
                let Finished { text, credits } = self.parts.text.finish_hypothesis(&hypothesis);
                self.legs[index].credits += credits as u64;
                (text, hypothesis.confidence)
            }
            Recognition::Silence | Recognition::Shed => (String::new(), 0.0),
            Recognition::Failed(reason) => self.keep_what_was_heard(index, &segment.id, segment.heard, &reason),
        };
        if text.is_empty() {
            self.said_nothing(now, index, &segment.id);
        }
        // A reader that has seen partials of what was no speech is told to clear them.
        if text.is_empty() && segment.rev == 0 {
            return;
        }
        let sound = Sound::of(&self.legs[index], segment.samples);
        let (masked, redactions) = self.mask(index, &text, true, withheld);
        self.tell_unmasked(index, &segment.id, &text, withheld || redactions.is_empty());
        let plain = !withheld && redactions.is_empty();
        let (id, rev, begin) = (segment.id, segment.rev + 1, segment.begin);
        let turn = Turn {
            segment: id.clone(),
            role: self.legs[index].role,
            text: masked.clone(),
            begin,
            end: speech_end,
            confidence,
        };
        let body = Transcript {
            is_final: true,
            stable: Some(masked.chars().count()),
            ..transcript(id.as_str(), rev, begin, speech_end, masked, redactions, confidence)
        };
        if !withheld {
            self.final_said(index, &body, sound.filter(|_| plain));
        }
        self.publish_leg(index, Body::TranscriptFinal(body));
        self.finals += 1;
        self.pass_on(now, index, turn, withheld);
    }

    /// A final's text, masked, goes to what understands it. Of one that an operator has withheld nothing is understood; that something
    /// was said is all that a dialplan may know.
    fn pass_on(&mut self, now: Instant, index: usize, turn: Turn, withheld: bool) {
        if turn.text.is_empty() || withheld {
            let withdrawn = self.stages.nothing_came(&turn.segment);
            self.push(withdrawn);
        }
        if turn.text.is_empty() {
            return;
        }
        let ended = self.instant_of(turn.end);
        if withheld {
            let said = Said {
                text: turn.text,
                confidence: turn.confidence,
                ended: Some(ended),
                ..Said::default()
            };
            return self.say_to_dialplan(&turn.segment, &said);
        }
        let leg = self.legs[index].id.clone();
        self.stages.hear((leg, turn), ended, now);
    }

    /// Tells what a final covers, where somebody may read it. What an operator has withheld is told to nobody.
    fn tell_unmasked(&mut self, index: usize, id: &SegmentId, text: &str, nothing: bool) {
        if nothing || !self.config.unmasked {
            return;
        }
        let leg = &self.legs[index];
        self.effects.push_back(Effect::Unmasked(Unmasked {
            leg: leg.id.clone(),
            role: leg.role,
            agent: self.agent.clone(),
            segment: id.clone(),
            text: Pii::new(text.to_owned()),
        }));
    }

    /// The recogniser failed on a segment: what its partials have shown is its text, if there was any.
    fn keep_what_was_heard(
        &mut self,
        index: usize,
        id: &SegmentId,
        heard: Option<(String, f32)>,
        reason: &str,
    ) -> (String, f32) {
        self.legs[index].finals_lost += 1;
        let left = match &heard {
            Some(_) => "keeps the text of its last partial",
            None => "has no text",
        };
        let message = format!("segment {id} {left}: {reason}");
        self.fault(Some(index), "recogniser_failed", message, FaultSeverity::Degraded);
        heard.map_or((String::new(), 0.0), |(text, confidence)| {
            (text, confidence.min(KEPT_CONFIDENCE))
        })
    }

    /// Personal data out; everything out of what an operator has asked to withhold.
    fn mask(&mut self, index: usize, text: &str, settled: bool, withheld: bool) -> (String, Vec<Redaction>) {
        if withheld {
            let end = text.chars().count();
            return (
                "*".repeat(end),
                vec![Redaction {
                    kind: RedactionKind::Withheld,
                    begin: 0,
                    end,
                }],
            );
        }
        if settled {
            // "您的身份证号是多少" makes what the other party says next personal, and read back it still is.
            let others = self.legs.iter_mut().enumerate().filter(|(other, _)| *other != index);
            others.for_each(|(_, leg)| leg.masker.hear_other(text));
        }
        let masked = self.legs[index].masker.mask(text, settled);
        (masked.text, masked.redactions)
    }

    /// Finals that were never answered do not hold up those behind them.
    pub(super) fn give_up_overdue(&mut self, now: Instant) {
        let timeout = self.config.final_timeout;
        self.lose_waiting(now, |since| now >= since + timeout);
    }

    /// The call is over and its time to drain too.
    pub(super) fn lose_all_waiting(&mut self) {
        self.lose_waiting(self.now, |_| true);
        self.legs.iter_mut().for_each(|leg| leg.segments.clear());
    }

    fn lose_waiting(&mut self, now: Instant, overdue: impl Fn(Instant) -> bool) {
        for index in 0..self.legs.len() {
            for segment in &mut self.legs[index].segments {
                if let SegmentState::Waiting { speech_end, since } = segment.state
                    && overdue(since)
                {
                    let outcome = Recognition::Failed("the recogniser did not answer in time".to_owned());
                    segment.state = SegmentState::Settled { speech_end, outcome };
                }
            }
            self.release_settled(now, index);
        }
    }
}

fn transcript(
    segment_id: &str,
    rev: u32,
    begin: CallTime,
    end: CallTime,
    text: String,
    redactions: Vec<Redaction>,
    confidence: f32,
) -> Transcript {
    Transcript {
        segment_id: segment_id.to_owned(),
        rev,
        is_final: false,
        begin_ms: begin.as_millis(),
        end_ms: end.as_millis(),
        text,
        confidence,
        redactions,
        lang: "zh".to_owned(),
        stable: None,
    }
}
