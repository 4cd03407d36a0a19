//! Stands in for the daemon: shows what the module says, answers every question with a canned utterance.
//!
//! `cargo run -p sidetone-mod-wire --example mod_listen -- /run/sidetone/mod.sock [FOLDER]`
//! Each leg's audio goes to `FOLDER/<uuid>.<rate>.s16` when a folder is named.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sidetone_mod_wire::{Answer, Audio, Decoder, Event, FromModule, Message, Status, Subclass, ToModule, Welcome};

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("the socket's path is missing");
    let folder = args.next().map(PathBuf::from);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).expect("the socket can be bound");
    for stream in listener.incoming() {
        let folder = folder.clone();
        std::thread::spawn(move || serve(&stream.expect("a connection"), folder.as_ref()));
    }
}

#[derive(Default)]
struct Leg {
    frames: u64,
    lost: u64,
    expected: u64,
    rate: u32,
    file: Option<File>,
}

fn serve(stream: &UnixStream, folder: Option<&PathBuf>) {
    let mut decoder = Decoder::<FromModule>::default();
    let mut legs: HashMap<String, Leg> = HashMap::new();
    let mut buffer = [0; 65536];
    let mut said = Instant::now();
    loop {
        let length = (&*stream).read(&mut buffer).unwrap_or(0);
        if length == 0 {
            println!("disconnected with {} legs", legs.len());
            return;
        }
        decoder.push(&buffer[..length]);
        while let Some(message) = decoder.take().expect("the module's protocol") {
            take(message, stream, &mut legs, folder);
        }
        if said.elapsed() >= Duration::from_secs(1) {
            said = Instant::now();
            let frames: u64 = legs.values().map(|leg| leg.frames).sum();
            let lost: u64 = legs.values().map(|leg| leg.lost).sum();
            println!("{} legs, {frames} frames, {lost} lost", legs.len());
        }
    }
}

fn take(message: FromModule, stream: &UnixStream, legs: &mut HashMap<String, Leg>, folder: Option<&PathBuf>) {
    match message {
        FromModule::Hello(hello) => {
            println!("{hello:?}");
            let daemon = "mod_listen".to_owned();
            send(stream, &ToModule::Welcome(Welcome { daemon }));
        }
        FromModule::LegStart(start) => {
            println!("{start:?}");
            legs.insert(start.uuid.clone(), Leg::default());
            let body = format!("{{\"call_id\":\"{}\",\"text\":\"您好\"}}", start.call);
            let (uuid, subclass) = (start.uuid, Subclass::Transcription);
            send(stream, &ToModule::Event(Event { uuid, subclass, body }));
        }
        FromModule::Audio(audio) => hear(&audio, legs, folder),
        FromModule::LegStop(stop) => {
            let leg = legs.remove(&stop.uuid);
            println!("{stop:?}, received {}", leg.map_or(0, |leg| leg.frames));
        }
        FromModule::Ask(ask) => {
            println!("{ask:?}");
            send(stream, &ToModule::Answer(canned(ask.ask)));
        }
        other => println!("{other:?}"),
    }
}

fn hear(audio: &Audio, legs: &mut HashMap<String, Leg>, folder: Option<&PathBuf>) {
    let leg = legs.get_mut(&audio.uuid).expect("audio of a leg that was started");
    if leg.rate != audio.rate {
        println!("{} at {} Hz, position {}", audio.uuid, audio.rate, audio.position);
        leg.file = folder.map(|f| File::create(f.join(format!("{}.{}.s16", audio.uuid, audio.rate))).expect("a file"));
        (leg.rate, leg.expected) = (audio.rate, audio.position);
    }
    if audio.position != leg.expected {
        println!(
            "{} jumps {} → {}, lost {}",
            audio.uuid, leg.expected, audio.position, audio.lost
        );
    }
    leg.expected = audio.position + audio.samples.len() as u64;
    leg.frames += 1;
    leg.lost += u64::from(audio.lost);
    if let Some(file) = &mut leg.file {
        let bytes: Vec<u8> = audio.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        file.write_all(&bytes).expect("the file takes audio");
    }
}

fn canned(ask: u64) -> Answer {
    let variables = [
        ("text", "我想问一下失业金怎么领"),
        ("confidence", "0.87"),
        ("topic", "unemployment_benefit"),
        ("topic_name", "失业保险金"),
        ("intent", "procedure"),
        ("slots", "{\"region\":\"370500\"}"),
        ("slot_region", "370500"),
        ("reply", "可以在网上或街道申请"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Answer::fitting(ask, Status::Heard, variables.into())
}

fn send(stream: &UnixStream, message: &ToModule) {
    let mut out = Vec::new();
    message.encode(&mut out).expect("a message within its bounds");
    let _ = (&*stream).write_all(&out);
}
