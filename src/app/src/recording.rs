//! Recordings as calls: which files, which leg is whose, and the frames in the order of time.

mod capture;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sidetone_base::{LegId, PayloadType, Role, SampleRate, TapFrame};
use sidetone_media::codec::{Law, encode_g711};
use sidetone_media::file::{Audio, Recorded, Recording};

pub use self::capture::Payload;

/// How files are to be read as a call.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The agent's leg comes first.
    pub swap: bool,
    /// Which call of a capture, from 1.
    pub call: Option<usize>,
    /// What payload types of a capture carry, where nothing else says so.
    pub payloads: Vec<Payload>,
}

/// A recorded call of one or two legs.
#[derive(Debug)]
pub struct RecordedCall {
    files: Vec<Source>,
    /// For each role, which file and which of its legs.
    places: Vec<(Role, usize, usize)>,
    notes: Vec<String>,
}

/// One file.
#[derive(Debug)]
enum Source {
    Audio(Audio),
    Capture(capture::Chosen),
}

impl RecordedCall {
    /// Reads one file of two legs, or two files of one; the first leg is the caller's unless swapped.
    ///
    /// # Errors
    /// When a file cannot be read, or the legs are not one or two.
    pub fn open(paths: &[PathBuf], reading: &Reading) -> Result<Self, String> {
        let mut notes = Vec::new();
        let mut files = Vec::new();
        for path in paths {
            let source = match read(path)? {
                Recording::Audio(audio) => Ok(Source::Audio(audio)),
                Recording::Capture(capture) => {
                    capture::choose(capture, reading, paths.len() == 1, &mut notes).map(Source::Capture)
                }
            };
            files.push(source.map_err(|reason| format!("{}: {reason}", path.display()))?);
        }
        if !reading.payloads.is_empty() && !files.iter().any(|file| matches!(file, Source::Capture(_))) {
            return Err("--payload is about RTP: give a capture (pcap, pcapng)".to_owned());
        }
        let legs = legs(paths, &files)?;
        let roles = if reading.swap {
            [Role::Agent, Role::Caller]
        } else {
            [Role::Caller, Role::Agent]
        };
        if let ([_], [only]) = (legs.as_slice(), paths) {
            notes.push(format!(
                "{} has one voice: it is heard as the {}; give the other party's file too, if there is one",
                only.display(),
                roles[0]
            ));
        }
        let mut places: Vec<_> = roles
            .into_iter()
            .zip(legs)
            .map(|(role, (file, leg))| (role, file, leg))
            .collect();
        places.sort_by_key(|(role, ..)| *role != Role::Caller);
        Ok(Self { files, places, notes })
    }

    /// What a person should know who hears this call: in plain words.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Who is on it, with the ids that their frames carry.
    pub fn legs(&self) -> impl Iterator<Item = (LegId, Role)> + '_ {
        self.places.iter().map(|(role, _, _)| (leg_id(*role), *role))
    }

    /// What the payload types of a role's RTP carry, as far as somebody said so.
    #[must_use]
    pub fn payload_types(&self, role: Role) -> Vec<PayloadType> {
        let place = self.places.iter().find(|(own, ..)| *own == role);
        match place.and_then(|(_, file, leg)| Some((self.files.get(*file)?, *leg))) {
            Some((Source::Capture(chosen), leg)) => chosen.payload_types(leg),
            _ => Vec::new(),
        }
    }

    /// Every frame, in the order of time.
    #[must_use]
    pub fn frames(&self) -> Vec<(Duration, LegId, TapFrame)> {
        let mut frames = Vec::new();
        for (file, source) in self.files.iter().enumerate() {
            let recorded: Box<dyn Iterator<Item = Recorded> + '_> = match source {
                Source::Audio(audio) => Box::new(audio.frames()),
                Source::Capture(chosen) => Box::new(chosen.frames()),
            };
            for Recorded { at, leg, frame } in recorded {
                let place = self.places.iter().find(|(_, f, l)| (*f, *l) == (file, leg));
                if let Some((role, _, _)) = place {
                    frames.push((at, leg_id(*role), frame));
                }
            }
        }
        frames.sort_by_key(|(at, _, _)| *at);
        frames
    }

    /// Each leg as raw G.711 A-law at 8 kHz, as SIPp sends it.
    ///
    /// # Errors
    /// When the recording is a capture of packets.
    pub fn a_law(&self) -> Result<Vec<(Role, Vec<u8>)>, String> {
        self.places
            .iter()
            .map(|(role, file, leg)| match &self.files[*file] {
                Source::Audio(Audio { rate, channels }) => {
                    let narrow = sidetone_asr::audio::resample(&channels[*leg], *rate, SampleRate::NARROW);
                    Ok((*role, encode_g711(Law::A, &narrow)))
                }
                Source::Capture(_) => Err("a capture holds packets, not audio: give WAV or Opus files".to_owned()),
            })
            .collect()
    }
}

/// The file and the leg in it, for each leg of the call.
fn legs(paths: &[PathBuf], files: &[Source]) -> Result<Vec<(usize, usize)>, String> {
    let count = |file: &Source| match file {
        Source::Audio(audio) => audio.channels.len(),
        Source::Capture(chosen) => chosen.parties(),
    };
    match files {
        [one] if count(one) <= 2 => Ok((0..count(one)).map(|leg| (0, leg)).collect()),
        [one, other] if count(one) == 1 && count(other) == 1 => Ok(vec![(0, 0), (1, 0)]),
        several => {
            let held = paths.iter().zip(several).map(|(path, file)| {
                let what = if matches!(file, Source::Audio(_)) {
                    "channel(s)"
                } else {
                    "parties"
                };
                format!("{} has {} {what}", path.display(), count(file))
            });
            let held: Vec<String> = held.collect();
            Err(format!(
                "{}: give one file with a party on each of its two channels, or two files of one channel, the \
                 caller's first; `sox IN.wav OUT.wav remix 1` takes one channel out",
                held.join(", ")
            ))
        }
    }
}

fn read(path: &Path) -> Result<Recording, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Recording::read(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}

fn leg_id(role: Role) -> LegId {
    LegId::new(role.to_string())
}
