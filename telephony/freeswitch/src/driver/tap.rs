//! One task for each tapped leg: tries each kind of tap once, carries audio, cleans up.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{counter, histogram};
use sidetone_base::{CallId, LegId, PayloadType, SwitchOutput, TapFrame, TapKind};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::SIGNAL_RESERVE;
use super::hub::{Report, RequestError, Requests};
use super::rtp::{self, Ports};
use super::sip::{Sip, TapNews, Ticket};
use crate::config::TapChoice;
use crate::sip::{Expected, LEG_HEADER, TAP_HEADER};
use crate::tracker::{Codec, Input, LegMedia};

/// From the request for a tap to its INVITE.
const INVITE_LIMIT: Duration = Duration::from_secs(5);
/// The switch tells a leg's codec within this.
const MEDIA_LIMIT: Duration = Duration::from_secs(3);
/// A leg's hang-up ends its tap a little before the event says so: what fails within this of a hang-up
/// is no failure.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Taps {
    pub(super) choice: TapChoice,
    pub(super) profile: String,
    pub(super) sip: Arc<Sip>,
    pub(super) ports: Ports,
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

/// The leg that a task listens to.
struct Leg {
    call: CallId,
    leg: LegId,
    media: watch::Receiver<Option<LegMedia>>,
    since: Instant,
}

impl Leg {
    async fn known_media(&mut self) -> Result<LegMedia, String> {
        let known = timeout(MEDIA_LIMIT, self.media.wait_for(Option::is_some)).await;
        let media = known.ok().and_then(Result::ok).and_then(|media| media.clone());
        media.ok_or_else(|| "the switch did not say which codec the leg has".to_owned())
    }

    /// Returns when the leg's codec is not this one any more.
    async fn recoded(&mut self, codec: &Codec) -> String {
        loop {
            if self.media.changed().await.is_err() {
                return std::future::pending().await;
            }
            let now = self.media.borrow_and_update().as_ref().map(|media| media.codec.clone());
            if let Some(now) = now.filter(|now| (&now.name, now.rate) != (&codec.name, codec.rate)) {
                return format!("the leg's codec changed from {} to {}", codec.wish(), now.wish());
            }
        }
    }
}

/// A tap by SIP that was answered.
struct Connection {
    ticket: Ticket,
    socket: UdpSocket,
    source: IpAddr,
    codec: Codec,
    payload: PayloadType,
}

impl Connection {
    /// The next packet; an error says why there is no more.
    async fn next(&mut self) -> Result<TapFrame, String> {
        loop {
            tokio::select! {
                packet = rtp::receive(&self.socket, self.source) => return packet.map(TapFrame::Rtp),
                news = self.ticket.news() => if let TapNews::Ended(reason) = news {
                    return Err(reason);
                },
            }
        }
    }
}

impl Taps {
    pub(super) fn attach(self: Arc<Self>, call: CallId, leg: LegId, media: Option<LegMedia>) -> TapGuard {
        let (ended, over) = oneshot::channel();
        let (sender, media) = watch::channel(media);
        let leg = Leg {
            call,
            leg,
            media,
            since: Instant::now(),
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
        for &kind in self.choice.kinds() {
            if matches!(kind, TapKind::Module | TapKind::Passive) {
                continue;
            }
            let reason = match self.dial(&mut leg, kind).await {
                Ok(connection) => self.carry(&mut leg, kind, connection).await,
                Err(reason) => reason,
            };
            // A leg that has gone drops this task within the grace.
            sleep(CLOSE_GRACE).await;
            counter!("sidetone_freeswitch_taps_failed_total", "kind" => kind.as_str()).increment(1);
            tracing::warn!(call = %leg.call, leg = %leg.leg, kind = kind.as_str(), %reason, "tap failed");
            let failed = Input::TapFailed {
                call: leg.call.clone(),
                leg: leg.leg.clone(),
                kind,
                reason,
            };
            self.report(failed).await;
        }
    }

    /// Returns when the tracker has passed it on.
    async fn report(&self, input: Input) {
        let (told, passed_on) = oneshot::channel();
        if self.reports.send(Report { input, told }).await.is_ok() {
            let _ = passed_on.await;
        }
    }

    /// Has the switch call us with the leg's sound.
    async fn dial(&self, leg: &mut Leg, kind: TapKind) -> Result<Connection, String> {
        let codec = match kind {
            TapKind::Eavesdrop => decoded(&leg.known_media().await?.codec),
            _ => leg.known_media().await?.codec,
        };
        let socket = self.ports.bind(self.sip.contact().ip()).await?;
        let rtp = socket.local_addr().map_err(|error| error.to_string())?;
        let tap = Uuid::new_v4().to_string();
        let command = self.originate(leg.leg.as_str(), &tap, kind, &codec)?;
        let mut ticket = self.sip.expect(Expected {
            tap,
            leg: leg.leg.as_str().to_owned(),
            codec: codec.name.clone(),
            rtp,
        });
        let refused = async {
            match self.requests.api(command).await {
                Err(RequestError::Refused { reason, .. }) => format!("the switch refused the tap: {reason}"),
                Err(error) => error.to_string(),
                Ok(_) => {
                    sleep(INVITE_LIMIT).await;
                    "the tap's channel was made, but its call did not arrive".to_owned()
                }
            }
        };
        tokio::select! {
            biased;
            news = ticket.news() => match news {
                TapNews::Accepted(media) => Ok(Connection {
                    ticket,
                    socket,
                    source: media.source.ip(),
                    codec,
                    payload: media.payload,
                }),
                TapNews::Ended(reason) => Err(reason),
            },
            reason = refused => Err(reason),
            () = sleep(INVITE_LIMIT) => Err(format!(
                "no call for the tap within {INVITE_LIMIT:?}: does profile {} reach {}?",
                self.profile, self.sip.contact()
            )),
        }
    }

    fn originate(&self, leg: &str, tap: &str, kind: TapKind, codec: &Codec) -> Result<String, String> {
        if !leg
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        {
            return Err("the leg's uuid has characters that no command can carry".to_owned());
        }
        let (application, extra) = match kind {
            TapKind::Eavesdrop => (format!("eavesdrop({leg})"), "eavesdrop_bridge_aleg=true,"),
            _ => (format!("native_eavesdrop({leg} read)"), ""),
        };
        let (at, wish, profile) = (self.sip.contact(), codec.wish(), &self.profile);
        Ok(format!(
            "originate {{origination_uuid={tap},sidetone_tap=true,sidetone_tap_at={at},absolute_codec_string={wish},\
             ignore_early_media=true,eavesdrop_enable_dtmf=false,{extra}rtp_secure_media=false,\
             origination_caller_id_name=sidetone,origination_caller_id_number=sidetone,\
             sip_h_{LEG_HEADER}={leg},sip_h_{TAP_HEADER}={tap}}}sofia/{profile}/tap@{at} '&{application}'"
        ))
    }

    /// Carries audio until it stops, and says why. When the leg leaves, the task is dropped instead.
    async fn carry(&self, leg: &mut Leg, kind: TapKind, mut connection: Connection) -> String {
        counter!("sidetone_freeswitch_taps_attached_total", "kind" => kind.as_str()).increment(1);
        self.report(Input::TapUp {
            call: leg.call.clone(),
            leg: leg.leg.clone(),
            kind,
            payload_types: vec![connection.payload.clone()],
        })
        .await;
        let codec = connection.codec.clone();
        let mut first = true;
        loop {
            tokio::select! {
                frame = connection.next() => match frame {
                    // The first packet of a native tap is stamped by another clock than those that follow.
                    Ok(_) if std::mem::take(&mut first) => {
                        histogram!("sidetone_freeswitch_attach_seconds", "kind" => kind.as_str())
                            .record(leg.since.elapsed());
                    }
                    Ok(frame) => self.deliver(leg, frame),
                    Err(reason) => return reason,
                },
                reason = leg.recoded(&codec), if kind == TapKind::Native => return reason,
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
            counter!("sidetone_freeswitch_audio_frames_total").increment(1);
        } else {
            counter!("sidetone_freeswitch_audio_dropped_total").increment(1);
        }
    }
}

/// Linear sound at the call's own rate: at any other one it plays at the wrong speed.
fn decoded(codec: &Codec) -> Codec {
    Codec {
        name: "L16".to_owned(),
        rate: codec.rate,
        // A packet of 20 ms at 48 kHz does not fit an Ethernet frame.
        ptime: if codec.rate > 16_000 { 10 } else { 20 },
    }
}
