use proptest::prelude::*;
use sidetone_base::SampleRate;

use super::*;

/// A file with one `data` chunk, whatever its header says.
struct File {
    tag: u16,
    channels: u16,
    bits: u16,
    width: u16,
    /// `WAVE_FORMAT_EXTENSIBLE`.
    extended: bool,
    /// What the header says of the length of `data`; `None`: the truth.
    said: Option<u32>,
    /// RF64, with the length in `ds64`.
    long: bool,
    /// Odd lengths, padded or not, before `data`.
    before: Vec<u8>,
    data: Vec<u8>,
}

impl File {
    fn new(tag: u16, bits: u16, data: Vec<u8>) -> Self {
        Self {
            tag,
            channels: 1,
            bits,
            width: bits.div_ceil(8),
            extended: false,
            said: None,
            long: false,
            before: Vec::new(),
            data,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = if self.long { b"RF64".to_vec() } else { b"RIFF".to_vec() };
        out.extend(b"\xff\xff\xff\xffWAVE");
        if self.long {
            out.extend(b"ds64\x1c\0\0\0");
            for length in [0, self.data.len() as u64, 0] {
                out.extend(length.to_le_bytes());
            }
            out.extend([0; 4]);
        }
        let mut format = Vec::new();
        format.extend(if self.extended { 0xfffe } else { self.tag }.to_le_bytes());
        format.extend(self.channels.to_le_bytes());
        format.extend(8_000_u32.to_le_bytes());
        format.extend((8_000 * u32::from(self.width * self.channels)).to_le_bytes());
        format.extend((self.width * self.channels).to_le_bytes());
        format.extend(if self.extended { self.width * 8 } else { self.bits }.to_le_bytes());
        if self.extended {
            format.extend(22_u16.to_le_bytes());
            format.extend(self.bits.to_le_bytes());
            format.extend([0; 4]);
            format.extend(self.tag.to_le_bytes());
            format.extend(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
        }
        for (name, body) in [(b"fmt ", &format), (b"LIST", &self.before)] {
            out.extend(name);
            out.extend((body.len() as u32).to_le_bytes());
            out.extend(body);
            out.extend(vec![0; body.len() % 2]);
        }
        out.extend(b"data");
        let length = if self.long { u32::MAX } else { self.data.len() as u32 };
        out.extend(self.said.unwrap_or(length).to_le_bytes());
        out.extend(&self.data);
        out
    }
}

fn mono(file: &File) -> Vec<i16> {
    read(&file.bytes()).unwrap().channels.remove(0)
}

#[test]
fn what_is_written_is_read() {
    let audio = Audio {
        rate: SampleRate::NARROW,
        channels: vec![vec![1, -2, 3], vec![400, -500, 600]],
    };
    assert_eq!(read(&write(&audio)), Ok(audio));
}

#[test]
fn an_empty_file_is_said_to_be_empty() {
    let empty = FileError::NoSound { kind: KIND };
    assert_eq!(read(&File::new(1, 16, Vec::new()).bytes()), Err(empty.clone()));
    let mut tagged = File::new(1, 16, Vec::new()).bytes();
    tagged.extend(b"LIST\x03\0\0\0abc\0");
    assert_eq!(read(&tagged), Err(empty));
}

#[test]
fn encodings_that_nothing_here_reads_are_named() {
    let refusal = |tag, bits| {
        read(&File::new(tag, bits, vec![0; 65]).bytes())
            .unwrap_err()
            .to_string()
    };
    assert!(refusal(0x31, 0).contains("wav49"), "{}", refusal(0x31, 0));
    assert!(refusal(3, 16).contains("floating-point sound of 16 bits"));
    assert!(refusal(0x1234, 4).contains("number 4660"));
}

#[test]
fn not_a_number_is_silence_and_too_loud_is_loud() {
    let values = [f32::NAN, f32::INFINITY, -3.0, 0.5];
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(mono(&File::new(3, 32, data)), [0, i16::MAX, i16::MIN, 16_384]);
}

/// The same sound in each encoding; what may be off by the width of a sample.
fn written(samples: &[i16], way: usize) -> (File, u16) {
    let of = |each: &dyn Fn(i16) -> Vec<u8>| samples.iter().flat_map(|sample| each(*sample)).collect();
    let upper = |sample: i16, width: usize| {
        let mut bytes = vec![0x5a; width - 2];
        bytes.extend(sample.to_le_bytes());
        bytes
    };
    match way {
        0 => (File::new(1, 8, of(&|s| vec![((s >> 8) + 128) as u8])), 255),
        1 => (File::new(1, 16, of(&|s| s.to_le_bytes().to_vec())), 0),
        2 => (File::new(1, 24, of(&|s| upper(s, 3))), 0),
        3 => (File::new(1, 32, of(&|s| upper(s, 4))), 0),
        4 => (
            File::new(3, 32, of(&|s| (f32::from(s) / 32_768.0).to_le_bytes().to_vec())),
            1,
        ),
        5 => (
            File::new(3, 64, of(&|s| (f64::from(s) / 32_768.0).to_le_bytes().to_vec())),
            1,
        ),
        6 => (File::new(6, 8, crate::codec::encode_g711(Law::A, samples)), 1_024),
        7 => (File::new(7, 8, crate::codec::encode_g711(Law::Mu, samples)), 1_024),
        _ => {
            // 24 bits in four bytes.
            let mut file = File::new(1, 24, of(&|s| upper(s, 4)));
            file.width = 4;
            (file, 0)
        }
    }
}

use crate::codec::Law;

proptest! {
    #[test]
    fn every_encoding_and_every_header_give_the_same_sound(
        samples in proptest::collection::vec(any::<i16>(), 1..200),
        way in 0_usize..9,
        extended in any::<bool>(),
        header in 0_usize..5,
        before in proptest::collection::vec(any::<u8>(), 0..9),
    ) {
        let (mut file, off) = written(&samples, way);
        file.extended = extended;
        file.before = before;
        match header {
            0 => {}
            // Never written, streamed, longer than the file.
            1 => file.said = Some(0),
            2 => file.said = Some(u32::MAX),
            3 => file.said = Some(0x7fff_f000),
            _ => file.long = true,
        }
        // A length of 0 before bytes that happen to be chunks cannot be told from an empty file.
        prop_assume!(header != 1 || !are_chunks(&file.data));
        let heard = mono(&file);
        prop_assert_eq!(heard.len(), samples.len());
        for (heard, sample) in heard.iter().zip(&samples) {
            prop_assert!(heard.abs_diff(*sample) <= off, "{} for {}", heard, sample);
        }
    }

    #[test]
    fn channels_are_parted(samples in proptest::collection::vec(any::<i16>(), 6..60), channels in 1_u16..7) {
        let data = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let file = File { channels, ..File::new(1, 16, data) };
        let audio = read(&file.bytes()).unwrap();
        prop_assert_eq!(audio.channels.len(), usize::from(channels));
        prop_assert_eq!(audio.channels[0][0], samples[0]);
        prop_assert!(audio.channels.iter().all(|channel| channel.len() == samples.len() / usize::from(channels)));
    }
}
