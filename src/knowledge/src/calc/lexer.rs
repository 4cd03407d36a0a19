//! A formula's words.

use rust_decimal::Decimal;

use super::expr::FormulaError;
use super::value::plain_decimal;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Number(Decimal),
    Name(String),
    Choice(String),
    /// An operator, a comparison, a bracket or a comma; `×`, `÷`, `≤`, `≥` and `≠` as `*`, `/`, `<=`, `>=` and `!=`.
    Sign(&'static str),
}

/// Signs of two characters come first.
const SIGNS: [(&str, &str); 19] = [
    ("<=", "<="),
    (">=", ">="),
    ("==", "=="),
    ("!=", "!="),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
    ("<", "<"),
    (">", ">"),
    ("+", "+"),
    ("-", "-"),
    ("−", "-"),
    ("*", "*"),
    ("×", "*"),
    ("/", "/"),
    ("÷", "/"),
    ("(", "("),
    (")", ")"),
    (",", ","),
];

/// Tokens, each with its place in characters.
pub(crate) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FormulaError> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut at = 0;
    while let Some(first) = rest.chars().next() {
        let syntax = |found: &str| FormulaError::Syntax {
            at,
            found: found.to_owned(),
        };
        let (len, token) = if first.is_whitespace() {
            (first.len_utf8(), None)
        } else if first.is_ascii_digit() {
            let len = run(rest, |c| c.is_ascii_digit() || c == '.');
            let number = plain_decimal(&rest[..len]).ok_or_else(|| syntax(&rest[..len]))?;
            (len, Some(Token::Number(number)))
        } else if first.is_ascii_lowercase() {
            let len = run(rest, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            (len, Some(Token::Name(rest[..len].to_owned())))
        } else if let Some(quoted) = rest.strip_prefix('\'') {
            let len = quoted.find('\'').ok_or_else(|| syntax("'"))?;
            (len + 2, Some(Token::Choice(quoted[..len].to_owned())))
        } else {
            let sign = SIGNS.iter().find(|(written, _)| rest.starts_with(written));
            let (written, sign) = sign.ok_or_else(|| syntax(&first.to_string()))?;
            (written.len(), Some(Token::Sign(sign)))
        };
        out.extend(token.map(|token| (at, token)));
        at += rest[..len].chars().count();
        rest = &rest[len..];
    }
    Ok(out)
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
