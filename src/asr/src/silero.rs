//! Silero's voice detector, computed here from its plain weights.
//!
//! The network is small (half a million multiplications for 32 ms of audio); computing it directly gives
//! the probability itself, which sherpa-onnx hides behind its own hysteresis, and cannot end the process.

mod network;
mod rows;
mod spectrum;
mod weights;

use std::path::Path;
use std::sync::Arc;

use sidetone_speech::{VAD_FRAME, VoiceDetector};

use network::{Network, State};

/// Why the detector cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SileroError {
    /// The file cannot be read.
    #[error("the voice detector's weights cannot be read: {0}; run `sidetone models verify silero-vad`")]
    Read(#[from] std::io::Error),
    /// The file is not what it should be.
    #[error("the voice detector's weights are not as expected: {0}; run `sidetone models verify silero-vad`")]
    Weights(&'static str),
}

/// The loaded weights (1.2 MB), shared by the detectors of all legs.
#[derive(Clone)]
pub struct Silero {
    network: Arc<Network>,
}

impl Silero {
    /// Reads `silero_vad_16k.safetensors`.
    ///
    /// # Errors
    /// When the file is missing or another one.
    pub fn load(file: &Path) -> Result<Self, SileroError> {
        Self::from_bytes(&std::fs::read(file)?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, SileroError> {
        let network = Network::new(&weights::Weights::parse(bytes)?)?;
        Ok(Self {
            network: Arc::new(network),
        })
    }

    /// A detector for one leg.
    #[must_use]
    pub fn detector(&self) -> Box<dyn VoiceDetector> {
        Box::new(Leg {
            state: self.network.state(),
            network: Arc::clone(&self.network),
        })
    }
}

struct Leg {
    network: Arc<Network>,
    state: State,
}

impl VoiceDetector for Leg {
    fn probability(&mut self, frame: &[i16; VAD_FRAME]) -> f32 {
        self.network.probability(&mut self.state, frame)
    }

    fn reset(&mut self) {
        self.state.reset();
    }
}

#[cfg(test)]
mod tests;
