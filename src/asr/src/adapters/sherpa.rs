//! Recognisers of sherpa-onnx: streaming ones that keep a cursor, and ones for whole segments.
//!
//! A model file of the wrong kind makes the library end the process, so a daemon only loads what
//! `ModelStore::verdict` says was loaded once by a process of its own.

mod offline;
mod online;

pub use offline::{OfflineFamily, SherpaOffline};
pub use online::{OnlineFamily, SherpaOnline};

use sidetone_base::SampleRate;
use sidetone_speech::RecogniseError;

const RATE: i32 = SampleRate::WIDE.0 as i32;

/// The library says nothing about why, except on standard error.
fn refused(model: &str) -> RecogniseError {
    RecogniseError::Load {
        model: model.to_owned(),
        reason: "the library refused its files".to_owned(),
    }
}
