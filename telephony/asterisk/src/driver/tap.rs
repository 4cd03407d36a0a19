//! One task for each tapped leg: attaches, carries audio, tries again or another way, cleans up.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::counter;
use sidetone_base::{CallId, LegId, SwitchOutput, TapFrame, TapKind};
use sidetone_telephony::within;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::SIGNAL_RESERVE;
use super::ari::Ari;
use super::attempts::{Attempts, Next};
use super::audio::{Connection, Waiting};
use super::hub::Requests;
use super::quiet::{Quiet, Verdict};
use crate::ami::audiosocket_spy;
use crate::config::TapChoice;
use crate::tracker::Input;

/// From the switch's word that a tap is made to its audio connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// A leg's hang-up ends its tap a little before the manager says so: what fails within this of a
/// hang-up is no failure.
const HANGUP_GRACE: Duration = Duration::from_millis(150);
const CLOSE_GRACE: Duration = Duration::from_secs(1);
/// Phones are told to send to each other as soon as they are bridged; after this it has been done.
const DIRECT_AFTER: Duration = Duration::from_secs(1);
/// A shorter silence says nothing: a busy host is late by this much.
pub(super) const SHORTEST_SILENCE: Duration = Duration::from_millis(500);
/// Legs that are tried again at the same time.
pub(super) const AGAIN_AT_ONCE: usize = 8;

#[derive(Debug)]
pub(super) struct Taps {
    pub(super) choice: TapChoice,
    /// Whether legs that run from phone to phone are tapped, too.
    pub(super) direct_media: bool,
    /// Without sound for this long a tap is looked at.
    pub(super) silence: Duration,
    pub(super) again: Semaphore,
    /// Dropped with the last tap.
    pub(super) _alive: mpsc::Sender<Infallible>,
    /// `host:port` of the audio server as the switch reaches it.
    pub(super) target: String,
    pub(super) ari: Arc<Ari>,
    pub(super) requests: Requests,
    pub(super) waiting: Waiting,
    pub(super) reports: mpsc::Sender<Input>,
    pub(super) output: mpsc::Sender<SwitchOutput>,
}

/// Dropping it ends the tap.
#[derive(Debug)]
pub(super) struct TapGuard(#[allow(dead_code, reason = "its drop is its meaning")] oneshot::Sender<()>);

struct Leg {
    call: CallId,
    leg: LegId,
    ended: oneshot::Receiver<()>,
}

/// How an attempt ended while its leg was there.
struct Failed {
    reason: String,
    /// From the first to the last sound; zero for one that never brought any.
    lived: Duration,
    /// How long to wait for news of the leg's hang-up, which explains it.
    grace: Duration,
}

impl Taps {
    pub(super) fn attach(self: Arc<Self>, call: CallId, leg: LegId) -> TapGuard {
        let (guard, ended) = oneshot::channel();
        tokio::spawn(async move { self.run(Leg { call, leg, ended }).await });
        TapGuard(guard)
    }

    async fn run(&self, mut leg: Leg) {
        if !self.direct_media && self.is_direct(&mut leg).await {
            return;
        }
        // A snoop channel enters the application only while its connection stands: after a start the
        // manager may tell of calls before ARI is there.
        let up = tokio::select! {
            up = async { self.choice != TapChoice::ChanSpy && self.ari.is_up().await } => up,
            _ = &mut leg.ended => return,
        };
        let mut attempts = Attempts::new(match self.choice {
            TapChoice::Snoop => &[TapKind::Snoop],
            TapChoice::Auto if up => &[TapKind::Snoop, TapKind::ChanSpy],
            TapChoice::Auto | TapChoice::ChanSpy => &[TapKind::ChanSpy],
        });
        let mut lived = Duration::ZERO;
        loop {
            match attempts.next(lived) {
                Next::Try(kind) => {
                    let Some(failed) = self.attempt(&mut leg, kind, attempts.is_again()).await else {
                        return;
                    };
                    lived = failed;
                }
                Next::Wait(wait) => {
                    if timeout(wait, &mut leg.ended).await.is_ok() {
                        return;
                    }
                    counter!("sidetone_asterisk_tap_rounds_total").increment(1);
                    lived = Duration::ZERO;
                }
                Next::GiveUp => {
                    counter!("sidetone_asterisk_taps_given_up_total").increment(1);
                    tracing::warn!(call = %leg.call, leg = %leg.leg, "the leg is given up: no tap of it has lived");
                    return;
                }
            }
        }
    }

    /// Taps one way, and says how long that lived; `None` when the leg has left, or nobody listens any more.
    async fn attempt(&self, leg: &mut Leg, kind: TapKind, again: bool) -> Option<Duration> {
        // Of many legs that have lost their taps a few are tried at a time: the switch has other work.
        let permit = match again {
            true => tokio::select! {
                permit = self.again.acquire() => permit.ok(),
                _ = &mut leg.ended => return None,
            },
            false => None,
        };
        let id = Uuid::new_v4();
        let (_ticket, connected) = self.waiting.expect(id);
        let connected = self.connect(leg, kind, id, connected).await;
        drop(permit);
        let attached = matches!(connected, Some(Ok(_)));
        let failed = match connected {
            None => None,
            Some(Err(reason)) => Some(Failed {
                reason,
                lived: Duration::ZERO,
                grace: HANGUP_GRACE,
            }),
            Some(Ok(connection)) => self.carry(leg, kind, connection).await,
        };
        if kind == TapKind::Snoop {
            self.ari.discard(id).await;
        }
        let failed = failed?;
        if timeout(failed.grace, &mut leg.ended).await.is_ok() {
            return None;
        }
        counter!("sidetone_asterisk_taps_failed_total", "kind" => kind.as_str()).increment(1);
        let reason = failed.reason;
        tracing::warn!(call = %leg.call, leg = %leg.leg, kind = kind.as_str(), %reason, "tap failed");
        if attached || !again {
            let (call, leg) = (leg.call.clone(), leg.leg.clone());
            let failed = Input::TapFailed {
                call,
                leg,
                kind,
                reason,
            };
            self.reports.send(failed).await.ok()?;
        }
        Some(failed.lived)
    }

    /// `None` when the leg left first.
    async fn connect(
        &self,
        leg: &mut Leg,
        kind: TapKind,
        id: Uuid,
        mut connected: oneshot::Receiver<Connection>,
    ) -> Option<Result<Connection, String>> {
        let gone = |connection: Result<Connection, _>| connection.map_err(|_| "the audio server is gone".to_owned());
        let attaching = async {
            if kind == TapKind::ChanSpy {
                let spy = self.requests.send(audiosocket_spy(leg.leg.as_str(), &self.target, id));
                let refused = async {
                    match spy.await {
                        Ok(_) => sleep(CONNECT_LIMIT).await,
                        Err(error) => return error.to_string(),
                    }
                    "the ChanSpy channel made no audio connection: is chan_audiosocket loaded?".to_owned()
                };
                return tokio::select! {
                    // The audio connection is the proof; what the switch says of it later adds nothing.
                    biased;
                    connection = &mut connected => gone(connection),
                    reason = refused => Err(reason),
                };
            }
            // It connects before it is bridged, and is of no use without.
            let made = self.ari.snoop(leg.leg.as_str(), id, &self.target).await;
            made.map_err(|error| error.to_string())?;
            match within(CONNECT_LIMIT, &mut connected).await {
                Some(connection) => gone(connection),
                None => Err("the snoop tap made no audio connection: is chan_audiosocket loaded?".to_owned()),
            }
        };
        tokio::select! {
            biased;
            result = attaching => Some(result),
            _ = &mut leg.ended => None,
        }
    }

    /// Carries audio until the leg leaves (`None`) or the audio stops.
    async fn carry(&self, leg: &mut Leg, kind: TapKind, mut connection: Connection) -> Option<Failed> {
        counter!("sidetone_asterisk_taps_attached_total", "kind" => kind.as_str()).increment(1);
        let up = Input::TapUp {
            call: leg.call.clone(),
            leg: leg.leg.clone(),
            kind,
        };
        self.reports.send(up).await.ok()?;
        let since = Instant::now();
        let mut quiet = Quiet::new(kind);
        loop {
            let verdict = tokio::select! {
                frame = within(self.silence, connection.next()) => match frame {
                    Some(Ok(frame)) => {
                        quiet.sound();
                        self.deliver(leg, frame);
                        continue;
                    }
                    Some(Err(reason)) => return Some(Failed { reason, lived: since.elapsed(), grace: CLOSE_GRACE }),
                    None => quiet.silent(),
                },
                _ = &mut leg.ended => return None,
            };
            let verdict = match verdict {
                Verdict::Ask => tokio::select! {
                    count = self.requests.received(leg.leg.as_str()) => quiet.received(count),
                    _ = &mut leg.ended => return None,
                },
                verdict => verdict,
            };
            if let Verdict::Broken(reason) = verdict {
                counter!("sidetone_asterisk_taps_silent_total", "kind" => kind.as_str()).increment(1);
                let lived = since.elapsed().saturating_sub(self.silence);
                let reason = reason.to_owned();
                return Some(Failed {
                    reason,
                    lived,
                    grace: CLOSE_GRACE,
                });
            }
        }
    }

    /// Whether the leg runs from phone to phone; said, and not tapped then.
    async fn is_direct(&self, leg: &mut Leg) -> bool {
        let direct = async {
            sleep(DIRECT_AFTER).await;
            self.requests.is_direct(leg.leg.as_str()).await
        };
        let direct = tokio::select! {
            direct = direct => direct,
            _ = &mut leg.ended => return true,
        };
        if direct {
            counter!("sidetone_asterisk_taps_direct_total").increment(1);
            let failed = Input::TapFailed {
                call: leg.call.clone(),
                leg: leg.leg.clone(),
                kind: TapKind::Snoop,
                reason: "its sound runs from phone to phone, and asterisk.tap_direct_media is off".to_owned(),
            };
            // Nobody listens any more: then there is nothing to be told.
            let _ = self.reports.send(failed).await;
        }
        direct
    }

    fn deliver(&self, leg: &Leg, frame: TapFrame) {
        let output = SwitchOutput::Audio {
            call: leg.call.clone(),
            leg: leg.leg.clone(),
            at: Instant::now(),
            frame,
        };
        let room = self.output.capacity() > SIGNAL_RESERVE;
        if room && self.output.try_send(output).is_ok() {
            counter!("sidetone_asterisk_audio_frames_total").increment(1);
        } else {
            counter!("sidetone_asterisk_audio_dropped_total").increment(1);
        }
    }
}
