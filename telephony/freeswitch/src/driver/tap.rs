//! One task for each tapped leg: tries each kind of tap, carries audio, cleans up.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{counter, histogram};
use sidetone_base::{PayloadType, SwitchOutput, TapFrame, TapKind};
use sidetone_telephony::offer;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, sleep_until, timeout};

use super::capture::Capture;
use super::dial::Dialed;
use super::hub::{Report, RequestError, Requests};
use super::leg::{Leg, Party};
use super::module::Module;
use super::module_tap::ModuleTap;
use super::others::Others;
use super::quiet::{Look, Quiet};
use super::rtp::Ports;
use super::sip::Sip;
use super::tries::Tries;
use crate::config::TapChoice;
use crate::tracker::{Input, LegLine, LegMedia};

/// A leg's hang-up refuses or ends its tap a little before the event says so: what fails within this of a
/// hang-up is no failure.
const REFUSED_GRACE: Duration = Duration::from_millis(150);
const CLOSE_GRACE: Duration = Duration::from_secs(1);
/// The switch takes a tap's media bug off within this of our goodbye.
const OFF_LIMIT: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Taps {
    pub(super) choice: TapChoice,
    /// Of a tap, until the switch is asked whether there was anything to hear.
    pub(super) silence: Duration,
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
    line: watch::Sender<LegLine>,
    _ended: oneshot::Sender<()>,
}

impl TapGuard {
    pub(super) fn tell(&self, line: LegLine) {
        self.line.send_replace(line);
    }
}

/// Why a tap gives no more.
#[derive(Debug)]
pub(super) enum TapEnd {
    /// It cannot; the next kind may.
    Failed(String),
    /// The leg's sound travels in a way that this tap does not follow; a new one may.
    Outgrown(String),
    /// A media bug that started is given nothing while this tap stands before it: the same kind again, behind it.
    InTheWay { stopped: u32 },
    /// The leg's sound goes where no tap hears it.
    Inaudible(String),
    /// The dialplan does not want the leg heard any more: no kind may, until the dialplan starts it again.
    Unwanted(String),
}

/// Which kind of tap is tried next.
enum Next {
    Same,
    Other,
    First,
}

impl From<String> for TapEnd {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
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
            Self::Sip(dialed) => Ok(arrived(dialed.next().await?)),
            Self::Module(tap) => tap.next().await,
            Self::Passive(capture) => Ok(arrived(capture.next().await?)),
        }
    }

    /// Whether nothing is to be expected of it, however much is said.
    const fn is_paused(&self) -> bool {
        matches!(self, Self::Module(tap) if tap.is_paused())
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
            Self::Sip(dialed) => dialed.check(media).map(|()| false),
            Self::Module(_) => Ok(false),
            Self::Passive(capture) => capture.follow(media),
        }
    }
}

/// The clock is read when the packet is there, not before it is waited for.
fn arrived(packet: Vec<u8>) -> (Instant, TapFrame) {
    (Instant::now(), TapFrame::Rtp(packet))
}

/// Under way while the tap is still listened to.
type Counting<'a> = Pin<Box<dyn Future<Output = Option<Option<u64>>> + Send + 'a>>;

impl Taps {
    pub(super) fn attach(self: Arc<Self>, party: Party, line: LegLine) -> TapGuard {
        let (ended, over) = oneshot::channel();
        let (leg, line) = Leg::new(party, line);
        tokio::spawn(async move {
            tokio::select! {
                () = self.run(leg) => {}
                // Dropping the work ends whatever it had begun.
                _ = over => {}
            }
        });
        TapGuard { line, _ended: ended }
    }

    async fn run(&self, mut leg: Leg) {
        let mut tries = Tries::default();
        'round: loop {
            for &kind in self.choice.kinds() {
                // Nobody promised a module; but one that is loaded needs a moment after a start of the daemon.
                let wanted = kind == TapKind::Module && self.choice == TapChoice::Auto;
                if wanted && !self.module.wait_connected(self.module.settling()).await {
                    continue;
                }
                loop {
                    match self.attempt(&mut leg, kind, &mut tries).await {
                        Next::Same => {}
                        Next::Other => break,
                        Next::First => continue 'round,
                    }
                }
            }
            let Some(pause) = tries.pause() else {
                counter!("sidetone_freeswitch_taps_given_up_total").increment(1);
                tracing::warn!(call = %leg.party.call, leg = %leg.party.leg, "no kind of tap works: the leg is given up");
                return;
            };
            sleep(pause).await;
        }
    }

    async fn attempt(&self, leg: &mut Leg, kind: TapKind, tries: &mut Tries) -> Next {
        let began = Instant::now();
        let others = Others::new(leg.line().bugs, kind);
        let (end, grace) = match self.open(leg, kind).await {
            Ok(source) => (self.carry(leg, kind, source, others).await, CLOSE_GRACE),
            Err(end) => (end, REFUSED_GRACE),
        };
        tries.lasted(began.elapsed());
        match end {
            TapEnd::InTheWay { stopped } if tries.renew() => {
                counter!("sidetone_freeswitch_taps_renewed_total").increment(1);
                let off = leg.until(|line| line.bugs.stopped > stopped);
                // Behind the other one in any case, however late its own end is told.
                let _ = timeout(OFF_LIMIT, off).await;
                Next::Same
            }
            TapEnd::InTheWay { .. } => {
                let reason = "media bugs start on the leg again and again, and each would be cut off by this tap";
                self.failed(leg, kind, reason.to_owned(), Duration::ZERO).await;
                Next::Other
            }
            TapEnd::Outgrown(reason) => {
                self.failed(leg, kind, reason, Duration::ZERO).await;
                // The last kind of all hears every codec: it only has to be made anew.
                match kind == TapKind::Eavesdrop && tries.redial() {
                    true => Next::Same,
                    false => Next::Other,
                }
            }
            TapEnd::Inaudible(reason) => {
                if kind == TapKind::Module {
                    // Whoever started it: a bug that is there while media comes back can hang the leg's thread.
                    self.requests.post(format!("uuid_sidetone {} stop", leg.party.leg));
                }
                self.failed(leg, kind, reason, REFUSED_GRACE).await;
                leg.until(|line| line.path.audible(kind).is_ok()).await;
                Next::First
            }
            TapEnd::Unwanted(reason) => {
                self.failed(leg, kind, reason, grace).await;
                leg.stopped = true;
                self.module.wait_started(leg.party.leg.as_str()).await;
                Next::Same
            }
            TapEnd::Failed(reason) => {
                self.failed(leg, kind, reason, grace).await;
                Next::Other
            }
        }
    }

    /// Says so, unless the leg goes within the grace: that drops this task.
    async fn failed(&self, leg: &Leg, kind: TapKind, reason: String, grace: Duration) {
        sleep(grace).await;
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
        leg.line().path.audible(kind).map_err(TapEnd::Inaudible)?;
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
    async fn carry(&self, leg: &mut Leg, kind: TapKind, mut source: Source, mut others: Others) -> TapEnd {
        counter!("sidetone_freeswitch_taps_attached_total", "kind" => kind.as_str()).increment(1);
        self.report_up(leg, kind, &source).await;
        let uuid = leg.party.leg.clone();
        let mut line = leg.line();
        let mut quiet = Quiet::new(self.silence, Instant::now(), line.held);
        let mut alarm = pin!(sleep_until(quiet.deadline().into()));
        let mut counting: Option<Counting<'_>> = None;
        loop {
            match follow(&mut source, kind, &mut others, &line) {
                Ok(true) => self.report_up(leg, kind, &source).await,
                Ok(false) => {}
                Err(end) => return end,
            }
            loop {
                tokio::select! {
                    frame = source.next() => {
                        let (at, frame) = match frame {
                            Ok(frame) => frame,
                            Err(end) => return end,
                        };
                        quiet.heard(Instant::now(), &frame);
                        self.deliver(leg, kind, at, frame);
                    }
                    changed = leg.changed() => {
                        line = changed;
                        quiet.held(Instant::now(), line.held);
                        break;
                    }
                    () = &mut alarm => {
                        let look = quiet.look(Instant::now(), source.is_paused());
                        if look == Look::Ask && counting.is_none() {
                            counting = Some(Box::pin(self.packets_of(uuid.as_str())));
                        }
                        alarm.as_mut().reset(quiet.deadline().into());
                    }
                    answer = answered(&mut counting) => {
                        let now = Instant::now();
                        // A switch that is away says nothing, and makes no tap either.
                        if let Some(packets) = answer && quiet.counted(now, packets) {
                            return silent(&quiet, now, packets);
                        }
                        alarm.as_mut().reset(quiet.deadline().into());
                    }
                }
            }
        }
    }

    /// How many packets of the leg the switch has received; the inner one is `None` where it cannot say.
    async fn packets_of(&self, uuid: &str) -> Option<Option<u64>> {
        let command = format!(r#"json {{"command":"mediaStats","data":{{"uuid":"{uuid}"}}}}"#);
        match self.requests.api(command).await {
            Ok(text) => Some(media_packets(&text)),
            Err(RequestError::Refused { .. } | RequestError::Command(_)) => Some(None),
            Err(RequestError::Away | RequestError::Timeout(_)) => None,
        }
    }

    fn deliver(&self, leg: &mut Leg, kind: TapKind, at: Instant, frame: TapFrame) {
        if !std::mem::replace(&mut leg.heard, true) {
            let since = leg.since.elapsed();
            histogram!("sidetone_freeswitch_attach_seconds", "kind" => kind.as_str()).record(since);
        }
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

/// What a change on the leg's channel means for its tap; `true` when the engine must hear of it.
fn follow(source: &mut Source, kind: TapKind, others: &mut Others, line: &LegLine) -> Result<bool, TapEnd> {
    line.path.audible(kind).map_err(TapEnd::Inaudible)?;
    if others.deafened(line.bugs) {
        let stopped = line.bugs.stopped;
        return Err(TapEnd::InTheWay { stopped });
    }
    match &line.media {
        Some(media) => source.follow(media).map_err(TapEnd::Outgrown),
        None => Ok(false),
    }
}

async fn answered(counting: &mut Option<Counting<'_>>) -> Option<Option<u64>> {
    let Some(question) = counting else {
        return std::future::pending().await;
    };
    let answer = question.await;
    *counting = None;
    answer
}

fn silent(quiet: &Quiet, now: Instant, packets: Option<u64>) -> TapEnd {
    let time = quiet.silent_for(now).as_secs();
    TapEnd::Failed(match packets {
        Some(_) => format!("nothing came for {time} s, while the switch goes on receiving the leg"),
        None => format!("nothing came for {time} s, and the switch has no media of the leg"),
    })
}

/// Out of the answer of `mediaStats`.
fn media_packets(answer: &str) -> Option<u64> {
    let answer: serde_json::Value = serde_json::from_str(answer.trim()).ok()?;
    let count = answer.pointer("/response/audio/in_media_packet_count")?;
    // The switch writes every number as a real one.
    count.as_f64().map(|count| count as u64)
}
