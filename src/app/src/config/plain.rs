//! What the parser says, in an administrator's words: what stands there and what is wanted instead.

use toml::Value;

use super::ConfigFault;

/// Characters of a value that are repeated.
const SHOWN: usize = 40;

/// Part of what the parser says, and what is wanted there.
const WANTED: [(&str, &str); 14] = [
    ("expected u16", "a whole number from 0 to 65535"),
    ("expected u32", "a whole number, 0 or more"),
    ("expected u64", "a whole number, 0 or more"),
    ("expected usize", "a whole number, 0 or more"),
    ("expected f32", "a number"),
    ("expected a boolean", "true or false"),
    ("duration", "a duration: \"2h\", \"90s\" or \"500ms\""),
    ("socket address", "an address and a port: \"127.0.0.1:9180\""),
    ("IP address", "an address: \"192.0.2.10\"; names are not looked up"),
    ("expected a sequence", "a list: [\"…\", \"…\"]"),
    ("expected a map", "a section in brackets, or keys with values"),
    ("date string", "a date: \"2024-08-01\""),
    // The library of dates and times names their parts; durations are named above.
    ("failed to parse", "a date: \"2024-08-01\""),
    ("expected a string", "text in quotes"),
];

/// What is wrong with a value. Secrets are not repeated.
pub(super) fn told(message: &str, keys: &[String], value: Option<&Value>) -> String {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let last = keys.last().map_or("", String::as_str);
    let wanted = WANTED.iter().find(|(said, _)| message.contains(said));
    match (wanted.map(|(_, plain)| plain), value) {
        (Some(wanted), Some(value)) => format!("{} cannot be read; write {wanted}", shown(last, value)),
        (Some(wanted), None) => format!("it cannot be read; write {wanted}"),
        (None, _) if is_secret(last) => "it cannot be read; write text in quotes".to_owned(),
        (None, _) => message,
    }
}

fn is_secret(key: &str) -> bool {
    ["secret", "password", "key", "token", "number_salt", "url"].contains(&key)
}

fn shown(key: &str, value: &Value) -> String {
    let text = value.to_string();
    if is_secret(key) || value.is_table() || text.chars().count() > SHOWN {
        "the value".to_owned()
    } else {
        text
    }
}

/// The text as TOML, or all that keeps it from being that.
pub(super) fn table(text: &str) -> Result<toml::Table, Vec<ConfigFault>> {
    let (_, mut errors) = toml::de::DeTable::parse_recoverable(text);
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let fault = |error: &toml::de::Error| {
        let line = error.span().map_or(1, |span| {
            let before = text.get(..span.start).unwrap_or(text);
            before.matches('\n').count() + 1
        });
        ConfigFault {
            key: String::new(),
            reason: format!("not TOML: line {line}: {}", error.message().replace('\n', ", ")),
        }
    };
    if !errors.is_empty() {
        return Err(errors.iter().map(fault).collect());
    }
    text.parse().map_err(|error| vec![fault(&error)])
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    fn reasons(text: &str) -> Vec<String> {
        let faults = parse(text).unwrap_err();
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_value_that_cannot_be_read_says_what_is_wanted() {
        for (text, said) in [
            (
                "[asterisk.ami]\nport = 99999",
                "99999 cannot be read; write a whole number from 0 to 65535",
            ),
            ("[speech]\npartials = 1", "1 cannot be read; write true or false"),
            ("[speech]\nhangover = 3", "write a duration"),
            (
                "[speech]\npre_roll = \"abc\"",
                "\"abc\" cannot be read; write a duration",
            ),
            ("[redis]\nttl = \"5\"", "\"5\" cannot be read; write a duration"),
            ("[redis]\nttl = 90", "90 cannot be read; write a duration"),
            (
                "[asterisk.queues]\nwrapup = \"-1s\"",
                "\"-1s\" cannot be read; write a duration",
            ),
            ("[http]\nlisten = \"abc\"", "write an address and a port"),
            ("[knowledge]\nas_of = \"2024-13-01\"", "write a date"),
            ("[knowledge]\nas_of = 3", "3 cannot be read; write a date"),
            ("[asterisk]\nagent_patterns = \"PJSIP/80??\"", "write a list"),
            (
                "[asterisk.agents]\n\"PJSIP/1\" = 8012",
                "8012 cannot be read; write text in quotes",
            ),
            ("[freeswitch.sip]\nallow = [\"x\"]", "write an address: "),
            ("[outbox]\nmax_bytes = \"256MB\"", "write a whole number, 0 or more"),
        ] {
            let reasons = reasons(text);
            assert!(
                reasons.iter().any(|reason| reason.contains(said)),
                "{text}: {reasons:?}"
            );
        }
    }

    #[test]
    fn a_choice_that_is_no_text_still_names_the_choices() {
        for text in [
            "[asterisk]\ntap = 3",
            "[asterisk]\ntap = true",
            "[asterisk]\ntap = [\"snoop\"]",
        ] {
            let reasons = reasons(text);
            assert!(reasons[0].contains("`chanspy`"), "{text}: {reasons:?}");
        }
    }

    #[test]
    fn a_secret_is_not_repeated_whatever_it_is() {
        let said = reasons("[asterisk.ami]\nsecret = 8675309\n[asterisk.ari]\npassword = [8675309]").join("\n");
        assert!(
            said.contains("asterisk.ami.secret") && said.contains("asterisk.ari.password"),
            "{said}"
        );
        assert!(!said.contains("8675309"), "{said}");
    }

    #[test]
    fn every_line_that_is_no_toml_is_named() {
        let said = reasons("[speech]\nworkers = \npartials = true\n[redis\nurl = \"a\"\n");
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("line 2") && said[1].contains("line 4"), "{said:?}");
    }
}
