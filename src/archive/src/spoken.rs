//! What is said compared with what is shown.

use sidetone_language::{number, zh};

/// Letters and digits alone, lower case, each number in one spelling.
pub(crate) fn plain(text: &str) -> String {
    let chars: Vec<char> = text.chars().map(narrow).filter(|c| *c != ',').collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let rest = &chars[at..];
        if let Some(len) = zh().measures.percent_before.head(rest) {
            at += len;
        } else if let Some(found) = number(rest) {
            out.push_str(&found.value.to_string().replace('.', ""));
            at += found.len;
        } else {
            out.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
            at += 1;
        }
    }
    out
}

fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(c as u32 - 0xff10 + 0x30).unwrap_or(c),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn punctuation_width_and_the_way_of_saying_a_number_do_not_matter() {
        for (said, shown) in [
            ("\u{ff12},100.5 A", "21005a"),
            ("每月三千五百元", "每月3500元"),
            ("一共两万元", "一共20000元"),
            ("百分之二十", "20%"),
            ("一万二千块", "12,000块"),
        ] {
            assert_eq!(plain(said), plain(shown), "{said}");
        }
    }
}
