//! The two commands that are sent.

/// The longest line that is sent, in bytes: Asterisk before 18 read commands into 2,048 bytes, and took
/// what was beyond them for another command.
pub const MAX_COMMAND: usize = 2_000;

/// `SET VARIABLE`, whatever the value holds: a value is one quoted word, without line ends, and never
/// longer than a line may be (what is beyond is cut at a character).
#[must_use]
pub fn set_variable(name: &str, value: &str) -> Vec<u8> {
    let mut line = format!("SET VARIABLE {} \"", variable(name));
    for c in value.chars() {
        let length = c.len_utf8() + 1;
        if line.len() + length + 2 > MAX_COMMAND {
            break;
        }
        match c {
            '"' | '\\' => line.extend(['\\', c]),
            c if c.is_control() => line.push(' '),
            c => line.push(c),
        }
    }
    line.push_str("\"\n");
    line.into_bytes()
}

/// `GET VARIABLE`: one of the channel, or a global one.
#[must_use]
pub fn get_variable(name: &str) -> Vec<u8> {
    format!("GET VARIABLE {}\n", variable(name)).into_bytes()
}

fn variable(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_');
    letters.take(64).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `parse_args` of Asterisk's `res_agi.c`, as it takes a line apart.
    fn as_asterisk_reads(line: &str) -> Vec<String> {
        let (mut words, mut quoted, mut escaped, mut blank): (Vec<String>, bool, bool, bool) =
            (Vec::new(), false, false, true);
        for c in line.trim_end_matches('\n').chars() {
            match c {
                '"' if !escaped => {
                    quoted = !quoted;
                    if quoted && blank {
                        words.push(String::new());
                        blank = false;
                    }
                }
                ' ' | '\t' if !quoted && !escaped => blank = true,
                '\\' if !escaped => {
                    escaped = true;
                    continue;
                }
                c => {
                    if blank {
                        words.push(String::new());
                        blank = false;
                    }
                    words.last_mut().unwrap().push(c);
                }
            }
            escaped = false;
        }
        words
    }

    #[test]
    fn no_words_of_a_caller_end_the_quotes() {
        for words in [
            "",
            "我要\"投诉\"",
            "a\\",
            "\\\"",
            "x\nHANGUP",
            "${SHELL(reboot)}",
            "a\tb \" c",
            "\u{0}\r\n",
        ] {
            let line = String::from_utf8(set_variable("SIDETONE_TEXT", words)).unwrap();
            assert_eq!(line.matches('\n').count(), 1);
            let expected = words.replace(|c: char| c.is_control(), " ");
            assert_eq!(
                as_asterisk_reads(&line),
                ["SET", "VARIABLE", "SIDETONE_TEXT", &expected]
            );
        }
    }

    proptest! {
        #[test]
        fn any_value_is_one_word_of_one_line(value in any::<String>()) {
            let line = String::from_utf8(set_variable("V", &value)).unwrap();
            prop_assert!(line.len() <= MAX_COMMAND);
            prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
            let words = as_asterisk_reads(&line);
            prop_assert_eq!(words.len(), 4);
            let whole = value.replace(|c: char| c.is_control(), " ");
            prop_assert!(whole.starts_with(&words[3]));
            prop_assert!(words[3] == whole || line.len() > MAX_COMMAND - 12);
        }
    }

    #[test]
    fn a_long_value_is_cut_at_a_character() {
        let line = set_variable("V", &"失".repeat(2_000));
        assert!(line.len() <= MAX_COMMAND && line.len() > MAX_COMMAND - 8);
        assert!(String::from_utf8(line).is_ok());
    }
}
