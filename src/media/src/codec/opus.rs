//! Opus at 16 kHz mono, with concealment and in-band FEC.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opus_rs::OpusDecoder;
use sidetone_base::SampleRate;

use super::decoder::Undecodable;

/// 120 ms at 16 kHz: the longest packet (RFC 6716 §3.2.5).
const LONGEST: usize = 1920;
/// 20 ms at 16 kHz.
const USUAL: usize = 320;
/// 2.5 ms at 16 kHz: lengths of concealment are multiples of this.
const GRAIN: usize = 40;

/// One stream's decoder.
pub struct OpusVoice {
    decoder: OpusDecoder,
    rate: SampleRate,
    scratch: Vec<f32>,
    /// Samples of the last packet: a lost one is taken to be as long.
    last: usize,
}

impl OpusVoice {
    /// A decoder to 16 kHz mono.
    ///
    /// # Errors
    /// When the library refuses; with these arguments it does not.
    pub fn new() -> Result<Self, Undecodable> {
        let rate = SampleRate::WIDE;
        let decoder = OpusDecoder::new(rate.0 as i32, 1).map_err(Undecodable::Opus)?;
        Ok(Self {
            decoder,
            rate,
            scratch: vec![0.0; LONGEST],
            last: USUAL,
        })
    }

    /// Appends a packet's samples.
    ///
    /// # Errors
    /// When the packet is not Opus.
    pub fn decode(&mut self, packet: &[u8], out: &mut Vec<i16>) -> Result<(), Undecodable> {
        let samples = self.guard(|decoder, scratch| decoder.decode(packet, LONGEST, scratch))?;
        self.last = samples.max(GRAIN);
        self.give(samples, out);
        Ok(())
    }

    /// Appends `samples` of concealment, rounded down to 2.5 ms.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn conceal(&mut self, samples: usize, out: &mut Vec<i16>) -> Result<(), Undecodable> {
        let mut left = samples / GRAIN * GRAIN;
        while left > 0 {
            let step = left.min(self.last.min(USUAL) / GRAIN * GRAIN).max(GRAIN);
            let made = self.guard(|decoder, scratch| decoder.decode(&[], step, scratch))?;
            self.give(made, out);
            left -= step;
        }
        Ok(())
    }

    /// Appends the packet that was lost before `next`, rebuilt from the copy in `next`, or
    /// concealed when there is none.
    ///
    /// # Errors
    /// When `next` is not Opus.
    pub fn recover(&mut self, next: &[u8], samples: usize, out: &mut Vec<i16>) -> Result<(), Undecodable> {
        let samples = samples.min(LONGEST) / GRAIN * GRAIN;
        let made = self.guard(|decoder, scratch| decoder.decode_fec(next, samples, scratch))?;
        self.give(made, out);
        Ok(())
    }

    /// Whether the packet brings a copy of the one before it (the LBRR flag, RFC 6716 §4.2.4).
    #[must_use]
    pub fn carries_fec(packet: &[u8]) -> bool {
        let [toc, first, ..] = packet else { return false };
        let config = toc >> 3;
        let silk_frames = match config {
            0..12 => [1, 1, 2, 3][usize::from(config % 4)],
            12..16 => 1,
            _ => return false,
        };
        // One bit of voice activity for each SILK frame, then the flag.
        toc & 3 == 0 && first >> (7 - silk_frames) & 1 == 1
    }

    fn give(&self, samples: usize, out: &mut Vec<i16>) {
        let made = self.scratch.get(..samples).unwrap_or_default();
        out.extend(made.iter().map(|sample| (sample * 32_768.0) as i16));
    }

    /// Calls the library. Hostile bytes that make it panic cost a packet, never the daemon.
    fn guard(
        &mut self,
        call: impl FnOnce(&mut OpusDecoder, &mut [f32]) -> Result<usize, &'static str>,
    ) -> Result<usize, Undecodable> {
        let (decoder, scratch) = (&mut self.decoder, &mut self.scratch[..]);
        match catch_unwind(AssertUnwindSafe(|| call(decoder, scratch))) {
            Ok(result) => result.map_err(Undecodable::Opus),
            Err(_) => {
                self.decoder = OpusDecoder::new(self.rate.0 as i32, 1).map_err(Undecodable::Opus)?;
                Err(Undecodable::Opus("the decoder gave up"))
            }
        }
    }
}
