use std::path::PathBuf;

use sidetone_base::SampleRate;
use sidetone_media::file::{Audio, wav};

use super::*;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sidetone-recording-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn wav(&self, channels: usize) -> PathBuf {
        let audio = Audio {
            rate: SampleRate::NARROW,
            channels: vec![vec![5; 400]; channels],
        };
        self.file(&format!("{channels}.wav"), &wav::write(&audio))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// One direction's packets: from, to, SSRC, payload type, milliseconds of the first, bytes of sound.
type Stream = ((u8, u16), (u8, u16), u32, u8, u32, usize);

const TO_AGENT: Stream = ((10, 4_000), (20, 5_000), 1, 8, 0, 160);
const TO_CALLER: Stream = ((20, 5_000), (10, 4_000), 2, 8, 0, 160);

/// A capture of raw IP with 50 packets of each.
fn pcap(streams: &[Stream]) -> Vec<u8> {
    let mut file = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x65\0\0\0".to_vec();
    for n in 0..50_u32 {
        for ((from, from_port), (to, to_port), ssrc, payload_type, begin, bytes) in streams {
            let mut rtp = vec![0x80, *payload_type, 0, n as u8];
            rtp.extend((n * 160).to_be_bytes());
            rtp.extend(ssrc.to_be_bytes());
            rtp.extend([*ssrc as u8, n as u8].into_iter().cycle().take(*bytes));
            let mut packet = vec![
                0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 192, 0, 2, *from, 192, 0, 2, *to,
            ];
            packet.extend(from_port.to_be_bytes());
            packet.extend(to_port.to_be_bytes());
            packet.extend((8 + rtp.len() as u16).to_be_bytes());
            packet.extend([0, 0]);
            packet.extend(rtp);
            let millis = begin + n * 20;
            let length = packet.len() as u32;
            for word in [1_700_000_000 + millis / 1_000, millis % 1_000 * 1_000, length, length] {
                file.extend(word.to_le_bytes());
            }
            file.extend(packet);
        }
    }
    file
}

fn refusal(paths: &[PathBuf], reading: &Reading) -> String {
    RecordedCall::open(paths, reading).unwrap_err()
}

#[test]
fn one_voice_and_too_many_channels_are_said_plainly() {
    let folder = Folder::new("channels");
    let (mono, stereo, six) = (folder.wav(1), folder.wav(2), folder.wav(6));
    let plain = Reading::default();
    let call = RecordedCall::open(std::slice::from_ref(&mono), &plain).unwrap();
    assert!(call.notes()[0].contains("heard as the caller"), "{:?}", call.notes());
    let swap = Reading {
        swap: true,
        ..Reading::default()
    };
    let swapped = RecordedCall::open(std::slice::from_ref(&mono), &swap).unwrap();
    assert_eq!(swapped.legs().map(|(_, role)| role).collect::<Vec<_>>(), [Role::Agent]);
    assert!(
        RecordedCall::open(std::slice::from_ref(&stereo), &plain)
            .unwrap()
            .notes()
            .is_empty()
    );
    assert!(refusal(&[six], &plain).contains("6.wav has 6 channel(s)"));
    assert!(refusal(&[mono, stereo], &plain).contains("2.wav has 2 channel(s)"));
}

#[test]
fn an_unknown_payload_type_is_named_with_the_cure() {
    let folder = Folder::new("payload");
    let streams = [
        (TO_AGENT.0, TO_AGENT.1, 1, 96, 0, 320),
        (TO_CALLER.0, TO_CALLER.1, 2, 96, 0, 320),
    ];
    let file = [folder.file("l16.pcap", &pcap(&streams))];
    let reason = refusal(&file, &Reading::default());
    assert!(
        reason.contains("l16.pcap") && reason.contains("payload type 96"),
        "{reason}"
    );
    assert!(reason.contains("--payload 96=L16/8000"), "{reason}");
    let told = Reading {
        payloads: vec!["96=L16/8000".parse().unwrap()],
        ..Reading::default()
    };
    let call = RecordedCall::open(&file, &told).unwrap();
    let types = call.payload_types(Role::Agent);
    assert_eq!((types[0].number, types[0].rtpmap.as_str()), (96, "L16/8000"));
    let g729 = [(TO_AGENT.0, TO_AGENT.1, 1, 18, 0, 20), TO_CALLER];
    let reason = refusal(&[folder.file("g729.pcap", &pcap(&g729))], &Reading::default());
    assert!(reason.contains("G729, which is not decoded here"), "{reason}");
    assert!("96=G729/8000".parse::<Payload>().unwrap_err().contains("not decoded"));
    assert!("196=L16/8000".parse::<Payload>().is_err() && "L16".parse::<Payload>().is_err());
}

#[test]
fn of_several_calls_one_is_chosen_by_number() {
    let folder = Folder::new("calls");
    let second = [
        ((11, 4_100), (20, 5_100), 3, 8, 0, 160),
        ((20, 5_100), (11, 4_100), 4, 8, 0, 160),
    ];
    let file = [folder.file("two.pcap", &pcap(&[TO_AGENT, TO_CALLER, second[0], second[1]]))];
    let reason = refusal(&file, &Reading::default());
    assert!(
        reason.contains("holds 2 calls") && reason.contains("--call 2: 0.0 s"),
        "{reason}"
    );
    assert!(reason.contains("192.0.2.11:4100 and 192.0.2.20:5100"), "{reason}");
    let chosen = Reading {
        call: Some(2),
        ..Reading::default()
    };
    let call = RecordedCall::open(&file, &chosen).unwrap();
    assert_eq!(call.frames().len(), 100);
    assert!(
        call.notes()[0].contains("the caller is 192.0.2.11:4100"),
        "{:?}",
        call.notes()
    );
    let none = Reading {
        call: Some(3),
        ..Reading::default()
    };
    assert!(refusal(&file, &none).contains("no call 3"));
}

#[test]
fn one_direction_is_refused_and_two_files_of_one_are_a_call() {
    let folder = Folder::new("directions");
    let (one, other) = (
        folder.file("a.pcap", &pcap(&[TO_AGENT])),
        folder.file("b.pcap", &pcap(&[TO_CALLER])),
    );
    assert!(refusal(std::slice::from_ref(&one), &Reading::default()).contains("only one direction"));
    assert_eq!(
        RecordedCall::open(&[one, other], &Reading::default())
            .unwrap()
            .frames()
            .len(),
        100
    );
}
