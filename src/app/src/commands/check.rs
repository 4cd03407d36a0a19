//! `sidetone check`

use super::ConfigArgs;
use crate::config::Config;

pub(super) fn run(args: &ConfigArgs) -> Result<(), String> {
    let config = args.load()?;
    println!("{} is valid ({})", args.config.display(), switches(&config));
    Ok(())
}

/// The switches that are listened to.
fn switches(config: &Config) -> &'static str {
    match (config.asterisk.is_some(), config.freeswitch.is_some()) {
        (true, true) => "Asterisk and FreeSWITCH",
        (true, false) => "Asterisk",
        (false, true) => "FreeSWITCH",
        (false, false) => "no switch: only replay will work",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn every_switch_that_is_configured_is_named() {
        let named = |text: &str| switches(&parse(text).unwrap());
        assert_eq!(named(""), "no switch: only replay will work");
        assert_eq!(named("[asterisk.ami]\nsecret = \"x\""), "Asterisk");
        assert_eq!(named("[freeswitch.esl]\npassword = \"x\""), "FreeSWITCH");
        assert_eq!(named("[asterisk]\n[freeswitch]"), "Asterisk and FreeSWITCH");
    }
}
