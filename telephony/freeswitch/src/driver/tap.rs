//! One task for each tapped leg: tries each kind of tap once, carries audio, cleans up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{counter, histogram};
use sidetone_base::{AgentId, CallId, LegId, PayloadType, Role, SwitchOutput, TapFrame, TapKind};
use sidetone_telephony::offer;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use super::capture::Capture;
use super::dial::Dialed;
use super::hub::{Report, Requests};
use super::module::Module;
use super::module_tap::ModuleTap;
use super::rtp::Ports;
use super::sip::Sip;
use crate::config::TapChoice;
use crate::tracker::{Codec, Input, LegMedia};

/// The switch tells a leg's codec within this.
const MEDIA_LIMIT: Duration = Duration::from_secs(3);
/// A leg's hang-up refuses or ends its tap a little before the event says so: what fails within this of a
/// hang-up is no failure.
const REFUSED_GRACE: Duration = Duration::from_millis(150);
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// How often a leg is tapped anew because its sampling rate changed.
const REDIALS: usize = 3;

#[derive(Debug)]
pub(super) struct Taps {
    pub(super) choice: TapChoice,
    pub(super) profile: String,
    pub(super) sip: Arc<Sip>,
    pub(super) ports: Ports,
    pub(super) module: Arc<Module>,
    pub(super) requests: Requests,
    pub(super) reports: mpsc::Sender<Report>,
    pub(super) output: mpsc::Sender<SwitchOutput>,
}

/// Dropping it ends the tap.
#[derive(Debug)]
pub(super) struct TapGuard {
    media: watch::Sender<Option<LegMedia>>,
    _ended: oneshot::Sender<()>,
}

impl TapGuard {
    pub(super) fn media(&self, media: LegMedia) {
        self.media.send_replace(Some(media));
    }
}

/// Why a tap gives no more.
#[derive(Debug)]
pub(super) enum TapEnd {
    /// It cannot; the next kind may.
    Failed(String),
    /// The leg's sound travels in a way that this tap does not follow; a new one may.
    Outgrown(String),
    /// The dialplan does not want the leg heard any more: no kind may, until the dialplan starts it again.
    Unwanted(String),
}

impl From<String> for TapEnd {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

/// Whose leg it is.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) call: CallId,
    pub(super) leg: LegId,
    pub(super) role: Role,
    pub(super) agent: Option<AgentId>,
}

/// The leg that a task listens to.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) party: Party,
    media: watch::Receiver<Option<LegMedia>>,
    since: Instant,
    /// The dialplan stopped it: whether it is heard again is the dialplan's to say.
    pub(super) stopped: bool,
}

impl Leg {
    pub(super) async fn known_media(&mut self) -> Result<LegMedia, String> {
        let known = timeout(MEDIA_LIMIT, self.media.wait_for(Option::is_some)).await;
        let media = known.ok().and_then(Result::ok).and_then(|media| media.clone());
        media.ok_or_else(|| "the switch did not say which codec the leg has".to_owned())
    }

    /// Returns when the leg's sound travels differently.
    async fn changed(&mut self) -> LegMedia {
        loop {
            if self.media.changed().await.is_err() {
                return std::future::pending().await;
            }
            if let Some(media) = self.media.borrow_and_update().clone() {
                return media;
            }
        }
    }
}

/// A tap that works, of whatever kind.
pub(super) enum Source {
    Sip(Dialed),
    Module(ModuleTap),
    Passive(Box<Capture>),
}

impl Source {
    /// The next frame and when it was captured.
    async fn next(&mut self) -> Result<(Instant, TapFrame), TapEnd> {
        match self {
            Self::Sip(dialed) => Ok((Instant::now(), TapFrame::Rtp(dialed.next().await?))),
            Self::Module(tap) => tap.next().await,
            Self::Passive(capture) => Ok((Instant::now(), TapFrame::Rtp(capture.next().await?))),
        }
    }

    fn payload_types(&self) -> Vec<PayloadType> {
        match self {
            Self::Sip(dialed) => vec![dialed.payload.clone()],
            Self::Module(_) => Vec::new(),
            Self::Passive(capture) => vec![capture.payload.clone()],
        }
    }

    /// Follows the leg to where its sound travels now; `true` when the engine must hear of it.
    fn follow(&mut self, media: &LegMedia) -> Result<bool, String> {
        match self {
            Self::Sip(dialed) => dialed.check(&media.codec).map(|()| false),
            Self::Module(_) => Ok(false),
            Self::Passive(capture) => capture.follow(media),
        }
    }
}

impl Taps {
    pub(super) fn attach(self: Arc<Self>, party: Party, media: Option<LegMedia>) -> TapGuard {
        let (ended, over) = oneshot::channel();
        let (sender, media) = watch::channel(media);
        let leg = Leg {
            party,
            media,
            since: Instant::now(),
            stopped: false,
        };
        tokio::spawn(async move {
            tokio::select! {
                () = self.run(leg) => {}
                // Dropping the work ends whatever it had begun.
                _ = over => {}
            }
        });
        TapGuard {
            media: sender,
            _ended: ended,
        }
    }

    async fn run(&self, mut leg: Leg) {
        let mut again = REDIALS;
        for &kind in self.choice.kinds() {
            // Nobody promised a module; but one that is loaded needs a moment after a start of the daemon.
            let wanted = kind == TapKind::Module && self.choice == TapChoice::Auto;
            if wanted && !self.module.wait_connected(self.module.settling()).await {
                continue;
            }
            loop {
                let (end, grace) = match self.open(&mut leg, kind).await {
                    Ok(source) => (self.carry(&mut leg, kind, source).await, CLOSE_GRACE),
                    Err(end) => (end, REFUSED_GRACE),
                };
                let outgrown = matches!(end, TapEnd::Outgrown(_));
                let unwanted = matches!(end, TapEnd::Unwanted(_));
                self.failed(&leg, kind, end, grace).await;
                if unwanted {
                    leg.stopped = true;
                    self.module.wait_started(leg.party.leg.as_str()).await;
                    continue;
                }
                // The last kind of all hears every codec: it only has to be made anew.
                if !outgrown || kind != TapKind::Eavesdrop || again == 0 {
                    break;
                }
                again -= 1;
            }
        }
    }

    async fn failed(&self, leg: &Leg, kind: TapKind, end: TapEnd, grace: Duration) {
        let reason = match end {
            TapEnd::Outgrown(reason) => reason,
            TapEnd::Failed(reason) | TapEnd::Unwanted(reason) => {
                // A leg that has gone drops this task within the grace.
                sleep(grace).await;
                reason
            }
        };
        counter!("sidetone_freeswitch_taps_failed_total", "kind" => kind.as_str()).increment(1);
        let (call, id) = (leg.party.call.clone(), leg.party.leg.clone());
        tracing::warn!(%call, leg = %id, kind = kind.as_str(), %reason, "tap failed");
        self.report(Input::TapFailed {
            call,
            leg: id,
            kind,
            reason,
        })
        .await;
    }

    async fn open(&self, leg: &mut Leg, kind: TapKind) -> Result<Source, TapEnd> {
        match kind {
            TapKind::Module => self.open_module(leg).await.map(Source::Module),
            TapKind::Passive => {
                let media = leg.known_media().await?;
                let capture = Capture::open(&media)?;
                Ok(Source::Passive(Box::new(capture)))
            }
            _ => Ok(Source::Sip(self.dial(leg, kind).await?)),
        }
    }

    /// Returns when the tracker has passed it on.
    async fn report(&self, input: Input) {
        let (told, passed_on) = oneshot::channel();
        if self.reports.send(Report { input, told }).await.is_ok() {
            let _ = passed_on.await;
        }
    }

    async fn report_up(&self, leg: &Leg, kind: TapKind, source: &Source) {
        self.report(Input::TapUp {
            call: leg.party.call.clone(),
            leg: leg.party.leg.clone(),
            kind,
            payload_types: source.payload_types(),
        })
        .await;
    }

    /// Carries audio until it stops, and says why. When the leg leaves, the task is dropped instead.
    async fn carry(&self, leg: &mut Leg, kind: TapKind, mut source: Source) -> TapEnd {
        counter!("sidetone_freeswitch_taps_attached_total", "kind" => kind.as_str()).increment(1);
        self.report_up(leg, kind, &source).await;
        let mut first = true;
        loop {
            tokio::select! {
                frame = source.next() => {
                    let (at, frame) = match frame {
                        Ok(frame) => frame,
                        Err(end) => return end,
                    };
                    if std::mem::take(&mut first) {
                        let since = leg.since.elapsed();
                        histogram!("sidetone_freeswitch_attach_seconds", "kind" => kind.as_str()).record(since);
                    }
                    self.deliver(leg, at, frame);
                }
                media = leg.changed() => match source.follow(&media) {
                    Ok(true) => self.report_up(leg, kind, &source).await,
                    Ok(false) => {}
                    Err(reason) => return TapEnd::Outgrown(reason),
                },
            }
        }
    }

    fn deliver(&self, leg: &Leg, at: Instant, frame: TapFrame) {
        let audio = SwitchOutput::Audio {
            call: leg.party.call.clone(),
            leg: leg.party.leg.clone(),
            at,
            frame,
        };
        if offer(&self.output, audio) {
            counter!("sidetone_freeswitch_audio_frames_total").increment(1);
        } else {
            counter!("sidetone_freeswitch_audio_dropped_total").increment(1);
        }
    }
}

/// Linear sound at the call's own rate: at any other one it plays at the wrong speed.
pub(super) fn decoded(codec: &Codec) -> Codec {
    Codec {
        name: "L16".to_owned(),
        rate: codec.rate,
        // A packet of 20 ms at 48 kHz does not fit an Ethernet frame.
        ptime: if codec.rate > 16_000 { 10 } else { 20 },
    }
}
