//! The `fmt ` chunk, and samples of every width to 16 bits.

use sidetone_base::SampleRate;

use super::{KIND, u16_at, u32_at};
use crate::codec::{Law, decode_g711};
use crate::file::{Audio, FileError};

/// What the sound is written in.
pub(super) struct Format {
    /// As registered: 1 linear, 3 float, 6 A-law, 7 µ-law; `None` when the extended one is of nobody's.
    tag: Option<u16>,
    channels: usize,
    rate: u32,
    /// Of one sample of one channel, padding included.
    width: usize,
}

impl Format {
    /// `None` when the chunk is too short.
    pub(super) fn read(chunk: &[u8]) -> Option<Self> {
        const EXTENSIBLE: u16 = 0xfffe;
        /// What follows the two bytes of the tag in the GUID of a registered format.
        const REGISTERED: &[u8] = b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
        let tag = match u16_at(chunk, 0)? {
            EXTENSIBLE => u16_at(chunk, 24).filter(|_| chunk.get(26..40) == Some(REGISTERED)),
            tag => Some(tag),
        };
        let (channels, rate): (usize, _) = (u16_at(chunk, 2)?.into(), u32_at(chunk, 4)?);
        let (block, bits) = (usize::from(u16_at(chunk, 12)?), usize::from(u16_at(chunk, 14)?));
        // A sample of 24 bits may take four bytes: the block says so, if it is one of whole samples.
        let padded = block.checked_div(channels).filter(|width| width * channels == block);
        let width = padded.filter(|width| width * 8 >= bits).unwrap_or(bits.div_ceil(8));
        Some(Self {
            tag,
            channels,
            rate,
            width,
        })
    }

    pub(super) fn decode(&self, data: &[u8]) -> Result<Audio, FileError> {
        let unsupported = |reason: String| Err(FileError::Unsupported { kind: KIND, reason });
        if !(1..=64).contains(&self.channels) {
            return unsupported(format!("{} channels", self.channels));
        }
        if !(4_000..=192_000).contains(&self.rate) {
            return unsupported(format!("a sample rate of {} Hz", self.rate));
        }
        let Some(samples) = self.samples(data) else {
            return unsupported(format!(
                "{} is not understood; convert it with `sox IN.wav -b 16 -e signed OUT.wav`",
                self.name()
            ));
        };
        let whole = samples.len() / self.channels * self.channels;
        if whole == 0 {
            return Err(FileError::NoSound { kind: KIND });
        }
        let channel = |n| {
            let own = samples.iter().take(whole).skip(n).step_by(self.channels);
            own.copied().collect()
        };
        Ok(Audio {
            rate: SampleRate(self.rate),
            channels: (0..self.channels).map(channel).collect(),
        })
    }

    /// All channels, interleaved; `None` when nothing here reads that encoding.
    fn samples(&self, data: &[u8]) -> Option<Vec<i16>> {
        let (linear, float, a_law, mu_law) = (Some(1), Some(3), Some(6), Some(7));
        let mut out = Vec::with_capacity(data.len() / self.width.max(1));
        let each = data.chunks_exact(self.width.max(1));
        match self.width {
            1 if self.tag == a_law => decode_g711(Law::A, data, &mut out),
            1 if self.tag == mu_law => decode_g711(Law::Mu, data, &mut out),
            // One byte counts from the middle, wider samples from zero.
            1 if self.tag == linear => out.extend(data.iter().map(|byte| (i16::from(*byte) - 128) << 8)),
            // The value lies in the upper bits, whatever the width: the upper two bytes are 16 bits of it.
            2..=4 if self.tag == linear => out.extend(each.filter_map(|sample| {
                let [.., low, high] = sample else { return None };
                Some(i16::from_le_bytes([*low, *high]))
            })),
            4 if self.tag == float => {
                let value = |sample: &[u8]| Some(f64::from(f32::from_le_bytes(sample.try_into().ok()?)));
                out.extend(each.filter_map(value).map(of_float));
            }
            8 if self.tag == float => {
                let value = |sample: &[u8]| Some(f64::from_le_bytes(sample.try_into().ok()?));
                out.extend(each.filter_map(value).map(of_float));
            }
            _ => return None,
        }
        Some(out)
    }

    fn name(&self) -> String {
        let name = match self.tag {
            Some(1) => "linear sound",
            Some(3) => "floating-point sound",
            Some(2) => "Microsoft ADPCM",
            Some(0x11) => "IMA ADPCM",
            Some(0x31) => "GSM 06.10 (Asterisk's wav49)",
            Some(0x45 | 0x64) => "G.726",
            Some(0x55) => "MP3",
            Some(tag) => return format!("the encoding with number {tag}, {} bits", self.width * 8),
            None => return "an encoding without a registered number".to_owned(),
        };
        match self.tag {
            Some(1 | 3) => format!("{name} of {} bits", self.width * 8),
            _ => name.to_owned(),
        }
    }
}

/// Full scale is ±1; what is no number is silence.
fn of_float(value: f64) -> i16 {
    // A cast of not-a-number gives 0, and of too much the limit.
    (value * 32_768.0).round() as i16
}
