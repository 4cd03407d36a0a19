//! RIFF WAVE: 16-bit linear, A-law and µ-law. The last two are what switches record.

use sidetone_base::SampleRate;

use super::{Audio, FileError};
use crate::codec::{Law, decode_g711};

const KIND: &str = "WAV";

struct Format {
    tag: u16,
    channels: usize,
    rate: u32,
    bits: u16,
}

/// Reads a whole file. A `data` chunk that is longer than the file (a recording that was cut off, or
/// streamed) gives what there is.
///
/// # Errors
/// When it is no WAV, or its encoding is none of the three.
pub fn read(bytes: &[u8]) -> Result<Audio, FileError> {
    let truncated = FileError::Truncated { kind: KIND };
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err(FileError::UnknownKind);
    }
    let mut rest = bytes.get(12..).unwrap_or_default();
    let mut format = None;
    loop {
        let (Some(name), Some(length)) = (rest.get(..4), u32_at(rest, 4)) else {
            return Err(truncated);
        };
        let body = rest.get(8..).unwrap_or_default();
        let length = length as usize;
        let chunk = body.get(..length.min(body.len())).unwrap_or_default();
        match (name, &format) {
            (b"fmt ", _) => format = Some(Format::read(chunk).ok_or_else(|| truncated.clone())?),
            (b"data", Some(format)) => return format.decode(chunk),
            _ => {}
        }
        // Chunks are padded to even lengths.
        let next = length.saturating_add(length % 2);
        rest = body.get(next.min(body.len())..).unwrap_or_default();
    }
}

/// The file of 16-bit linear audio.
#[must_use]
pub fn write(audio: &Audio) -> Vec<u8> {
    let channels = audio.channels.len() as u32;
    let length = audio.channels.iter().map(Vec::len).min().unwrap_or(0);
    let data = length as u32 * channels * 2;
    let mut out = Vec::with_capacity(44 + data as usize);
    out.extend(b"RIFF");
    out.extend((36 + data).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    out.extend((channels as u16).to_le_bytes());
    out.extend(audio.rate.0.to_le_bytes());
    out.extend((audio.rate.0 * channels * 2).to_le_bytes());
    out.extend((channels as u16 * 2).to_le_bytes());
    out.extend(b"\x10\0data");
    out.extend(data.to_le_bytes());
    for n in 0..length {
        let samples = audio.channels.iter().filter_map(|channel| channel.get(n));
        out.extend(samples.flat_map(|sample| sample.to_le_bytes()));
    }
    out
}

impl Format {
    fn read(chunk: &[u8]) -> Option<Self> {
        const EXTENSIBLE: u16 = 0xfffe;
        let tag = match u16_at(chunk, 0)? {
            EXTENSIBLE => u16_at(chunk, 24)?,
            tag => tag,
        };
        let (channels, rate, bits) = (u16_at(chunk, 2)?.into(), u32_at(chunk, 4)?, u16_at(chunk, 14)?);
        Some(Self {
            tag,
            channels,
            rate,
            bits,
        })
    }

    fn decode(&self, data: &[u8]) -> Result<Audio, FileError> {
        let unsupported = |reason: String| Err(FileError::Unsupported { kind: KIND, reason });
        if !(1..=8).contains(&self.channels) {
            return unsupported(format!("{} channels", self.channels));
        }
        if !(4_000..=192_000).contains(&self.rate) {
            return unsupported(format!("a sample rate of {} Hz", self.rate));
        }
        let mut samples = Vec::new();
        match (self.tag, self.bits) {
            (1, 16) => samples.extend(data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]))),
            (6, 8) => decode_g711(Law::A, data, &mut samples),
            (7, 8) => decode_g711(Law::Mu, data, &mut samples),
            (tag, bits) => {
                return unsupported(format!(
                    "format {tag} with {bits} bits; 16-bit linear, A-law and µ-law are understood"
                ));
            }
        }
        let whole = samples.len() / self.channels * self.channels;
        let channel = |n| {
            samples
                .iter()
                .take(whole)
                .skip(n)
                .step_by(self.channels)
                .copied()
                .collect()
        };
        Ok(Audio {
            rate: SampleRate(self.rate),
            channels: (0..self.channels).map(channel).collect(),
        })
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let audio = Audio {
            rate: SampleRate::NARROW,
            channels: vec![vec![1, -2, 3], vec![400, -500, 600]],
        };
        assert_eq!(read(&write(&audio)), Ok(audio));
    }

    #[test]
    fn a_law_and_a_streamed_length_are_understood() {
        let mut file = b"RIFF\xff\xff\xff\xffWAVELIST\x03\0\0\0abc\0fmt \x12\0\0\0\x06\0\x01\0".to_vec();
        file.extend(8_000_u32.to_le_bytes());
        file.extend([0x40, 0x1f, 0, 0, 1, 0, 8, 0, 0, 0]);
        file.extend(b"data\xff\xff\xff\xff\xd5\x55");
        let audio = read(&file).unwrap();
        assert_eq!((audio.rate, audio.channels), (SampleRate::NARROW, vec![vec![8, -8]]));
    }

    #[test]
    fn floats_are_refused_in_words() {
        let mut file = write(&Audio {
            rate: SampleRate::WIDE,
            channels: vec![vec![0; 4]],
        });
        file[20] = 3;
        assert!(read(&file).unwrap_err().to_string().contains("format 3 with 16 bits"));
    }
}
