//! Protocols over a byte stream: the same messages, however the bytes are cut.

use std::fmt::Debug;

use sidetone_asterisk::{ami, audiosocket, fastagi};
use sidetone_freeswitch::esl;
use sidetone_mod_wire::{Decoder, FromModule, ToModule};

/// What was read, up to the first error.
type Read = Vec<String>;

/// Feeds all at once and in pieces; both must give the same.
fn cut(data: &[u8], read: impl Fn(&mut dyn Iterator<Item = &[u8]>) -> Read) {
    let Some((piece, bytes)) = data.split_first() else {
        return;
    };
    let whole = read(&mut std::iter::once(bytes));
    let pieces = read(&mut bytes.chunks(usize::from(*piece).max(1)));
    assert_eq!(whole, pieces, "cut into pieces of {piece}");
}

/// Takes messages until there is none; `false` after an error, which ends the connection.
fn drain<M: Debug, E: Debug>(out: &mut Read, mut poll: impl FnMut() -> Result<Option<M>, E>) -> bool {
    loop {
        match poll() {
            Ok(Some(message)) => out.push(format!("{message:?}")),
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

pub(crate) fn ami(data: &[u8]) {
    cut(data, |reads| {
        let (mut decoder, mut out) = (ami::Decoder::new(), Vec::new());
        for bytes in reads {
            decoder.feed(bytes);
            if !drain(&mut out, || decoder.poll()) {
                break;
            }
        }
        out
    });
}

pub(crate) fn audiosocket(data: &[u8]) {
    cut(data, |reads| {
        let (mut decoder, mut out) = (audiosocket::Decoder::new(), Vec::new());
        for bytes in reads {
            decoder.feed(bytes);
            if !drain(&mut out, || decoder.poll()) {
                break;
            }
        }
        out
    });
}

pub(crate) fn esl(data: &[u8]) {
    cut(data, |reads| {
        let (mut decoder, mut out) = (esl::Decoder::new(), Vec::new());
        for bytes in reads {
            decoder.feed(bytes);
            if !drain(&mut out, || decoder.poll()) {
                break;
            }
        }
        out
    });
}

pub(crate) fn fastagi(data: &[u8]) {
    cut(data, |reads| {
        let (mut decoder, mut out) = (fastagi::Decoder::new(), Vec::new());
        let mut asked = false;
        for bytes in reads {
            decoder.feed(bytes);
            if !asked {
                match decoder.poll_environment() {
                    Ok(Some(environment)) => {
                        asked = true;
                        out.push(format!("{:?}", fastagi::Request::parse(&environment)));
                        for (name, value) in &environment {
                            one_line(&fastagi::set_variable(name, value));
                        }
                    }
                    Ok(None) => continue,
                    Err(_) => break,
                }
            }
            if !drain(&mut out, || decoder.poll_reply()) {
                break;
            }
        }
        out
    });
}

/// A command is one line, whatever a caller has said: a second one would be the caller's.
fn one_line(command: &[u8]) {
    let breaks = command.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    assert!(breaks <= 1, "{:?}", String::from_utf8_lossy(command));
}

pub(crate) fn modwire(data: &[u8]) {
    cut(data, |reads| {
        let mut from_module: Decoder<FromModule> = Decoder::default();
        let mut to_module: Decoder<ToModule> = Decoder::default();
        let mut out = Vec::new();
        for bytes in reads {
            from_module.push(bytes);
            to_module.push(bytes);
            let _ = drain(&mut out, || from_module.take());
            let _ = drain(&mut out, || to_module.take());
        }
        // The two directions are read side by side: their order depends on the cut.
        out.sort_unstable();
        out
    });
}
