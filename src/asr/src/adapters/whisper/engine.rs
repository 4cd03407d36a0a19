//! CTranslate2's Whisper: the safe side of `native/whisper.h`.

#![expect(unsafe_code, reason = "calls into C++")]

use std::ffi::{CString, c_char};
use std::ptr::NonNull;
use std::sync::Arc;

use super::lean::Files;
use super::mel::Mel;

/// Reasons are cut to this many bytes.
const REASON: usize = 512;

/// Loaded weights; workers share them.
pub(super) struct Weights(NonNull<ffi::Model>);

// SAFETY: the library's model is immutable once loaded, and made to be shared by its replicas.
unsafe impl Send for Weights {}
// SAFETY: as above.
unsafe impl Sync for Weights {}

/// What one thread decodes with: the buffers, and a share of the weights.
pub(super) struct Decoder {
    worker: NonNull<ffi::Worker>,
    /// Outlives the worker.
    _weights: Arc<Weights>,
}

// SAFETY: a replica keeps nothing of the thread that made it; `&mut self` lets one thread in at a time.
unsafe impl Send for Decoder {}

/// What is to be decoded, and how.
pub(super) struct Request<'a> {
    pub(super) mel: &'a Mel,
    /// Text before, then the start token, the language, the task and that no times are wanted.
    pub(super) prompt: &'a [u32],
    /// Hypotheses that are followed; 1 is greedy.
    pub(super) beam: usize,
    /// Threads that work at it.
    pub(super) threads: usize,
    pub(super) max_tokens: usize,
    /// So many tokens in a row come no second time; 0 where they may.
    pub(super) unlike: usize,
}

/// What was decoded.
pub(super) struct Reply {
    pub(super) tokens: Vec<u32>,
    /// Mean log probability of the tokens.
    pub(super) score: f32,
    /// The probability that nobody speaks, asked where the text begins.
    pub(super) no_speech: f32,
}

impl Weights {
    /// `config` stands for the `config.json` that the published files lack.
    pub(super) fn load(files: &Files, config: &str) -> Result<Arc<Self>, String> {
        let vocabulary = CString::new(files.vocabulary.as_str()).map_err(|error| error.to_string())?;
        let config = CString::new(config).map_err(|error| error.to_string())?;
        let asked = ffi::Files {
            model: files.model.as_ptr(),
            model_length: files.model.len(),
            vocabulary: vocabulary.as_ptr(),
            config: config.as_ptr(),
        };
        let mut reason = Reason::new();
        // SAFETY: bytes and texts live through the call, the texts end with NUL; `reason` has the room that it says.
        let model = unsafe { ffi::sidetone_whisper_load(&raw const asked, reason.room(), REASON) };
        NonNull::new(model)
            .map(|model| Arc::new(Self(model)))
            .ok_or_else(|| reason.text())
    }

    pub(super) fn decoder(self: &Arc<Self>) -> Result<Decoder, String> {
        let mut reason = Reason::new();
        // SAFETY: the model lives as long as `self`.
        let worker = unsafe { ffi::sidetone_whisper_worker(self.0.as_ptr(), reason.room(), REASON) };
        NonNull::new(worker)
            .map(|worker| Decoder {
                worker,
                _weights: Arc::clone(self),
            })
            .ok_or_else(|| reason.text())
    }
}

impl Drop for Weights {
    fn drop(&mut self) {
        // SAFETY: made by `sidetone_whisper_load`, given back once.
        unsafe { ffi::sidetone_whisper_unload(self.0.as_ptr()) }
    }
}

impl Decoder {
    pub(super) fn decode(&mut self, request: &Request<'_>) -> Result<Reply, String> {
        let mut tokens = vec![0; request.max_tokens];
        let mut reason = Reason::new();
        let asked = ffi::Request {
            mel: request.mel.values.as_ptr(),
            bands: request.mel.bands,
            frames: request.mel.frames,
            prompt: request.prompt.as_ptr(),
            prompt_length: request.prompt.len(),
            beam: request.beam,
            threads: request.threads,
            max_tokens: request.max_tokens,
            unlike: request.unlike,
        };
        let mut reply = ffi::Reply {
            tokens: tokens.as_mut_ptr(),
            capacity: tokens.len(),
            length: 0,
            score: 0.0,
            no_speech: 0.0,
        };
        debug_assert_eq!(request.mel.values.len(), request.mel.bands * request.mel.frames);
        // SAFETY: every pointer is of a slice that lives through the call, with its true length.
        let done = unsafe {
            ffi::sidetone_whisper_decode(
                self.worker.as_ptr(),
                &raw const asked,
                &raw mut reply,
                reason.room(),
                REASON,
            )
        };
        if !done {
            return Err(reason.text());
        }
        tokens.truncate(reply.length);
        Ok(Reply {
            tokens,
            score: reply.score,
            no_speech: reply.no_speech,
        })
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by `sidetone_whisper_worker`, given back once.
        unsafe { ffi::sidetone_whisper_dismiss(self.worker.as_ptr()) }
    }
}

/// Room for the library's reason.
struct Reason([u8; REASON]);

impl Reason {
    const fn new() -> Self {
        Self([0; REASON])
    }

    const fn room(&mut self) -> *mut c_char {
        self.0.as_mut_ptr().cast()
    }

    fn text(&self) -> String {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(REASON);
        String::from_utf8_lossy(&self.0[..end]).into_owned()
    }
}

/// `native/whisper.h`, word for word.
mod ffi {
    use std::ffi::c_char;

    #[repr(C)]
    pub(super) struct Model([u8; 0]);
    #[repr(C)]
    pub(super) struct Worker([u8; 0]);

    #[repr(C)]
    pub(super) struct Files {
        pub(super) model: *const u8,
        pub(super) model_length: usize,
        pub(super) vocabulary: *const c_char,
        pub(super) config: *const c_char,
    }

    #[repr(C)]
    pub(super) struct Request {
        pub(super) mel: *const f32,
        pub(super) bands: usize,
        pub(super) frames: usize,
        pub(super) prompt: *const u32,
        pub(super) prompt_length: usize,
        pub(super) beam: usize,
        pub(super) threads: usize,
        pub(super) max_tokens: usize,
        pub(super) unlike: usize,
    }

    #[repr(C)]
    pub(super) struct Reply {
        pub(super) tokens: *mut u32,
        pub(super) capacity: usize,
        pub(super) length: usize,
        pub(super) score: f32,
        pub(super) no_speech: f32,
    }

    unsafe extern "C" {
        pub(super) fn sidetone_whisper_load(files: *const Files, error: *mut c_char, size: usize) -> *mut Model;
        pub(super) fn sidetone_whisper_unload(model: *mut Model);
        pub(super) fn sidetone_whisper_worker(model: *const Model, error: *mut c_char, size: usize) -> *mut Worker;
        pub(super) fn sidetone_whisper_dismiss(worker: *mut Worker);
        pub(super) fn sidetone_whisper_decode(
            worker: *mut Worker,
            request: *const Request,
            reply: *mut Reply,
            error: *mut c_char,
            size: usize,
        ) -> bool;
    }
}
