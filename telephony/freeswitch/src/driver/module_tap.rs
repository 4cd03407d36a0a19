//! A leg as `mod_sidetone` hears it.

use std::time::{Duration, Instant};

use sidetone_base::{SampleRate, TapFrame};
use sidetone_mod_wire::{Audio, LegEnd};
use sidetone_telephony::within;
use tokio::sync::mpsc;

use super::dial::speakable;
use super::hub::{RequestError, Requests};
use super::leg::Leg;
use super::module::LegNews;
use super::tap::{TapEnd, Taps};

/// From the request for a tap to its first frame: a leg that is read gives one each 20 ms, speaking or not.
const FIRST_LIMIT: Duration = Duration::from_secs(3);

/// As the module says it.
const TAPPED_ALREADY: &str = "tapped already";

/// Why a tap ended that the dialplan wanted no more.
const STOPPED: &str = "the dialplan stopped the module's tap";

/// The module tries again each second.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

pub(super) struct ModuleTap {
    news: mpsc::Receiver<LegNews>,
    first: Option<Audio>,
    paused: bool,
    /// When the switch's `captured` was zero: as the module says, or earlier if a quicker frame tells so.
    origin: Option<Instant>,
    /// To be stopped by whoever started it: a leg may leave its call and live on.
    ours: Option<(Requests, String)>,
}

impl Drop for ModuleTap {
    fn drop(&mut self) {
        if let Some((requests, uuid)) = self.ours.take() {
            requests.post(format!("uuid_sidetone {uuid} stop"));
        }
    }
}

impl ModuleTap {
    pub(super) async fn next(&mut self) -> Result<(Instant, TapFrame), TapEnd> {
        let audio = match self.first.take() {
            Some(audio) => audio,
            None => self.hear().await?,
        };
        let at = self.time_of(&audio);
        let rate = SampleRate(audio.rate);
        let samples = audio.samples;
        Ok((at, TapFrame::Pcm { rate, samples }))
    }

    /// Whether the dialplan has it say nothing.
    pub(super) const fn is_paused(&self) -> bool {
        self.paused
    }

    async fn hear(&mut self) -> Result<Audio, TapEnd> {
        loop {
            match self.news.recv().await {
                Some(LegNews::Began(began)) => self.origin = Some(began),
                Some(LegNews::Paused(paused)) => self.paused = paused,
                Some(LegNews::Audio(audio)) => return Ok(audio),
                Some(LegNews::Stopped(LegEnd::Stopped)) => {
                    self.ours = None;
                    return Err(TapEnd::Unwanted(STOPPED.to_owned()));
                }
                Some(LegNews::Stopped(end)) => {
                    return Err(format!("the module's tap ended: {}", end.as_str()).into());
                }
                None => return Err("the connection of mod_sidetone is gone".to_owned().into()),
            }
        }
    }

    /// Frames come in batches; when they were captured is what counts.
    fn time_of(&mut self, audio: &Audio) -> Instant {
        let now = Instant::now();
        let origin = now.checked_sub(audio.captured).unwrap_or(now);
        let origin = self.origin.map_or(origin, |known| known.min(origin));
        self.origin = Some(origin);
        origin + audio.captured
    }
}

impl Taps {
    pub(super) async fn open_module(&self, leg: &Leg) -> Result<ModuleTap, TapEnd> {
        if !self.module.wait_connected(CONNECT_LIMIT).await {
            return Err(
                "mod_sidetone is not connected: is it loaded, and is freeswitch.module.socket its socket?"
                    .to_owned()
                    .into(),
            );
        }
        let uuid = leg.party.leg.as_str();
        speakable(uuid)?;
        let (news, started) = self.module.listen(uuid);
        if leg.stopped && !started {
            return Err(TapEnd::Unwanted(STOPPED.to_owned()));
        }
        let mut ours = (!started).then(|| (self.requests.clone(), uuid.to_owned()));
        if !started {
            let mut command = format!("uuid_sidetone {uuid} start role={}", leg.party.role);
            // A name that no command can carry is known to us all the same.
            if let Some(agent) = leg
                .party
                .agent
                .as_ref()
                .filter(|agent| speakable(agent.as_str()).is_ok())
            {
                command.push_str(&format!(" agent={agent}"));
            }
            match self.requests.api(command).await {
                Ok(_) => {}
                // A module that has just come back has not told of all its legs yet.
                Err(RequestError::Refused { reason, .. }) if reason.contains(TAPPED_ALREADY) => ours = None,
                Err(error) => return Err(error.to_string().into()),
            }
        }
        let mut tap = ModuleTap {
            news,
            first: None,
            paused: false,
            origin: None,
            ours,
        };
        let first = within(FIRST_LIMIT, tap.hear()).await;
        tap.first = Some(first.ok_or_else(|| format!("no frame from mod_sidetone within {FIRST_LIMIT:?}"))??);
        Ok(tap)
    }
}
