use super::*;

/// A file with the real shapes and made-up weights.
fn file(names: &[(&str, usize)]) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, count) in names {
        let begin = data.len();
        for index in 0..*count {
            data.extend((((index * 37 + name.len()) % 101) as f32 / 2_000.0 - 0.025).to_le_bytes());
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
