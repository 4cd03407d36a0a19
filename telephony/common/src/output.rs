//! The policy of the one stream that leaves a switch's side: signals wait for room, audio does not.

use sidetone_base::SwitchOutput;
use tokio::sync::mpsc;

/// Bound of the stream.
pub const OUTPUT_QUEUE: usize = 4096;
/// Room that audio leaves to signals.
pub const SIGNAL_RESERVE: usize = 256;

/// Offers a stretch of audio; `false` when it was dropped, which the caller counts.
#[must_use]
pub fn offer(output: &mpsc::Sender<SwitchOutput>, audio: SwitchOutput) -> bool {
    output.capacity() > SIGNAL_RESERVE && output.try_send(audio).is_ok()
}
