//! Standard output that nobody reads any more.

use std::process::exit;

/// What a shell has a program end with that wrote to a closed pipe: 128 and the number of `SIGPIPE`.
const NOBODY_READS: i32 = 141;

/// Ends the process without a word when standard output is closed (`… | head -1`), and with one when it cannot be written (a full
/// disk). `println!` panics on both, and the standard library has no stable way to be told otherwise.
pub fn end_when_nobody_reads() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>();
        match message.filter(|message| message.starts_with("failed printing to stdout")) {
            Some(message) if message.contains("Broken pipe") => exit(NOBODY_READS),
            Some(message) => {
                eprintln!("{message}");
                exit(1)
            }
            None => before(panic),
        }
    }));
}
