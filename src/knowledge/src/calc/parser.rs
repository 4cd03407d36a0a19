//! From a formula's text to its tree.
//!
//! ```text
//! expr   = term { ("+" | "-") term }
//! term   = factor { ("*" | "/") factor }
//! factor = "-" factor | number | 'choice' | name | name "(" … ")" | "(" expr ")"
//! cond   = all { "or" all };  all = one { "and" one }
//! one    = "not" one | "known" "(" name ")" | expr compare expr
//! ```
//! `if(cond, expr, expr)`, `pick(table, expr)`, `range(table, expr)` and the functions of [`Function`] are the calls. A
//! condition has no brackets of its own: `a and b or c` reads `(a and b) or c`.

use super::expr::{Compare, Cond, Expr, FormulaError, Function, MAX_DEPTH, MAX_LENGTH, MAX_SIZE, Op, Search};
use super::lexer::{Token, tokens};

/// A formula that gives a value.
pub(crate) fn expression(text: &str) -> Result<Expr, FormulaError> {
    let mut parser = Parser::new(text)?;
    let expr = parser.expr()?;
    parser.end()?;
    Ok(expr)
}

/// A condition.
pub(crate) fn condition(text: &str) -> Result<Cond, FormulaError> {
    let mut parser = Parser::new(text)?;
    let cond = parser.cond()?;
    parser.end()?;
    Ok(cond)
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    size: usize,
}

impl Parser {
    fn new(text: &str) -> Result<Self, FormulaError> {
        if text.chars().count() > MAX_LENGTH {
            return Err(FormulaError::TooLarge);
        }
        Ok(Self {
            tokens: tokens(text)?,
            next: 0,
            depth: 0,
            size: 0,
        })
    }

    fn unexpected<T>(&self) -> Result<T, FormulaError> {
        let last = self.tokens.last().map_or(0, |(at, _)| at + 1);
        let (at, found) = match self.tokens.get(self.next) {
            None => (last, String::new()),
            Some((at, Token::Number(number))) => (*at, number.to_string()),
            Some((at, Token::Name(text) | Token::Choice(text))) => (*at, text.clone()),
            Some((at, Token::Sign(sign))) => (*at, (*sign).to_owned()),
        };
        Err(FormulaError::Syntax { at, found })
    }

    fn end(&self) -> Result<(), FormulaError> {
        if self.next == self.tokens.len() {
            Ok(())
        } else {
            self.unexpected()
        }
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let is = matches!(self.tokens.get(self.next), Some((_, Token::Sign(sign))) if *sign == wanted);
        self.next += usize::from(is);
        is
    }

    fn word(&mut self, wanted: &str) -> bool {
        let is = matches!(self.tokens.get(self.next), Some((_, Token::Name(name))) if name == wanted);
        self.next += usize::from(is);
        is
    }

    fn expect(&mut self, wanted: &str) -> Result<(), FormulaError> {
        if self.sign(wanted) { Ok(()) } else { self.unexpected() }
    }

    fn name(&mut self) -> Result<String, FormulaError> {
        match self.tokens.get(self.next) {
            Some((_, Token::Name(name))) => {
                let name = name.clone();
                self.next += 1;
                Ok(name)
            }
            _ => self.unexpected(),
        }
    }

    /// Counts a node; everything that recurses goes through here, so that no text overflows the stack.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, FormulaError>) -> Result<T, FormulaError> {
        self.depth += 1;
        self.size += 1;
        if self.depth > MAX_DEPTH || self.size > MAX_SIZE {
            return Err(FormulaError::TooLarge);
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn expr(&mut self) -> Result<Expr, FormulaError> {
        let signs = [("+", Op::Add), ("-", Op::Subtract)];
        self.nested(|parser| parser.chain(&signs, Self::term))
    }

    fn term(&mut self) -> Result<Expr, FormulaError> {
        self.chain(&[("*", Op::Multiply), ("/", Op::Divide)], Self::factor)
    }

    /// Operands with operators of one rank between them; each operator is one level of the tree.
    fn chain(
        &mut self,
        signs: &[(&str, Op)],
        operand: fn(&mut Self) -> Result<Expr, FormulaError>,
    ) -> Result<Expr, FormulaError> {
        let mut left = operand(self)?;
        let mut links = 0;
        while let Some(&(_, op)) = signs.iter().find(|(sign, _)| self.sign(sign)) {
            links += 1;
            self.size += 1;
            if links > MAX_DEPTH || self.size > MAX_SIZE {
                return Err(FormulaError::TooLarge);
            }
            left = Expr::Binary(op, Box::new(left), Box::new(operand(self)?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expr, FormulaError> {
        self.nested(|parser| {
            if parser.sign("-") {
                return Ok(Expr::Negate(Box::new(parser.factor()?)));
            }
            if parser.sign("(") {
                let inner = parser.expr()?;
                parser.expect(")")?;
                return Ok(inner);
            }
            match parser.tokens.get(parser.next).cloned() {
                Some((_, Token::Number(number))) => {
                    parser.next += 1;
                    Ok(Expr::Number(number))
                }
                Some((_, Token::Choice(choice))) => {
                    parser.next += 1;
                    Ok(Expr::Choice(choice))
                }
                Some((_, Token::Name(name))) => {
                    parser.next += 1;
                    if parser.sign("(") {
                        parser.call(&name)
                    } else {
                        Ok(Expr::Name(name))
                    }
                }
                _ => parser.unexpected(),
            }
        })
    }

    fn call(&mut self, name: &str) -> Result<Expr, FormulaError> {
        let search = match name {
            "pick" => Some(Search::Exact),
            "range" => Some(Search::Range),
            _ => None,
        };
        let call = if let Some(search) = search {
            let table = self.name()?;
            self.expect(",")?;
            Expr::Lookup(search, table, Box::new(self.expr()?))
        } else if name == "if" {
            let cond = Box::new(self.cond()?);
            self.expect(",")?;
            let then = Box::new(self.expr()?);
            self.expect(",")?;
            Expr::If(cond, then, Box::new(self.expr()?))
        } else {
            let function = Function::named(name).ok_or_else(|| FormulaError::NoFunction(name.to_owned()))?;
            let mut arguments = vec![self.expr()?];
            while self.sign(",") {
                arguments.push(self.expr()?);
            }
            Expr::Call(function, arguments)
        };
        self.expect(")")?;
        Ok(call)
    }

    fn cond(&mut self) -> Result<Cond, FormulaError> {
        self.nested(|parser| {
            let mut left = parser.all()?;
            while parser.word("or") {
                left = Cond::Or(Box::new(left), Box::new(parser.nested(Self::all)?));
            }
            Ok(left)
        })
    }

    fn all(&mut self) -> Result<Cond, FormulaError> {
        let mut left = self.one()?;
        let mut links = 0;
        while self.word("and") {
            links += 1;
            if links > MAX_DEPTH {
                return Err(FormulaError::TooLarge);
            }
            left = Cond::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Cond, FormulaError> {
        self.nested(|parser| {
            if parser.word("not") {
                return Ok(Cond::Not(Box::new(parser.one()?)));
            }
            if parser.word("known") {
                parser.expect("(")?;
                let name = parser.name()?;
                parser.expect(")")?;
                return Ok(Cond::Known(name));
            }
            let left = parser.expr()?;
            let signs = [
                ("<=", Compare::AtMost),
                (">=", Compare::AtLeast),
                ("==", Compare::Equal),
                ("!=", Compare::Unequal),
                ("<", Compare::Less),
                (">", Compare::More),
            ];
            let Some(&(_, how)) = signs.iter().find(|(sign, _)| parser.sign(sign)) else {
                return parser.unexpected();
            };
            Ok(Cond::Compare(how, left, parser.expr()?))
        })
    }
}
