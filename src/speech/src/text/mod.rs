//! From what a recogniser wrote to what is shown: artefacts away, simplified characters, the
//! knowledge base's own terms, numbers as digits.

mod artefact;
mod correct;
mod credits;
mod normalise;
mod pipeline;
mod simplify;

pub use correct::{Change, Corrected, Corrector};
pub use normalise::normalise;
pub use pipeline::{Finished, TextPipeline};
pub use simplify::simplify;
