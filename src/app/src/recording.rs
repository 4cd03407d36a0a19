//! Recordings as calls: which files, which leg is whose, and the frames in the order of time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sidetone_base::{LegId, Role, SampleRate, TapFrame};
use sidetone_media::codec::{Law, encode_g711};
use sidetone_media::file::{Audio, Recorded, Recording};

/// A recorded call of two legs.
pub struct RecordedCall {
    files: Vec<Recording>,
    /// For each role, which file and which of its legs.
    places: Vec<(Role, usize, usize)>,
}

impl RecordedCall {
    /// Reads one file of two legs, or two files of one; the first leg is the caller's unless `swap`.
    ///
    /// # Errors
    /// When a file cannot be read, or the legs are not one or two.
    pub fn open(paths: &[PathBuf], swap: bool) -> Result<Self, String> {
        let files = paths.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        let mut legs: Vec<(usize, usize)> = match files.as_slice() {
            [Recording::Capture(capture)] => {
                let (first, second) = capture
                    .conversation()
                    .ok_or("the capture holds no two RTP streams; capture both directions")?;
                vec![(0, first), (0, second)]
            }
            [one] => (0..one.legs()).map(|leg| (0, leg)).collect(),
            several => several.iter().enumerate().map(|(file, _)| (file, 0)).collect(),
        };
        if legs.is_empty() || legs.len() > 2 {
            return Err(format!(
                "{} legs: give one file of one or two legs, or two mono files",
                legs.len()
            ));
        }
        if swap {
            legs.reverse();
        }
        let roles = [Role::Caller, Role::Agent];
        let places = roles
            .into_iter()
            .zip(legs)
            .map(|(role, (file, leg))| (role, file, leg))
            .collect();
        Ok(Self { files, places })
    }

    /// Who is on it, with the ids that their frames carry.
    pub fn legs(&self) -> impl Iterator<Item = (LegId, Role)> + '_ {
        self.places.iter().map(|(role, _, _)| (leg_id(*role), *role))
    }

    /// Every frame, in the order of time.
    #[must_use]
    pub fn frames(&self) -> Vec<(Duration, LegId, TapFrame)> {
        let mut frames = Vec::new();
        for (file, recording) in self.files.iter().enumerate() {
            for Recorded { at, leg, frame } in recording.frames() {
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
                Recording::Audio(Audio { rate, channels }) => {
                    let narrow = sidetone_asr::audio::resample(&channels[*leg], *rate, SampleRate::NARROW);
                    Ok((*role, encode_g711(Law::A, &narrow)))
                }
                Recording::Capture(_) => Err("a capture holds packets, not audio: give WAV or Opus files".to_owned()),
            })
            .collect()
    }
}

fn read(path: &Path) -> Result<Recording, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Recording::read(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}

fn leg_id(role: Role) -> LegId {
    LegId::new(role.to_string())
}
