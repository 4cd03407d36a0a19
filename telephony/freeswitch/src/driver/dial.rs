//! Taps by SIP: the switch is asked to call us with the leg's sound.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use sidetone_base::{PayloadType, TapKind};
use tokio::net::UdpSocket;
use tokio::time::sleep;
use uuid::Uuid;

use super::hub::RequestError;
use super::leg::Leg;
use super::rtp;
use super::sip::{TapNews, Ticket};
use super::tap::Taps;
use crate::sip::{Expected, LEG_HEADER, TAP_HEADER};
use crate::tracker::{Codec, LegMedia};

/// From the request for a tap to its INVITE.
const INVITE_LIMIT: Duration = Duration::from_secs(5);

/// A tap that was answered. Dropping it says goodbye.
pub(super) struct Dialed {
    ticket: Ticket,
    socket: UdpSocket,
    /// What the offer says; and whence the switch signals: behind an address translation the offer says another.
    sources: Vec<IpAddr>,
    /// What the leg spoke when the tap was made.
    leg: Codec,
    /// Whether another codec of the leg ends it.
    native: bool,
    pub(super) payload: PayloadType,
    begun: bool,
}

impl Dialed {
    /// The next packet; an error says why there is no more.
    pub(super) async fn next(&mut self) -> Result<Vec<u8>, String> {
        loop {
            tokio::select! {
                packet = rtp::receive(&self.socket, &self.sources) => {
                    let packet = packet?;
                    // The first one is stamped by another clock than those that follow.
                    if std::mem::replace(&mut self.begun, true) {
                        return Ok(packet);
                    }
                }
                news = self.ticket.news() => if let TapNews::Ended(reason) = news {
                    return Err(reason);
                },
            }
        }
    }

    /// Whether the tap still fits the leg.
    pub(super) fn check(&self, media: &LegMedia) -> Result<(), String> {
        if !self.native {
            mono(media)?;
        }
        let now = &media.codec;
        let same = now.rate == self.leg.rate && (!self.native || now.name == self.leg.name);
        if same {
            return Ok(());
        }
        Err(format!(
            "the leg's codec changed from {} to {}",
            self.leg.wish(),
            now.wish()
        ))
    }
}

impl Taps {
    pub(super) async fn dial(&self, leg: &mut Leg, kind: TapKind) -> Result<Dialed, String> {
        let media = leg.known_media().await?;
        let native = kind == TapKind::Native;
        if native {
            media.codec.decodable()?;
        } else {
            mono(&media)?;
        }
        let spoken = media.codec;
        let codec = if native { spoken.clone() } else { decoded(&spoken) };
        let socket = self.ports.bind(self.sip.local_ip()).await?;
        let bound = socket.local_addr().map_err(|error| error.to_string())?;
        let rtp = SocketAddr::new(self.sip.contact().ip(), bound.port());
        let tap = Uuid::new_v4().to_string();
        let command = self.originate(leg.party.leg.as_str(), &tap, native, &codec)?;
        let mut ticket = self.sip.expect(Expected {
            tap,
            leg: leg.party.leg.as_str().to_owned(),
            codec: codec.name,
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
                TapNews::Accepted(media) => Ok(Dialed {
                    ticket,
                    socket,
                    sources: self.sip.allowed().iter().copied().chain([media.source.ip()]).collect(),
                    leg: spoken,
                    native,
                    payload: media.payload,
                    begun: false,
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

    fn originate(&self, leg: &str, tap: &str, native: bool, codec: &Codec) -> Result<String, String> {
        speakable(leg)?;
        let (application, extra) = if native {
            (format!("native_eavesdrop({leg} read)"), "")
        } else {
            (format!("eavesdrop({leg})"), "eavesdrop_bridge_aleg=true,")
        };
        let (at, wish, profile) = (self.sip.contact(), codec.wish(), &self.profile);
        // The tap gets no packet from us: a profile's rtp-timeout-sec (300 as shipped) would end it; a day does not.
        // Single quotes: without them the application's argument after the blank is lost.
        Ok(format!(
            "originate {{origination_uuid={tap},sidetone_tap=true,sidetone_tap_at={at},absolute_codec_string={wish},\
             ignore_early_media=true,eavesdrop_enable_dtmf=false,{extra}rtp_secure_media=false,media_timeout=86400000,\
             origination_caller_id_name=sidetone,origination_caller_id_number=sidetone,\
             sip_h_{LEG_HEADER}={leg},sip_h_{TAP_HEADER}={tap}}}sofia/{profile}/tap@{at} '&{application}'"
        ))
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

/// `eavesdrop` puts what it hears back into the leg. Of two channels it puts back half: the other party gets every
/// second packet until the call ends, whatever codec the tap asks for.
fn mono(media: &LegMedia) -> Result<(), String> {
    if media.stereo {
        return Err(format!(
            "the leg speaks {} in two channels, which eavesdrop would harm for the other party: it takes the tap native or module",
            media.codec.name
        ));
    }
    Ok(())
}

/// A uuid that was chosen by somebody may hold anything; a command may not.
pub(super) fn speakable(uuid: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if !uuid.is_empty() && uuid.chars().all(plain) {
        return Ok(());
    }
    Err("the leg's uuid has characters that no command can carry".to_owned())
}
