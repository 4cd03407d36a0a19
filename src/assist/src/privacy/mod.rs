//! Personal data is masked here, before anything leaves the process.

mod masker;

pub use masker::{Masked, Masker, mask_number, scrub};
