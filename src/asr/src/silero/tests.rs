use sidetone_base::{MediaTime, PcmFrame, SampleRate};
use sidetone_speech::{SegmentConfig, Segmenter};

use super::*;

/// A file with the real shapes, a Fourier transform in front and made-up weights behind it.
fn file(names: &[(&str, usize)]) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, count) in names {
        let begin = data.len();
        for index in 0..*count {
            let weight = match *name {
                "stft_conv.weight" => fourier(index / 256, index % 256),
                _ => ((index * 37 + name.len()) % 101) as f32 / 2_000.0 - 0.025,
            };
            data.extend(weight.to_le_bytes());
        }
        header.push(format!(
            "\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{count}],\"data_offsets\":[{begin},{}]}}",
            data.len()
        ));
    }
    let header = format!("{{{}}}", header.join(","));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Real parts of 129 bins, then imaginary parts, behind Hann's window.
fn fourier(row: usize, sample: usize) -> f32 {
    let turn = |times: usize| std::f32::consts::TAU * (times * sample % 256) as f32 / 256.0;
    let wave = match row {
        0..129 => turn(row).cos(),
        _ => -turn(row - 129).sin(),
    };
    (0.5 - 0.5 * turn(1).cos()) * wave
}

const SHAPES: [(&str, usize); 15] = [
    ("stft_conv.weight", 258 * 256),
    ("conv1.weight", 128 * 129 * 3),
    ("conv1.bias", 128),
    ("conv2.weight", 64 * 128 * 3),
    ("conv2.bias", 64),
    ("conv3.weight", 64 * 64 * 3),
    ("conv3.bias", 64),
    ("conv4.weight", 128 * 64 * 3),
    ("conv4.bias", 128),
    ("lstm_cell.weight_ih", 512 * 128),
    ("lstm_cell.weight_hh", 512 * 128),
    ("lstm_cell.bias_ih", 512),
    ("lstm_cell.bias_hh", 512),
    ("final_conv.weight", 128),
    ("final_conv.bias", 1),
];

#[test]
fn a_frame_gives_a_probability_that_depends_on_what_came_before() {
    let silero = Silero::from_bytes(&file(&SHAPES)).unwrap();
    let mut detector = silero.detector();
    let frame: [i16; VAD_FRAME] = std::array::from_fn(|i| ((i * 911) % 20_000) as i16 - 10_000);
    let first = detector.probability(&frame);
    let second = detector.probability(&frame);
    assert!((0.0..=1.0).contains(&first));
    assert_ne!(first, second);
    detector.reset();
    assert_eq!(detector.probability(&frame), first);
}

#[test]
fn a_file_that_is_cut_or_lacks_a_layer_is_refused() {
    let whole = file(&SHAPES);
    for length in [0, 7, 40, whole.len() - 1] {
        assert!(Silero::from_bytes(&whole[..length]).is_err(), "{length}");
    }
    assert!(Silero::from_bytes(&file(&SHAPES[1..])).is_err());
}

#[test]
fn a_first_layer_that_is_no_fourier_transform_is_refused() {
    let mut file = file(&SHAPES);
    let header = u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    let weight = 8 + header + 4 * 70;
    file[weight..weight + 4].copy_from_slice(&0.9f32.to_le_bytes());
    let refused = Silero::from_bytes(&file).err().map(|error| error.to_string());
    assert!(refused.is_some_and(|error| error.contains("stft_conv.weight")));
}

/// A third of a second of faint noise, a second of a sung vowel that glides from "a" to "i" while its
/// pitch falls, and noise again: pulses through three resonances, enough to be taken for a voice.
fn sung_vowel() -> Vec<i16> {
    const QUIET: usize = 10;
    const SUNG: usize = 30;
    // Begin, end and width of each resonance, Hz.
    const RESONANCES: [[f64; 3]; 3] = [
        [800.0, 300.0, 80.0],
        [1_200.0, 2_200.0, 100.0],
        [2_500.0, 3_000.0, 120.0],
    ];
    let (mut seed, mut phase, mut memory) = (1u32, 0.0f64, [[0.0f64; 2]; 3]);
    (0..VAD_FRAME * (QUIET + SUNG + QUIET))
        .map(|index| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(seed >> 16) / 65_536.0 - 0.5;
            let at = (index as f64 - (VAD_FRAME * QUIET) as f64) / (VAD_FRAME * SUNG) as f64;
            let mut wave = 0.0;
            if (0.0..1.0).contains(&at) {
                phase += (180.0 - 60.0 * at) / 16_000.0;
                if phase >= 1.0 {
                    phase -= 1.0;
                    wave = 1.0;
                }
                wave += noise * 0.02;
            }
            for ([begin, end, width], memory) in RESONANCES.into_iter().zip(&mut memory) {
                let frequency = begin + (end - begin) * at.clamp(0.0, 1.0);
                let r = (-std::f64::consts::PI * width / 16_000.0).exp();
                let c = 2.0 * r * (2.0 * std::f64::consts::PI * frequency / 16_000.0).cos();
                wave += c * memory[0] - r * r * memory[1];
                *memory = [wave, memory[0]];
                wave *= 1.0 - c + r * r;
            }
            (noise * 20.0 + wave * 40_000.0).round().clamp(-32_768.0, 32_767.0) as i16
        })
        .collect()
}

/// The weights that `sidetone models fetch` brings.
fn published() -> Silero {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/cache/silero-vad/silero_vad_16k.safetensors");
    Silero::load(&file)
        .unwrap_or_else(|error| panic!("{error}; get it with `cargo run -p sidetone-app -- models fetch`"))
}

/// What the published weights give in an independent implementation (numpy, double precision).
///
/// That implementation, given the weights of the ONNX file in the same package, agrees with
/// onnxruntime within 1e-6. The two sets of weights are of different trainings: their probabilities
/// differ by up to 0.4 in single frames, so the ONNX file is no reference for these numbers.
const PUBLISHED: [f32; 50] = [
    0.0205, 0.0122, 0.0069, 0.0070, 0.0060, 0.0067, 0.0070, 0.0068, 0.0064, 0.0066, 0.9390, 0.9690, 0.9664, 0.9631,
    0.9454, 0.9072, 0.8511, 0.7549, 0.6939, 0.6455, 0.6378, 0.6005, 0.6152, 0.5698, 0.6898, 0.6476, 0.5686, 0.6665,
    0.6495, 0.6634, 0.7276, 0.6581, 0.6054, 0.5829, 0.6424, 0.5581, 0.4840, 0.4479, 0.5609, 0.5952, 0.4763, 0.5940,
    0.3676, 0.1832, 0.0824, 0.0463, 0.0344, 0.0272, 0.0210, 0.0172,
];

#[test]
fn the_probabilities_are_those_of_the_published_weights() {
    let silero = published();
    let mut detector = silero.detector();
    let heard: Vec<f32> = sung_vowel()
        .as_chunks()
        .0
        .iter()
        .map(|frame| detector.probability(frame))
        .collect();
    assert_eq!(heard.len(), PUBLISHED.len());
    for (frame, (ours, theirs)) in heard.iter().zip(PUBLISHED).enumerate() {
        assert!((ours - theirs).abs() < 0.000_5, "frame {frame}: {ours} for {theirs}");
    }
}

/// Twenty seconds at 16 kHz: frequencies that sound at each moment, as loud as a voice.
fn tones(at: impl Fn(f32) -> Vec<f32>) -> Vec<i16> {
    let sample = |n: usize| {
        let t = n as f32 / 16_000.0;
        let sum: f32 = at(t)
            .iter()
            .map(|hertz| (std::f32::consts::TAU * hertz * t).sin())
            .sum();
        (sum * 2_000.0) as i16
    };
    (0..320_000).map(sample).collect()
}

#[test]
fn what_a_line_carries_beside_voices_opens_no_segment() {
    let silero = published();
    // ITU-T Q.23: 100 ms each with 150 ms between.
    let keys = tones(|t| match t % 0.25 {
        on if on < 0.1 => {
            let key = (t / 0.25) as usize;
            vec![
                [697.0, 770.0, 852.0, 941.0][key * 5 % 4],
                [1_209.0, 1_336.0, 1_477.0][key * 7 % 3],
            ]
        }
        _ => Vec::new(),
    });
    let chords = [
        [262.0, 330.0, 392.0],
        [220.0, 262.0, 330.0],
        [175.0, 220.0, 262.0],
        [196.0, 247.0, 294.0],
    ];
    let music = tones(|t| {
        let chord = chords[t as usize % chords.len()];
        chord
            .into_iter()
            .flat_map(|hertz| [hertz, 2.0 * hertz, 3.0 * hertz])
            .collect()
    });
    let ringing = tones(|t| if t % 5.0 < 1.0 { vec![450.0] } else { Vec::new() });
    for (what, samples) in [("keys", keys), ("music", music), ("ringing", ringing)] {
        let mut segmenter = Segmenter::new(SegmentConfig::default(), Some(silero.detector()));
        let begin = MediaTime::zero(SampleRate::WIDE);
        segmenter.push(&PcmFrame { begin, samples });
        segmenter.flush();
        assert_eq!(segmenter.poll(), None, "{what}");
    }
}
