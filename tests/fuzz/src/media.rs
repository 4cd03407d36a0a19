//! Packets and recordings.

use std::time::{Duration, Instant};

use sidetone_base::TapFrame;
use sidetone_media::file::Recording;
use sidetone_media::{Codec, LegAudio, MediaConfig};

/// Recordings are at most this long here: a file may rightly claim hours of silence.
const MOST_FRAMES: usize = 2_000;

/// A leg that gets packets of two bytes of length and that many bytes, 20 ms apart.
pub(crate) fn rtp(data: &[u8]) {
    let mut leg = LegAudio::new(MediaConfig::default());
    for (number, codec) in [(96, Codec::Opus), (97, Codec::G722)] {
        leg.learn(number, codec);
    }
    let begun = Instant::now();
    let (mut now, mut rest) = (begun, data);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length) % 1_500).min(after.len());
        let (packet, after) = after.split_at(length);
        rest = after;
        leg.handle(now, TapFrame::Rtp(packet.to_vec()));
        now += Duration::from_millis(20);
        leg.wake(now);
        while leg.poll().is_some() {}
    }
    leg.finish(now);
    while leg.poll().is_some() {}
}

/// WAV, Ogg Opus or pcap.
pub(crate) fn recording(data: &[u8]) {
    match Recording::read(data) {
        Ok(Recording::Audio(audio)) => assert!(audio.frames().take(MOST_FRAMES).count() > 0, "no sound, and not said"),
        Ok(Recording::Capture(capture)) => {
            for call in &capture.calls {
                assert!((1..=2).contains(&call.parties.len()), "{call}");
                assert!(call.frames.is_sorted_by_key(|frame| frame.at), "{call}");
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
