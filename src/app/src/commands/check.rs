//! `sidetone check`

use super::ConfigArgs;

pub(super) fn run(args: &ConfigArgs) -> Result<(), String> {
    let config = args.load()?;
    let switch = if config.asterisk.is_some() {
        "Asterisk"
    } else {
        "no switch: only replay will work"
    };
    println!("{} is valid ({switch})", args.config.display());
    Ok(())
}
