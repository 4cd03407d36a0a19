//! What a real FreeSWITCH said (`tests/golden`), through the parsers and the SIP endpoint.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sidetone_freeswitch::esl::{Decoder, Message};
use sidetone_freeswitch::sip::{Endpoint, Expected, Input, LEG_HEADER, Offer, Output, SipMessage, TAP_HEADER};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn every_session_is_understood_to_its_last_byte_however_it_is_cut() {
    for file in files("esl") {
        let bytes = fs::read(&file).unwrap();
        let mut told = Vec::new();
        for size in [bytes.len(), 1448, 7] {
            let mut decoder = Decoder::new();
            let mut messages = Vec::new();
            for chunk in bytes.chunks(size) {
                decoder.feed(chunk);
                while let Some(message) = decoder.poll().unwrap() {
                    messages.push(message);
                }
            }
            told.push(messages);
        }
        assert!(told.iter().all(|messages| messages == &told[0]), "{}", file.display());
        let messages = &told[0];
        assert!(messages.len() > 1, "{}", file.display());
        for message in messages {
            if let Message::Event(headers, _) = message {
                assert!(headers.get("Event-Name").is_some(), "{}", file.display());
            }
        }
    }
}

/// One datagram of a recorded dialogue: whether the switch sent it, and its bytes.
fn dialogue(file: &Path) -> Vec<(bool, Vec<u8>)> {
    let bytes = fs::read(file).unwrap();
    let mut rest = bytes.as_slice();
    let mut out = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let words: Vec<&str> = head.split(' ').collect();
        let length: usize = words[4].parse().unwrap();
        out.push((words[1] == "in", rest[end + 1..end + 1 + length].to_vec()));
        rest = &rest[end + 1 + length + 1..];
    }
    out
}

/// The recording had no header for the attempt; the leg's stands for it.
fn with_tap(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let named = format!("{LEG_HEADER}: ");
    match text.split_once(&named) {
        Some((before, after)) => {
            let leg = after.lines().next().unwrap();
            format!("{before}{TAP_HEADER}: {leg}\r\n{named}{after}").into_bytes()
        }
        None => bytes.to_vec(),
    }
}

fn codec_of(file: &Path) -> &'static str {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let known = [("g722", "G722"), ("opus", "opus"), ("pcma", "PCMA"), ("l16", "L16")];
    let found = known.into_iter().find(|(mark, _)| name.contains(mark));
    found.map_or("PCMU", |(_, codec)| codec)
}

#[test]
fn every_tap_is_answered_with_its_codec_alone() {
    let now = Instant::now() + Duration::from_secs(1000);
    for file in files("sip") {
        let name = file.display().to_string();
        let mut endpoint = Endpoint::new("127.0.0.1:5090".parse().unwrap(), vec!["127.0.0.1".parse().unwrap()]);
        let mut story = Vec::new();
        for (from_switch, bytes) in dialogue(&file) {
            let message = SipMessage::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            if !from_switch {
                continue;
            }
            if let SipMessage::Request(request) = &message
                && let Some(leg) = request.get(LEG_HEADER)
            {
                endpoint.handle(
                    now,
                    Input::Expect(Expected {
                        tap: leg.to_owned(),
                        leg: leg.to_owned(),
                        codec: codec_of(&file).to_owned(),
                        rtp: "127.0.0.1:12000".parse().unwrap(),
                    }),
                );
            }
            let bytes = match &message {
                SipMessage::Request(request) if request.get("To").unwrap().contains("tag=") => {
                    // Within the dialog the switch names the tag that the recording's user agent gave.
                    let leg = story_leg(&story);
                    String::from_utf8(bytes)
                        .unwrap()
                        .replace("tag=tap1", &format!("tag={leg}"))
                        .into_bytes()
                }
                _ => with_tap(&bytes),
            };
            endpoint.handle(
                now,
                Input::Datagram {
                    from: "127.0.0.1:26000".parse().unwrap(),
                    bytes,
                },
            );
            while let Some(output) = endpoint.poll() {
                match output {
                    Output::Send { bytes, .. } => {
                        let text = String::from_utf8(bytes).unwrap();
                        if let Some((_, sdp)) = text.split_once("\r\n\r\n").filter(|(_, sdp)| !sdp.is_empty()) {
                            let answer = Offer::parse(sdp).unwrap();
                            assert_eq!(answer.codecs.len(), 1, "{name}");
                            assert!(answer.choose(codec_of(&file)).is_ok(), "{name}");
                        }
                        story.push(text.lines().next().unwrap().to_owned());
                    }
                    Output::Accepted { tap, .. } => story.push(format!("accepted {tap}")),
                    Output::Ended { .. } => story.push("ended".to_owned()),
                    Output::Refused(why) => panic!("{name}: {why:?}"),
                }
            }
        }
        assert_eq!(story[0], "SIP/2.0 200 OK", "{name}");
        assert!(story[1].starts_with("accepted"), "{name}");
        println!("{name}: {story:?}");
    }
}

fn story_leg(story: &[String]) -> String {
    let accepted = story.iter().find_map(|line| line.strip_prefix("accepted "));
    accepted.unwrap_or_default().to_owned()
}
