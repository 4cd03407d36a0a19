//! Endpoints by wildcard.

/// `*` is any text, `?` any one character.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, t));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns() {
        assert!(matches("PJSIP/80??", "PJSIP/8001"));
        assert!(!matches("PJSIP/80??", "PJSIP/801"));
        assert!(matches("*/8*1", "SIP/8001"));
        assert!(!matches("", "x"));
        assert!(matches("**", ""));
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_a_star(text in "[a-z/0-9]{0,20}") {
            prop_assert!(matches(&text, &text));
            prop_assert!(matches("*", &text));
            let prefixed = format!("{text}*");
            prop_assert!(matches(&prefixed, &text));
        }
    }
}
