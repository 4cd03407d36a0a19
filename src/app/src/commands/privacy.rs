//! `sidetone privacy`

use clap::{Args, Subcommand};
use sidetone_shell::wire::forget_caller;

use super::StoreArgs;

/// Takes out what is kept of a caller.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  sidetone privacy forget --number-hash e0918b7edde57193c32044a83c4539af\n\n\
    The hash is `caller_hash` of call.started; docs/EVENTS.md says how it is made from a number and the salt."
)]
pub(super) struct PrivacyArgs {
    #[command(subcommand)]
    command: PrivacyCommand,
}

#[derive(Subcommand, Debug)]
enum PrivacyCommand {
    /// Forgets a caller's last calls
    Forget(ForgetArgs),
}

#[derive(Args, Debug)]
struct ForgetArgs {
    /// `caller_hash` of call.started
    #[arg(long, value_name = "HASH", value_parser = hash)]
    number_hash: String,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) fn run(args: &PrivacyArgs) -> Result<(), String> {
    let PrivacyCommand::Forget(forget) = &args.command;
    let config = forget.store.config();
    let gone = crate::runtime::start()?.block_on(forget_caller(&config, &forget.number_hash))?;
    println!(
        "{}",
        if gone {
            "forgotten"
        } else {
            "nothing was kept of this caller"
        }
    );
    Ok(())
}

/// A number would be a key that nobody has, and would stand in the shell's history.
fn hash(text: &str) -> Result<String, String> {
    let is_hash = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_hash {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("a hash has 32 hexadecimal digits".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_no_hash() {
        assert!(hash("15400000101").is_err());
        let upper = "E0918B7EDDE57193C32044A83C4539AF";
        assert_eq!(hash(upper).unwrap(), upper.to_lowercase());
    }
}
