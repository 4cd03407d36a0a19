//! `sidetone check`

use sidetone_asr::models::ModelStore;

use super::ConfigArgs;
use crate::config::{Config, ConfigFault};

pub(super) fn run(args: &ConfigArgs) -> Result<(), String> {
    let config = args.load()?;
    let unknown = unknown_models(&config);
    if !unknown.is_empty() {
        return Err(args.report(&unknown));
    }
    println!("{} is valid ({})", args.config.display(), switches(&config));
    Ok(())
}

/// Models that no manifest has. Whether their files are there is the doctor's question.
fn unknown_models(config: &Config) -> Vec<ConfigFault> {
    let fault = |key: &str, reason: String| ConfigFault {
        key: key.to_owned(),
        reason,
    };
    let store = match ModelStore::open(&config.speech.models_dir) {
        Ok(store) => store,
        Err(error) => return vec![fault("speech.models_dir", error.to_string())],
    };
    let known = |name: &str| store.manifest().model(name).is_ok();
    let unknown = config.speech.models().into_iter().filter(|(_, name)| !known(name));
    unknown
        .map(|(key, name)| fault(key, format!("{name:?} is no model; `sidetone models list` names them")))
        .collect()
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
    fn a_model_that_is_not_known_is_named_by_its_key() {
        let unknown = |text: &str| unknown_models(&parse(text).unwrap());
        assert!(unknown("").is_empty());
        let found = unknown("[speech]\nmodel = \"whisper-basis\"\nrevise_below = 0.5\nrevise_model = \"x\"");
        assert_eq!(found.len(), 2, "{found:?}");
        let keys: Vec<&str> = found.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(keys, ["speech.model", "speech.revise_model"]);
        assert!(found[0].reason.contains("whisper-basis"), "{found:?}");
    }

    #[test]
    fn every_switch_that_is_configured_is_named() {
        let named = |text: &str| switches(&parse(text).unwrap());
        assert_eq!(named(""), "no switch: only replay will work");
        assert_eq!(named("[asterisk.ami]\nsecret = \"x\""), "Asterisk");
        assert_eq!(named("[freeswitch.esl]\npassword = \"x\""), "FreeSWITCH");
        assert_eq!(named("[asterisk]\n[freeswitch]"), "Asterisk and FreeSWITCH");
    }
}
