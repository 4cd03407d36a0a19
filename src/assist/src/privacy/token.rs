//! The digits of a text, however they are written, and what lies between them.

/// What lies between a digit and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// Blanks, hyphens, hesitation: the number goes on.
    Soft,
    /// Punctuation of a list or a sentence: it may go on.
    Clause,
    /// Other words.
    Wall,
}

/// One digit, or the X of an 身份证.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// `0` to `9` or `X`.
    pub(super) value: u8,
    /// First character in the text; `None` for a digit of the turn before.
    pub(super) begin: Option<usize>,
    /// One past its last character.
    pub(super) end: usize,
    /// What lies before it.
    pub(super) gap: Gap,
}

/// More between two digits than this is no hesitation.
const LONGEST_GAP: usize = 12;

/// The value of a digit, written or spoken, with the characters that 幺 is often heard as.
pub(super) fn digit(c: char) -> Option<u8> {
    Some(match c {
        '0'..='9' => c as u8,
        '０'..='９' => b'0' + (c as u32 - '０' as u32) as u8,
        '零' | '〇' | '○' | '洞' => b'0',
        '一' | '幺' | '壹' | '腰' | '妖' | '吆' | '夭' => b'1',
        '二' | '两' | '贰' | '俩' => b'2',
        '三' | '叁' => b'3',
        '四' | '肆' => b'4',
        '五' | '伍' => b'5',
        '六' | '陆' => b'6',
        '七' | '柒' | '拐' => b'7',
        '八' | '捌' => b'8',
        '九' | '玖' => b'9',
        _ => return None,
    })
}

/// How many characters at the head of `rest` say the X of an 身份证.
fn letter_x(rest: &[char]) -> usize {
    match rest {
        ['X' | 'x' | 'Ｘ' | 'ｘ' | '叉' | '×' | '✕', ..] => 1,
        ['艾' | '爱' | '埃' | '诶', '克', '斯', ..] => 3,
        _ => 0,
    }
}

/// All digits of the text, after those that the turn before ended with.
pub(super) fn tokens(chars: &[char], carried: &[u8]) -> Vec<Token> {
    let mut found: Vec<Token> = carried
        .iter()
        .enumerate()
        .map(|(at, &value)| Token {
            value,
            begin: None,
            end: 0,
            gap: if at == 0 { Gap::Wall } else { Gap::None },
        })
        .collect();
    let mut at = 0;
    while at < chars.len() {
        let x = if found.is_empty() { 0 } else { letter_x(&chars[at..]) };
        let (value, len) = match (digit(chars[at]), x) {
            (Some(value), _) => (value, 1),
            (None, 0) => {
                at += 1;
                continue;
            }
            (None, len) => (b'X', len),
        };
        let gap = match found.last() {
            None => Gap::Wall,
            // A new turn is at least a pause.
            Some(last) if last.begin.is_none() => between(&chars[..at]).max(Gap::Soft),
            Some(last) => between(&chars[last.end..at]),
        };
        if value != b'X' || gap != Gap::Wall {
            found.push(Token {
                value,
                begin: Some(at),
                end: at + len,
                gap,
            });
        }
        at += len;
    }
    found
}

/// Of a text that goes on: how many characters at its head are masked, or not, whatever is said next. A number
/// that may go on is not decided, from its first digit.
#[must_use]
pub fn decided(text: &str) -> usize {
    /// The longest word of hesitation.
    const LONGEST_WORD: usize = 3;
    let chars: Vec<char> = text.chars().collect();
    let tokens = tokens(&chars, &[]);
    let Some(last) = tokens.last() else { return chars.len() };
    let mut at = last.end;
    while let Some((len, _)) = chars.get(at..).and_then(filler) {
        at += len;
    }
    if chars.len() >= at + LONGEST_WORD {
        return chars.len();
    }
    let first = tokens.iter().rev().find(|token| token.gap == Gap::Wall);
    first.and_then(|token| token.begin).unwrap_or(0)
}

/// What kind of gap these characters are.
fn between(chars: &[char]) -> Gap {
    if chars.is_empty() {
        return Gap::None;
    }
    if chars.len() > LONGEST_GAP {
        return Gap::Wall;
    }
    let (mut gap, mut at) = (Gap::Soft, 0);
    while at < chars.len() {
        match filler(&chars[at..]) {
            Some((len, kind)) => {
                gap = gap.max(kind);
                at += len;
            }
            None => return Gap::Wall,
        }
    }
    gap
}

/// A separator or a hesitation at the head of `rest`.
fn filler(rest: &[char]) -> Option<(usize, Gap)> {
    const WORDS: &[&str] = &[
        "然后是",
        "然后",
        "那个",
        "就是",
        "接着是",
        "接着",
        "后面是",
        "完了是",
        "完了",
        "对了",
    ];
    for word in WORDS {
        if word.chars().enumerate().all(|(at, c)| rest.get(at) == Some(&c)) {
            return Some((word.chars().count(), Gap::Soft));
        }
    }
    let kind = match rest.first()? {
        '-' | '－' | '—' | '–' | '‐' | '_' | '·' | '杠' | '(' | ')' | '（' | '）' | '+' => Gap::Soft,
        '嗯' | '啊' | '呃' | '额' | '哦' | '唔' | '哎' | '诶' | '唉' | '呢' | '吧' | '对' | '…' => {
            Gap::Soft
        }
        ',' | '，' | '.' | '。' | '、' | ';' | '；' | ':' | '：' | '?' | '？' | '!' | '！' | '/' => Gap::Clause,
        c if c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}') => Gap::Soft,
        _ => return None,
    };
    Some((1, kind))
}

/// Whether a stretch holds nothing but fillers and the small words of an answer.
pub(super) fn is_filler(chars: &[char]) -> bool {
    chars
        .iter()
        .all(|c| filler(&[*c]).is_some() || "是的我您你好就来记下再那个然后接着面前位号码行".contains(*c))
}
