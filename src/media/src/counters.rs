//! What went wrong on a leg, counted.

/// Counted since the leg's first frame. A bad packet is weather, never an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaCounters {
    /// Frames and packets that came.
    pub received: u64,
    /// Packets that never came, or came after their turn.
    pub lost: u64,
    /// Packets that came after their turn.
    pub late: u64,
    /// Packets that came twice.
    pub duplicate: u64,
    /// Packets that were not RTP.
    pub malformed: u64,
    /// Packets whose payload type is not configured.
    pub unknown_payload: u64,
    /// Packets of a second source that did not last, or whose number leapt.
    pub stray: u64,
    /// Packets whose payload the codec refused.
    pub undecodable: u64,
    /// Lost packets whose audio was made up by a codec's own means or by repeating the last pitch period.
    pub concealed: u64,
    /// Lost packets whose audio was rebuilt from the packet after them (Opus in-band FEC).
    pub recovered: u64,
    /// Silence that was filled in, in milliseconds.
    pub silence_ms: u64,
    /// Audio that was given on, in milliseconds, silence included.
    pub played_ms: u64,
}
