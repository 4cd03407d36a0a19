//! One task for each tapped leg: attaches, carries audio, falls back once, cleans up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::counter;
use sidetone_base::{CallId, LegId, SwitchOutput, TapFrame, TapKind};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::SIGNAL_RESERVE;
use super::ari::Ari;
use super::audio::{Connection, Waiting};
use super::hub::Requests;
use crate::ami::audiosocket_spy;
use crate::config::TapChoice;
use crate::tracker::Input;

/// From the switch's word that a tap is made to its audio connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// A leg's hang-up ends its tap a little before the manager says so: what fails within this of a
/// hang-up is no failure.
const HANGUP_GRACE: Duration = Duration::from_millis(150);
const CLOSE_GRACE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Taps {
    pub(super) choice: TapChoice,
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

impl Taps {
    pub(super) fn attach(self: Arc<Self>, call: CallId, leg: LegId) -> TapGuard {
        let (guard, ended) = oneshot::channel();
        tokio::spawn(async move { self.run(Leg { call, leg, ended }).await });
        TapGuard(guard)
    }

    async fn run(&self, mut leg: Leg) {
        // A snoop channel enters the application only while its connection stands: after a start the
        // manager may tell of calls before ARI is there.
        let up = tokio::select! {
            up = async { self.choice != TapChoice::ChanSpy && self.ari.is_up().await } => up,
            _ = &mut leg.ended => return,
        };
        let kinds: &[TapKind] = match self.choice {
            TapChoice::Snoop => &[TapKind::Snoop],
            TapChoice::Auto if up => &[TapKind::Snoop, TapKind::ChanSpy],
            TapChoice::Auto | TapChoice::ChanSpy => &[TapKind::ChanSpy],
        };
        for &kind in kinds {
            let (reason, grace) = match self.connect(&mut leg, kind).await {
                Some(Ok(connection)) => {
                    counter!("sidetone_asterisk_taps_attached_total", "kind" => kind.as_str()).increment(1);
                    let up = Input::TapUp {
                        call: leg.call.clone(),
                        leg: leg.leg.clone(),
                        kind,
                    };
                    if self.reports.send(up).await.is_err() {
                        return;
                    }
                    match self.carry(&mut leg, connection).await {
                        Some(reason) => (reason, CLOSE_GRACE),
                        None => return,
                    }
                }
                Some(Err(reason)) => (reason, HANGUP_GRACE),
                None => return,
            };
            if timeout(grace, &mut leg.ended).await.is_ok() {
                return;
            }
            counter!("sidetone_asterisk_taps_failed_total", "kind" => kind.as_str()).increment(1);
            tracing::warn!(call = %leg.call, leg = %leg.leg, kind = kind.as_str(), %reason, "tap failed");
            let failed = Input::TapFailed {
                call: leg.call.clone(),
                leg: leg.leg.clone(),
                kind,
                reason,
            };
            if self.reports.send(failed).await.is_err() {
                return;
            }
        }
    }

    /// `None` when the leg left first; whatever was made for it is taken away again.
    async fn connect(&self, leg: &mut Leg, kind: TapKind) -> Option<Result<Connection, String>> {
        let id = Uuid::new_v4();
        let (_ticket, mut connected) = self.waiting.expect(id);
        let made = async {
            match kind {
                TapKind::ChanSpy => {
                    let spy = audiosocket_spy(leg.leg.as_str(), &self.target, id);
                    self.requests
                        .send(spy)
                        .await
                        .map(|_| ())
                        .map_err(|error| error.to_string())
                }
                _ => self
                    .ari
                    .snoop(leg.leg.as_str(), id, &self.target)
                    .await
                    .map_err(|error| error.to_string()),
            }
        };
        let arrival = async {
            made.await?;
            sleep(CONNECT_LIMIT).await;
            Err(match kind {
                TapKind::ChanSpy => "the ChanSpy channel made no audio connection: is chan_audiosocket loaded?",
                _ => "the snoop channel made no audio connection: is the context sidetone-tap in the dialplan?",
            }
            .to_owned())
        };
        let result = tokio::select! {
            // The audio connection is the proof; what the switch says of it later adds nothing.
            biased;
            connection = &mut connected => connection.map_err(|_| "the audio server is gone".to_owned()),
            failed = arrival => failed,
            _ = &mut leg.ended => {
                if kind == TapKind::Snoop {
                    self.ari.discard(id).await;
                }
                return None;
            }
        };
        if result.is_err() && kind == TapKind::Snoop {
            self.ari.discard(id).await;
        }
        Some(result)
    }

    /// Carries audio until the leg leaves (`None`) or the audio stops (why).
    async fn carry(&self, leg: &mut Leg, mut connection: Connection) -> Option<String> {
        loop {
            tokio::select! {
                frame = connection.next() => match frame {
                    Ok(frame) => self.deliver(leg, frame),
                    Err(reason) => return Some(reason),
                },
                _ = &mut leg.ended => return None,
            }
        }
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
