//! How words sound: toneless syllables, without what recognisers of telephone speech confuse.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::ToPinyin as _;

use super::lexicon::of_kind;

/// Toneless syllables; none for a text that has other than Chinese characters and digits, or no Chinese one.
pub(super) fn default_reading(text: &str) -> Option<String> {
    let mut sound = String::new();
    let mut any = false;
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(c) = letters.get(at) {
        let digit = |at: usize| letters.get(at).and_then(|c| c.to_digit(10));
        if let Some(pinyin) = c.to_pinyin() {
            any = true;
            sound.push_str(pinyin.plain());
        } else if let (Some(1), Some(0), None) = (digit(at), digit(at + 1), digit(at + 2)) {
            sound.push_str(DIGIT_NAMES.get(&10)?);
            at += 1;
        } else {
            sound.push_str(DIGIT_NAMES.get(&i64::from(digit(at)?))?);
        }
        sound.push(' ');
        at += 1;
    }
    any.then_some(sound)
}

/// The same, with every reading of a character that has several, and with the other names of digits: "liang" for 2.
pub(super) fn sounds_of(text: &str) -> Vec<String> {
    let lone = || Some(format!("{} ", DIGIT_NAMES.get(&text.parse().ok()?)?));
    let mut all = readings(text);
    if all.is_empty() {
        all.extend(lone());
    }
    let others: Vec<(&str, &str)> = of_kind("digit")
        .filter_map(|(value, chars)| {
            let usual = DIGIT_NAMES.get(&value.parse().ok()?).copied()?;
            let other = chars.split(' ').nth(1)?.chars().next()?.to_pinyin()?.plain();
            text.contains(value).then_some((usual, other))
        })
        .collect();
    let renamed = |usual: &String| {
        let named = |(one, other): &(&str, &str)| usual.replace(&format!("{one} "), &format!("{other} "));
        others.iter().map(named).collect::<Vec<_>>()
    };
    let more: Vec<String> = all.iter().flat_map(renamed).collect();
    all.extend(more);
    all
}

/// The syllable of each digit: a numeral that was heard as another word, or a word as a numeral, sounds the same.
static DIGIT_NAMES: LazyLock<HashMap<i64, &'static str>> = LazyLock::new(|| {
    let digits = of_kind("digit");
    let named = |(value, chars): (&str, &'static str)| {
        let first = chars.chars().next()?.to_pinyin()?;
        Some((value.parse().ok()?, first.plain()))
    };
    digits.filter_map(named).collect()
});

/// The usual readings of a word: those of the table where a character has another than its first.
pub(super) fn readings(text: &str) -> Vec<String> {
    let Some(first) = default_reading(text) else {
        return Vec::new();
    };
    let mut all = vec![first];
    for (syllable, c) in of_kind("reading").filter_map(|(syllable, c)| Some((syllable, c.chars().next()?))) {
        let Some(usual) = c.to_pinyin().filter(|_| text.contains(c)) else {
            continue;
        };
        let other = |sound: &String| sound.replace(&format!("{} ", usual.plain()), &format!("{syllable} "));
        let more: Vec<String> = all.iter().map(other).collect();
        all.extend(more);
    }
    // The usual reading stays the first.
    let mut known = std::collections::BTreeSet::new();
    all.retain(|sound| known.insert(sound.clone()));
    all
}

/// The syllables of a text as they are compared by ear; what has none stands for itself.
pub(super) fn near_syllables(text: &str) -> Vec<String> {
    let of = |c: char| match default_reading(c.encode_utf8(&mut [0; 4])) {
        Some(sound) => near(sound.trim_end()),
        None => c.to_string(),
    };
    text.chars().map(of).collect()
}

/// Syllables without the differences that recognisers of telephone speech miss: retroflex, nasal endings, n and l.
pub(super) fn near(sound: &str) -> String {
    let syllable = |one: &str| {
        let one = one
            .strip_suffix("ng")
            .map_or_else(|| one.to_owned(), |head| format!("{head}n"));
        let one = match one.strip_prefix("zh").map(|tail| format!("z{tail}")) {
            Some(one) => one,
            None => one.replacen("ch", "c", 1).replacen("sh", "s", 1),
        };
        one.strip_prefix('n')
            .filter(|tail| !tail.is_empty())
            .map_or(one.clone(), |tail| format!("l{tail}"))
    };
    sound.split(' ').map(syllable).collect::<Vec<_>>().join(" ")
}
