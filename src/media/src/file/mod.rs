//! Recordings, read from bytes. Nothing here opens a file.

pub mod ogg_opus;
pub mod pcap;
pub mod wav;

use std::time::Duration;

use sidetone_base::{SampleRate, TapFrame};

/// Why a recording cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Its first bytes are of no kind that is known.
    #[error("neither WAV, Ogg Opus, pcap nor pcapng; convert it with `ffmpeg -i IN OUT.wav`")]
    UnknownKind,
    /// It is of a kind that nothing here reads.
    #[error("{kind} is not read; {cure}")]
    OtherKind {
        /// Of file.
        kind: &'static str,
        /// What to do about it.
        cure: &'static str,
    },
    /// It ends before it says anything.
    #[error("{kind}: the file ends within its header")]
    Truncated {
        /// Of file.
        kind: &'static str,
    },
    /// There is nothing to hear.
    #[error("{kind}: the file holds no sound")]
    NoSound {
        /// Of file.
        kind: &'static str,
    },
    /// A capture kept only the begin of its packets.
    #[error(
        "{packets} RTP packets were cut at capture: {kept} of {sent} bytes are left of the first; \
         capture whole packets with `tcpdump -s 0`"
    )]
    Cut {
        /// How many.
        packets: usize,
        /// Bytes of the first one that are there, RTP header included.
        kept: usize,
        /// Bytes of the first one that were sent.
        sent: usize,
    },
    /// It is of a known kind, with something in it that is not understood.
    #[error("{kind}: {reason}")]
    Unsupported {
        /// Of file.
        kind: &'static str,
        /// In plain words.
        reason: String,
    },
}

/// One frame of a recording, as a tap would have given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Since the recording's begin.
    pub at: Duration,
    /// Which of the recording's legs, from 0: a channel, or a party of a captured call.
    pub leg: usize,
    /// The frame.
    pub frame: TapFrame,
}

/// Linear audio of one or more legs.
#[derive(Clone, PartialEq, Eq)]
pub struct Audio {
    /// Of all channels.
    pub rate: SampleRate,
    /// One leg each, of the same length.
    pub channels: Vec<Vec<i16>>,
}

impl std::fmt::Debug for Audio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Audio({} legs, {:?} at {})",
            self.channels.len(),
            self.length(),
            self.rate
        )
    }
}

impl Audio {
    /// How long it is.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.rate
            .duration_of(self.channels.iter().map(Vec::len).max().unwrap_or(0) as u64)
    }

    /// Its legs in 20 ms frames, in the order of time.
    pub fn frames(&self) -> impl Iterator<Item = Recorded> + '_ {
        let step = (self.rate.0 as usize / 50).max(1);
        let longest = self.channels.iter().map(Vec::len).max().unwrap_or(0);
        (0..longest).step_by(step).flat_map(move |begin| {
            self.channels.iter().enumerate().filter_map(move |(leg, channel)| {
                let samples = channel.get(begin..channel.len().min(begin + step))?.to_vec();
                let frame = TapFrame::Pcm {
                    rate: self.rate,
                    samples,
                };
                let at = self.rate.duration_of(begin as u64);
                Some(Recorded { at, leg, frame }).filter(|_| begin < channel.len())
            })
        })
    }
}

/// A recording of any kind that is known.
#[derive(Debug)]
pub enum Recording {
    /// Linear audio: WAV, Ogg Opus.
    Audio(Audio),
    /// Captured packets: pcap, pcapng.
    Capture(pcap::Capture),
}

impl Recording {
    /// Reads a file by its first bytes.
    ///
    /// # Errors
    /// When it is of no known kind, or broken.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        if wav::is_wav(bytes) {
            return wav::read(bytes).map(Self::Audio);
        }
        match bytes.get(..4) {
            Some(b"OggS") => ogg_opus::read(bytes).map(Self::Audio),
            Some(
                [0xa1, 0xb2, 0xc3, 0xd4]
                | [0xd4, 0xc3, 0xb2, 0xa1]
                | [0xa1, 0xb2, 0x3c, 0x4d]
                | [0x4d, 0x3c, 0xb2, 0xa1]
                | [0x0a, 0x0d, 0x0d, 0x0a],
            ) => pcap::read(bytes).map(Self::Capture),
            _ => Err(unread(bytes)),
        }
    }
}

/// The name of a file that nothing here reads.
fn unread(bytes: &[u8]) -> FileError {
    const CONVERT: &str = "convert it with `ffmpeg -i IN OUT.wav`";
    const KINDS: [(&[u8], &str, &str); 11] = [
        (b"ID3", "MP3", CONVERT),
        (b"\xff\xfb", "MP3", CONVERT),
        (b"\xff\xf3", "MP3", CONVERT),
        (b"fLaC", "FLAC", CONVERT),
        (b"FORM", "AIFF", CONVERT),
        (b".snd", "Sun audio", CONVERT),
        (b"#!AMR", "AMR", CONVERT),
        (b"RIFX", "big-endian WAV", CONVERT),
        (b"riff", "Wave64", CONVERT),
        (b"\x1f\x8b", "a gzip file", "unpack it with `gunzip`"),
        (b"\x28\xb5\x2f\xfd", "a zstd file", "unpack it with `unzstd`"),
    ];
    let known = KINDS.iter().find(|(begin, ..)| bytes.starts_with(begin));
    known.map_or(FileError::UnknownKind, |(_, kind, cure)| FileError::OtherKind {
        kind,
        cure,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn frames_of_two_legs_come_in_the_order_of_time() {
        let audio = Audio {
            rate: SampleRate::NARROW,
            channels: vec![vec![1; 400], vec![2; 400]],
        };
        let order: Vec<_> = audio.frames().map(|frame| (frame.at.as_millis(), frame.leg)).collect();
        assert_eq!(order, [(0, 0), (0, 1), (20, 0), (20, 1), (40, 0), (40, 1)]);
    }

    proptest! {
        #[test]
        fn garbage_is_refused_or_read(kind in 0_usize..6, tail in proptest::collection::vec(any::<u8>(), 0..400)) {
            let magic: [&[u8]; 6] = [
                b"RIFF\x10\0\0\0WAVEfmt ", b"OggS", b"\xd4\xc3\xb2\xa1\x02\0\x04\0", b"\xa1\xb2\xc3\xd4",
                b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a", b"",
            ];
            let bytes = [magic[kind], &tail].concat();
            match Recording::read(&bytes) {
                Ok(Recording::Audio(audio)) => prop_assert!(audio.frames().count() <= 1000),
                Ok(Recording::Capture(capture)) => prop_assert!(capture.calls.is_empty()),
                Err(_) => {}
            }
        }
    }
}
