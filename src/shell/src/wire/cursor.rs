//! How far one call's journal has been copied.

use std::time::{Duration, Instant};

use super::view::View;

/// A place in a journal, and what Redis is known to have of it.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    /// Where the next unread line begins.
    pub(super) offset: u64,
    /// The last event that was read.
    pub(super) read: u64,
    /// The last of those that has a place in the call's stream.
    pub(super) read_kept: u64,
    /// Partials that were read behind that one.
    pub(super) passed: u64,
    /// The last event that Redis is known to have, or to have had: a partial goes with its final.
    pub(super) confirmed: u64,
    /// The last number that the call's stream is known to have.
    pub(super) kept: u64,
    /// The stream says that it goes up to here. What lies behind `confirmed` is sent once more, without its effects,
    /// so that the stream compares: it may be somebody else's.
    pub(super) there: u64,
    /// The last event that live screens have had their chance of.
    pub(super) mirrored: u64,
    /// The call as of `read`.
    pub(super) view: View,
    /// Old events were delivered since the agents were last claimed.
    pub(super) unclaimed: bool,
    held_until: Option<Instant>,
    refusals: u32,
    done_since: Option<Instant>,
}

impl Cursor {
    /// At the beginning of a journal whose stream says that it has everything up to `confirmed`.
    pub(super) fn adopted(confirmed: u64) -> Self {
        Self {
            confirmed: confirmed.saturating_sub(1),
            kept: confirmed,
            there: confirmed,
            mirrored: confirmed,
            ..Self::default()
        }
    }

    /// Takes in how far the stream is; gives `true` when it has lost events that it had.
    pub(super) fn rewind(&mut self, stream_at: u64) -> bool {
        let lost = stream_at < self.kept;
        if stream_at != self.kept || self.read > self.confirmed {
            self.restart();
        }
        if stream_at != self.kept {
            self.confirmed = stream_at.saturating_sub(1);
            (self.kept, self.there) = (stream_at, stream_at);
        }
        self.held_until = None;
        lost
    }

    /// Reads the journal again from its first line; what Redis has is only looked at.
    pub(super) fn restart(&mut self) {
        (self.offset, self.read, self.done_since) = (0, 0, None);
        (self.read_kept, self.passed) = (0, 0);
        self.view = View::default();
    }

    /// Redis has everything up to `seq`, and nothing beyond.
    pub(super) fn confirm(&mut self, seq: u64) {
        (self.confirmed, self.kept) = (seq, seq);
    }

    /// Takes in that an event was read; gives the partials that were read since the one before that has a place in the
    /// stream, and that one's number.
    pub(super) fn reads(&mut self, seq: u64, partial: bool) -> (u64, u64) {
        self.read = seq;
        let before = (self.passed, self.read_kept);
        if partial {
            self.passed += 1;
        } else {
            (self.passed, self.read_kept) = (0, seq);
        }
        before
    }

    /// What was sent has arrived; `kept` is the last of it that has a place in the stream, if one has.
    pub(super) fn delivered(&mut self, upto: u64, kept: Option<u64>) {
        self.confirmed = self.confirmed.max(upto);
        self.kept = self.kept.max(kept.unwrap_or(0));
        self.mirrored = self.mirrored.max(upto);
        self.refusals = 0;
    }

    /// Sends nothing of the call until `until`.
    pub(super) fn hold(&mut self, until: Instant) {
        self.held_until = Some(until);
    }

    /// Whether it is being held.
    pub(super) fn held(&self, now: Instant) -> bool {
        self.held_until.is_some_and(|until| now < until)
    }

    /// Whether a hold has just ended.
    pub(super) fn released(&mut self, now: Instant) -> bool {
        let over = self.held_until.is_some() && !self.held(now);
        if over {
            self.held_until = None;
        }
        over
    }

    /// Counts a refusal; gives `true` when it is not the first in a row.
    pub(super) fn refused_before(&mut self) -> bool {
        self.refusals = self.refusals.saturating_add(1);
        self.refusals > 1
    }

    /// How long the call has been over and delivered, from the first time that this was asked.
    pub(super) fn done_for(&mut self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.done_since.get_or_insert(now))
    }
}
