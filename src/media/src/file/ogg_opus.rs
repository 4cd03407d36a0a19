//! Ogg Opus (RFC 7845), decoded to 16 kHz: what the test calls are stored as.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ogg::{OggReadError, PacketReader};
use opus_rs::OpusDecoder;
use sidetone_base::SampleRate;

use super::{Audio, FileError};

const KIND: &str = "Ogg Opus";
/// 120 ms at 16 kHz: the longest packet.
const LONGEST: usize = 1920;
/// Positions in the file count at 48 kHz whatever the audio's rate.
const TICKS: u64 = 3;

/// Reads a whole file of one or two channels; pre-skip and the end's trimming are heeded.
///
/// # Errors
/// When it is no Ogg Opus, or broken.
pub fn read(bytes: &[u8]) -> Result<Audio, FileError> {
    // Both libraries index where a hostile file leads them.
    catch_unwind(AssertUnwindSafe(|| decode(bytes))).unwrap_or_else(|_| Err(unsupported("the file is broken")))
}

fn unsupported(reason: impl Into<String>) -> FileError {
    FileError::Unsupported {
        kind: KIND,
        reason: reason.into(),
    }
}

fn broken(error: &OggReadError) -> FileError {
    unsupported(error.to_string())
}

/// Behind so many samples at 16 kHz.
fn cut(error: &OggReadError, samples: usize) -> FileError {
    let seconds = samples / SampleRate::WIDE.0 as usize;
    unsupported(format!(
        "cut or damaged {seconds} s after its begin ({error}); `ffmpeg -i IN OUT.wav` keeps what is whole before that"
    ))
}

fn decode(bytes: &[u8]) -> Result<Audio, FileError> {
    let mut reader = PacketReader::new(Cursor::new(bytes));
    let head = reader.read_packet().map_err(|error| broken(&error))?;
    let head = head.ok_or(FileError::Truncated { kind: KIND })?;
    let [
        b'O',
        b'p',
        b'u',
        b's',
        b'H',
        b'e',
        b'a',
        b'd',
        1,
        channels,
        skip_low,
        skip_high,
        ..,
    ] = head.data[..]
    else {
        return Err(unsupported("the first packet is no Opus header"));
    };
    let channels = usize::from(channels);
    if !(1..=2).contains(&channels) {
        return Err(unsupported(format!("{channels} channels")));
    }
    let serial = head.stream_serial();
    let skip = u64::from(u16::from_le_bytes([skip_low, skip_high]));
    let rate = SampleRate::WIDE;
    let mut decoder = OpusDecoder::new(rate.0 as i32, channels).map_err(unsupported)?;
    let mut room = vec![0.0_f32; LONGEST * channels];
    let mut legs = vec![Vec::new(); channels];
    let mut end = None;
    let mut tags_seen = false;
    loop {
        let read = reader.read_packet();
        let Some(packet) = read.map_err(|error| cut(&error, legs.first().map_or(0, Vec::len)))? else {
            break;
        };
        if packet.stream_serial() != serial || !std::mem::replace(&mut tags_seen, true) {
            continue;
        }
        let made = decoder.decode(&packet.data, LONGEST, &mut room).map_err(unsupported)?;
        for frame in room.chunks_exact(channels).take(made) {
            let each = legs.iter_mut().zip(frame);
            each.for_each(|(leg, sample)| leg.push((sample * 32_768.0) as i16));
        }
        if packet.last_in_stream() {
            end = Some(packet.absgp_page() / TICKS);
        }
    }
    for leg in &mut legs {
        // The end counts the samples that are skipped at the begin.
        leg.truncate(end.map_or(leg.len(), |end| end as usize));
        leg.drain(..leg.len().min((skip / TICKS) as usize));
    }
    if legs.iter().all(Vec::is_empty) {
        return Err(FileError::NoSound { kind: KIND });
    }
    Ok(Audio { rate, channels: legs })
}

#[cfg(test)]
mod tests {
    use ogg::writing::{PacketWriteEndInfo, PacketWriter};
    use opus_rs::{Application, OpusEncoder};

    use super::*;

    #[test]
    fn a_file_is_as_long_as_it_says() {
        let mut encoder = OpusEncoder::new(16_000, 1, Application::Voip).unwrap();
        let mut file = Vec::new();
        let mut writer = PacketWriter::new(&mut file);
        let head = b"OpusHead\x01\x01\x38\x01\x80\x3e\0\0\0\0\0".to_vec();
        writer.write_packet(head, 7, PacketWriteEndInfo::EndPage, 0).unwrap();
        writer
            .write_packet(b"OpusTags\0\0\0\0\0\0\0\0".to_vec(), 7, PacketWriteEndInfo::EndPage, 0)
            .unwrap();
        for n in 0..50_u64 {
            let tone: Vec<i16> = (0..320)
                .map(|t| (((n * 320 + t) as f32 * 0.2).sin() * 9000.0) as i16)
                .collect();
            let mut bytes = vec![0; 400];
            let used = encoder.encode_i16(&tone, 320, &mut bytes).unwrap();
            bytes.truncate(used);
            let last = n == 49;
            let (info, at) = if last {
                (PacketWriteEndInfo::EndStream, 312 + 24_000)
            } else {
                (PacketWriteEndInfo::NormalPacket, (n + 1) * 960)
            };
            writer.write_packet(bytes, 7, info, at).unwrap();
        }
        drop(writer);
        let audio = read(&file).unwrap();
        assert_eq!((audio.channels.len(), audio.channels[0].len()), (1, 8_000));
        assert!(audio.channels[0].iter().any(|sample| *sample > 5_000));
        let mut damaged = file.clone();
        let end = damaged.len() - 100;
        damaged[end] ^= 0x55;
        let told = read(&damaged).unwrap_err().to_string();
        assert!(told.contains(" s after its begin") && told.contains("ffmpeg"), "{told}");
    }
}
