//! The vocabulary that every floor shares: identifiers, media time, tapped audio, signalling.
//!
//! Nothing here does I/O (save for [`read_text`] and [`Mapped`], for files that are read whole), reads a clock or allocates on a hot path beyond
//! the value itself.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod fact;
mod finding;
mod ids;
mod mapped;
mod output;
mod pcm;
mod pii;
mod secret;
mod signal;
mod switch;
mod text;
mod time;
#[cfg(feature = "tls")]
mod tls;

pub use fact::{AgentState, Direction, EndBy, Fact, IvrExit, OfferExit, QueueExit, Turn};
pub use finding::{Finding, Severity};
pub use ids::{AgentId, CallId, LegId, SegmentId};
pub use mapped::Mapped;
pub use output::end_when_nobody_reads;
pub use pcm::{PcmFrame, TapFrame};
pub use pii::Pii;
pub use secret::{Secret, resolve_reference};
pub use signal::{CallEvent, CallSignal, EndCause, LegExit, PayloadType, Role, TapKind};
pub use switch::{Answer, AskId, Question, Said, Summary, SwitchOutput};
pub use text::{decode_text, printable, read_text};
pub use time::{CallTime, MediaTime, RtpClock, SampleRate};
#[cfg(feature = "tls")]
pub use tls::ready_tls;
