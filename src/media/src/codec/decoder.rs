//! One stream's decoder, whatever the codec.

use audio_codec::Decoder as _;
use audio_codec::g722::G722Decoder;

use super::{Codec, Law, OpusVoice, decode_g711};

/// Why a payload gave no audio.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// From the Opus library.
    #[error("Opus: {0}")]
    Opus(&'static str),
    /// From the G.722 library.
    #[error("G.722: the payload does not fit")]
    G722,
}

/// Who makes up for a lost packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// The codec did, from its own state.
    Concealed,
    /// The codec did, from a copy in the next packet.
    Recovered,
    /// The codec has no means: repeat what was heard.
    Nothing,
}

/// One stream's decoder.
pub struct Decoder {
    codec: Codec,
    state: State,
}

enum State {
    /// The codec has no memory.
    None,
    G722(Box<G722Decoder>),
    Opus(Box<OpusVoice>),
}

impl Decoder {
    /// A decoder that has heard nothing yet.
    ///
    /// # Errors
    /// When a codec's library refuses to start.
    pub fn new(codec: Codec) -> Result<Self, Undecodable> {
        let state = match codec {
            Codec::G722 => State::G722(Box::new(G722Decoder::new())),
            Codec::Opus => State::Opus(Box::new(OpusVoice::new()?)),
            _ => State::None,
        };
        Ok(Self { codec, state })
    }

    /// What it decodes.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Appends a payload's samples, mono, at [`Codec::rate`].
    ///
    /// # Errors
    /// When the payload is not of this codec.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), Undecodable> {
        match (&mut self.state, self.codec) {
            (State::G722(decoder), _) => {
                let begin = out.len();
                out.resize(begin + decoder.max_decode_samples(payload.len()), 0);
                let room = out.get_mut(begin..).unwrap_or_default();
                let made = decoder.decode_into(payload, room);
                out.truncate(begin + made.as_ref().map_or(0, |made| *made));
                made.map(drop).map_err(|_| Undecodable::G722)
            }
            (State::Opus(decoder), _) => decoder.decode(payload, out),
            (State::None, Codec::Pcmu) => {
                decode_g711(Law::Mu, payload, out);
                Ok(())
            }
            (State::None, Codec::Pcma) => {
                decode_g711(Law::A, payload, out);
                Ok(())
            }
            (State::None, Codec::L16 { channels, .. }) => {
                let frames = payload.chunks_exact(2 * usize::from(channels.max(1)));
                out.extend(frames.map(|frame| i16::from_be_bytes([frame[0], frame[1]])));
                Ok(())
            }
            (State::None, _) => Ok(()),
        }
    }

    /// Appends what the codec makes of `samples` that were lost; `next` is the payload after them.
    pub fn conceal(&mut self, next: &[u8], samples: usize, out: &mut Vec<i16>) -> Decoded {
        let State::Opus(decoder) = &mut self.state else {
            return Decoded::Nothing;
        };
        let begin = out.len();
        if OpusVoice::carries_fec(next) && decoder.recover(next, samples, out).is_ok() {
            return Decoded::Recovered;
        }
        out.truncate(begin);
        match decoder.conceal(samples, out) {
            Ok(()) => Decoded::Concealed,
            Err(_) => Decoded::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use opus_rs::{Application, OpusEncoder};
    use proptest::prelude::*;

    use super::*;

    fn tone(rate: f32, samples: usize) -> Vec<i16> {
        let step = 440.0 * std::f32::consts::TAU / rate;
        (0..samples)
            .map(|n| ((n as f32 * step).sin() * 8000.0) as i16)
            .collect()
    }

    fn loudness(samples: &[i16]) -> f32 {
        let sum: f32 = samples.iter().map(|s| f32::from(*s).powi(2)).sum();
        (sum / samples.len().max(1) as f32).sqrt()
    }

    #[test]
    fn g722_gives_two_samples_for_each_byte() {
        use audio_codec::Encoder as _;
        let sent = tone(16_000.0, 3200);
        let bytes = audio_codec::g722::G722Encoder::new().encode(&sent);
        let mut heard = Vec::new();
        Decoder::new(Codec::G722).unwrap().decode(&bytes, &mut heard).unwrap();
        assert_eq!((bytes.len(), heard.len()), (1600, 3200));
        assert!((loudness(&heard[800..]) / loudness(&sent) - 1.0).abs() < 0.1);
    }

    #[test]
    fn opus_is_heard_at_16_khz_and_a_hole_is_made_up() {
        let mut encoder = OpusEncoder::new(16_000, 1, Application::Voip).unwrap();
        encoder.bitrate_bps = 24_000;
        let mut decoder = Decoder::new(Codec::Opus).unwrap();
        let mut heard = Vec::new();
        for frame in tone(16_000.0, 320 * 20).chunks(320) {
            let mut bytes = vec![0; 400];
            let used = encoder.encode_i16(frame, 320, &mut bytes).unwrap();
            decoder.decode(&bytes[..used], &mut heard).unwrap();
        }
        assert_eq!(heard.len(), 320 * 20);
        assert!((loudness(&heard[3200..]) / 5657.0 - 1.0).abs() < 0.2);
        let mut hole = Vec::new();
        assert_ne!(decoder.conceal(&[], 320, &mut hole), Decoded::Nothing);
        assert_eq!(hole.len(), 320);
        assert!(loudness(&hole) > 500.0);
    }

    proptest! {
        #[test]
        fn any_payload_gives_bounded_audio_or_an_error(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..6)) {
            let wide = Codec::L16 { rate: sidetone_base::SampleRate::WIDE, channels: 2 };
            for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus, wide, Codec::ComfortNoise] {
                let mut decoder = Decoder::new(codec).unwrap();
                for payload in &payloads {
                    let mut out = Vec::new();
                    let _ = decoder.decode(payload, &mut out);
                    prop_assert!(out.len() <= 1920);
                    let _ = decoder.conceal(payload, 320, &mut out);
                    prop_assert!(out.len() <= 2 * 1920);
                }
            }
        }
    }
}
