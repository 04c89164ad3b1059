//! Tokens to a tree, with macros expanded. Wording of syntax errors follows upstream's generated parser where it can be
//! told; the place is always right.

use std::sync::Arc;

use super::{
    DEPTH_MAX, Fault, NESTING_MAX, NODES_MAX, SOURCE_CHARS_MAX,
    lexer::{Placed, Token, tokens},
    literal, macros,
    tree::{Entry, Expr, Id, Kind, Literal},
};

/// Words that no identifier can be, beside those of the grammar.
pub(in crate::cel) const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

#[derive(Debug)]
pub(in crate::cel) struct Parsed {
    pub(in crate::cel) root: Expr,
    /// One more than the highest number of a node.
    pub(in crate::cel) ids: usize,
}

pub(in crate::cel) fn parse(source: &str) -> Result<Parsed, Vec<Fault>> {
    let chars: Vec<char> = source.chars().collect();
    if chars.len() > SOURCE_CHARS_MAX {
        let message =
            format!("expression code point size exceeds limit: size: {}, limit {SOURCE_CHARS_MAX}", chars.len());
        return Err(vec![Fault::new(0, message)]);
    }
    let tokens = tokens(&chars).map_err(|fault| vec![fault])?;
    let mut parser = Parser { tokens, next: 0, ids: 0, nesting: 0 };
    parser.whole().map_err(|fault| vec![fault])
}

pub(super) struct Parser {
    tokens: Vec<Placed>,
    next: usize,
    ids: usize,
    nesting: usize,
}

type Outcome<T> = Result<T, Fault>;

/// Binary operators by how loosely they bind, with the function each stands for.
const LEVELS: [&[(&str, &str)]; 3] = [
    &[("<", "_<_"), ("<=", "_<=_"), (">=", "_>=_"), (">", "_>_"), ("==", "_==_"), ("!=", "_!=_"), ("in", "@in")],
    &[("+", "_+_"), ("-", "_-_")],
    &[("*", "_*_"), ("/", "_/_"), ("%", "_%_")],
];

impl Parser {
    pub(super) fn node(&mut self, at: usize, kind: Kind) -> Expr {
        let id = self.id();
        Expr { id, at, kind }
    }

    fn id(&mut self) -> Id {
        self.ids += 1;
        self.ids - 1
    }

    pub(super) fn call(&mut self, at: usize, function: &str, args: Vec<Expr>) -> Expr {
        self.node(at, Kind::Call { function: function.into(), target: None, args })
    }

    /// The same expression with fresh numbers.
    pub(super) fn copy(&mut self, expr: &Expr) -> Expr {
        let mut copy = expr.clone();
        self.renumber(&mut copy);
        copy
    }

    fn renumber(&mut self, expr: &mut Expr) {
        expr.id = self.id();
        children_mut(expr, &mut |child| self.renumber(child));
    }

    fn whole(&mut self) -> Outcome<Parsed> {
        let root = self.expr()?;
        if self.peek() != &Token::End {
            let found = self.here();
            let message = format!("Syntax error: extraneous input '{}' expecting <EOF>", found.text);
            return Err(Fault::new(found.at, message));
        }
        if self.ids > NODES_MAX || deeper(&root, DEPTH_MAX) {
            return Err(Fault::new(0, format!("expression recursion limit exceeded: {NESTING_MAX}")));
        }
        Ok(Parsed { root, ids: self.ids })
    }

    fn here(&self) -> &Placed {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn peek(&self) -> &Token {
        &self.here().token
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    /// Takes this sign when it is next, and tells where it stood.
    fn take(&mut self, sign: &str) -> Option<usize> {
        let at = self.here().at;
        self.is(sign).then(|| {
            self.next += 1;
            at
        })
    }

    fn want(&mut self, sign: &str) -> Outcome<usize> {
        self.take(sign).ok_or_else(|| {
            let found = self.here();
            if found.token == Token::End {
                return Fault::new(found.at, format!("Syntax error: missing '{sign}' at '<EOF>'"));
            }
            Fault::new(found.at, format!("Syntax error: mismatched input '{}' expecting '{sign}'", found.text))
        })
    }

    fn expr(&mut self) -> Outcome<Expr> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(Fault::new(0, format!("expression recursion limit exceeded: {NESTING_MAX}")));
        }
        let condition = self.logical("||", "_||_")?;
        let whole = match self.take("?") {
            None => condition,
            Some(at) => {
                let then = self.logical("||", "_||_")?;
                self.want(":")?;
                let otherwise = self.expr()?;
                self.call(at, "_?_:_", vec![condition, then, otherwise])
            }
        };
        self.nesting -= 1;
        Ok(whole)
    }

    /// A chain of `||` or `&&`, as a balanced tree: generated rules have hundreds of terms.
    fn logical(&mut self, sign: &str, function: &'static str) -> Outcome<Expr> {
        let mut terms = Vec::new();
        let mut places = Vec::new();
        loop {
            terms.push(Some(if sign == "||" { self.logical("&&", "_&&_")? } else { self.binary(0)? }));
            match self.take(sign) {
                Some(at) => places.push(at),
                None => break,
            }
        }
        Ok(self.balance(&mut terms, &places, function))
    }

    fn balance(&mut self, terms: &mut [Option<Expr>], places: &[usize], function: &'static str) -> Expr {
        if let [only] = terms
            && let Some(only) = only.take()
        {
            return only;
        }
        let middle = terms.len() / 2 + terms.len() % 2;
        let (left, right) = terms.split_at_mut(middle);
        let left = self.balance(left, &places[..middle - 1], function);
        let right = self.balance(right, &places[middle..], function);
        self.call(places[middle - 1], function, vec![left, right])
    }

    fn binary(&mut self, level: usize) -> Outcome<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        let mut length = 0;
        while let Some((sign, function)) = operators.iter().find(|(sign, _)| self.is(sign)) {
            let at = self.want(sign)?;
            let right = self.binary(level + 1)?;
            left = self.call(at, function, vec![left, right]);
            length += 1;
            if length > DEPTH_MAX {
                return Err(Fault::new(0, format!("expression recursion limit exceeded: {NESTING_MAX}")));
            }
        }
        Ok(left)
    }

    fn unary(&mut self) -> Outcome<Expr> {
        let (sign, function) = match self.peek() {
            Token::Sign("!") => ("!", "!_"),
            Token::Sign("-") => ("-", "-_"),
            _ => return self.member(),
        };
        let at = self.want(sign)?;
        let mut count = 1;
        while self.is(sign) {
            self.next += 1;
            count += 1;
        }
        if sign == "-" && count == 1 && matches!(self.peek(), Token::Int(_) | Token::Double(_)) {
            let number = self.number(at, true)?;
            return self.suffixes(number);
        }
        let operand = self.member()?;
        Ok(if count % 2 == 0 { operand } else { self.call(at, function, vec![operand]) })
    }

    fn number(&mut self, at: usize, negative: bool) -> Outcome<Expr> {
        let (value, kind) = match self.peek() {
            Token::Int(text) => (literal::int(text, negative).map(Literal::Int), "int"),
            Token::Uint(text) => (literal::uint(text).map(Literal::Uint), "uint"),
            Token::Double(text) => (literal::double(text, negative).map(Literal::Double), "double"),
            _ => (None, "int"),
        };
        let value = value.ok_or_else(|| Fault::new(at, format!("invalid {kind} literal")))?;
        self.next += 1;
        Ok(self.node(at, Kind::Literal(value)))
    }

    fn member(&mut self) -> Outcome<Expr> {
        let primary = self.primary()?;
        self.suffixes(primary)
    }

    fn suffixes(&mut self, mut expr: Expr) -> Outcome<Expr> {
        let mut length = 0;
        loop {
            if let Some(at) = self.take(".") {
                expr = self.selection(expr, at)?;
            } else if let Some(at) = self.take("[") {
                let optional = self.take("?").is_some();
                let index = self.expr()?;
                self.want("]")?;
                let function = if optional { "_[?_]" } else { "_[_]" };
                expr = self.call(at, function, vec![expr, index]);
            } else {
                return Ok(expr);
            }
            length += 1;
            if length > DEPTH_MAX {
                return Err(Fault::new(0, format!("expression recursion limit exceeded: {NESTING_MAX}")));
            }
        }
    }

    fn selection(&mut self, operand: Expr, at: usize) -> Outcome<Expr> {
        if self.take("?").is_some() {
            let field_at = self.here().at;
            let name = self.ident()?;
            let field = self.node(field_at, Kind::Literal(Literal::Text(name)));
            return Ok(self.call(at, "_?._", vec![operand, field]));
        }
        let name = self.ident()?;
        if let Some(open) = self.take("(") {
            let args = self.list_of(")")?;
            return self.applied(open, name, Some(operand), args);
        }
        Ok(self.node(at, Kind::Select { operand: Box::new(operand), field: name, test: false }))
    }

    fn applied(&mut self, at: usize, function: Arc<str>, target: Option<Expr>, args: Vec<Expr>) -> Outcome<Expr> {
        match macros::expand(self, at, &function, target, args)? {
            macros::Expansion::Done(expr) => Ok(expr),
            macros::Expansion::Not(target, args) => {
                Ok(self.node(at, Kind::Call { function, target: target.map(Box::new), args }))
            }
        }
    }

    fn ident(&mut self) -> Outcome<Arc<str>> {
        match self.peek().clone() {
            Token::Ident(name) => {
                self.next += 1;
                Ok(name)
            }
            _ => {
                let found = self.here();
                let message = format!("Syntax error: mismatched input '{}' expecting IDENTIFIER", found.text);
                let no_viable = format!("Syntax error: no viable alternative at input '.{}'", found.text);
                let viable = !matches!(found.token, Token::End | Token::Sign(_));
                let message = if viable { message } else { no_viable };
                Err(Fault::new(found.at, message))
            }
        }
    }

    fn list_of(&mut self, close: &str) -> Outcome<Vec<Expr>> {
        let mut list = Vec::new();
        while self.take(close).is_none() {
            if !list.is_empty() {
                self.want(",")?;
            }
            list.push(self.expr()?);
        }
        Ok(list)
    }

    fn primary(&mut self) -> Outcome<Expr> {
        let (at, token, text) = (self.here().at, self.peek().clone(), self.here().text.clone());
        match token {
            Token::Int(_) | Token::Uint(_) | Token::Double(_) => self.number(at, false),
            Token::Value(value) => {
                self.next += 1;
                Ok(self.node(at, Kind::Literal(value)))
            }
            Token::Sign("true" | "false") => {
                self.next += 1;
                Ok(self.node(at, Kind::Literal(Literal::Bool(text == "true"))))
            }
            Token::Sign("null") => {
                self.next += 1;
                Ok(self.node(at, Kind::Literal(Literal::Null)))
            }
            Token::Sign("(") => {
                self.next += 1;
                let inside = self.expr()?;
                self.want(")")?;
                Ok(inside)
            }
            Token::Sign("[") => self.list(at),
            Token::Sign("{") => self.map(at),
            Token::Sign(".") => {
                self.next += 1;
                let name = self.ident()?;
                self.named(at, format!(".{name}").as_str().into())
            }
            Token::Ident(name) => {
                self.next += 1;
                self.named(at, name)
            }
            _ => Err(Fault::new(
                at,
                format!(
                    "Syntax error: mismatched input '{text}' expecting {{'[', '{{', '(', '.', '-', '!', 'true', 'false', \
                     'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}}"
                ),
            )),
        }
    }

    /// A name: a variable, a function's call, or a message's.
    fn named(&mut self, at: usize, name: Arc<str>) -> Outcome<Expr> {
        if RESERVED.contains(&&*name) {
            return Err(Fault::new(at, format!("reserved identifier: {name}")));
        }
        if let Some(open) = self.take("(") {
            let args = self.list_of(")")?;
            return self.applied(open, name, None, args);
        }
        if let Some((name, fields_at)) = self.message(&name) {
            return self.message_fields(fields_at, name);
        }
        Ok(self.node(at, Kind::Ident(name)))
    }

    /// `a.b.Name {`: looks ahead, because a select and an index begin the same.
    fn message(&mut self, first: &str) -> Option<(Arc<str>, usize)> {
        let (mut name, mut next) = (first.to_string(), self.next);
        loop {
            match (&self.tokens[next].token, self.tokens.get(next + 1).map(|placed| &placed.token)) {
                (Token::Sign("{"), _) => {
                    let at = self.tokens[next].at;
                    self.next = next + 1;
                    return Some((name.as_str().into(), at));
                }
                (Token::Sign("."), Some(Token::Ident(part))) => {
                    name = format!("{name}.{part}");
                    next += 2;
                }
                _ => return None,
            }
        }
    }

    fn message_fields(&mut self, at: usize, name: Arc<str>) -> Outcome<Expr> {
        let mut fields = Vec::new();
        while self.take("}").is_none() {
            if !fields.is_empty() {
                self.want(",")?;
                if self.take("}").is_some() {
                    break;
                }
            }
            self.take("?");
            let field = self.ident()?;
            self.want(":")?;
            fields.push((field, self.expr()?));
        }
        Ok(self.node(at, Kind::Struct { name, fields }))
    }

    fn list(&mut self, at: usize) -> Outcome<Expr> {
        self.want("[")?;
        let mut items = Vec::new();
        while self.take("]").is_none() {
            if !items.is_empty() {
                self.want(",")?;
                if self.take("]").is_some() {
                    break;
                }
            }
            let optional = self.take("?").is_some();
            items.push((self.expr()?, optional));
        }
        Ok(self.node(at, Kind::List(items)))
    }

    fn map(&mut self, at: usize) -> Outcome<Expr> {
        self.want("{")?;
        let mut entries = Vec::new();
        while self.take("}").is_none() {
            if !entries.is_empty() {
                self.want(",")?;
                if self.take("}").is_some() {
                    break;
                }
            }
            let optional = self.take("?").is_some();
            let key = self.expr()?;
            self.want(":")?;
            let value = self.expr()?;
            entries.push(Entry { key, value, optional });
        }
        Ok(self.node(at, Kind::Map(entries)))
    }
}

fn children_mut(expr: &mut Expr, visit: &mut dyn FnMut(&mut Expr)) {
    match &mut expr.kind {
        Kind::Literal(_) | Kind::Ident(_) => {}
        Kind::Select { operand, .. } => visit(operand),
        Kind::Call { target, args, .. } => target.as_deref_mut().into_iter().chain(args).for_each(visit),
        Kind::List(items) => items.iter_mut().for_each(|(item, _)| visit(item)),
        Kind::Map(entries) => entries.iter_mut().for_each(|entry| {
            visit(&mut entry.key);
            visit(&mut entry.value);
        }),
        Kind::Struct { fields, .. } => fields.iter_mut().for_each(|(_, value)| visit(value)),
        Kind::Fold(fold) => {
            [&mut fold.range, &mut fold.init, &mut fold.condition, &mut fold.step, &mut fold.result]
                .into_iter()
                .for_each(visit);
        }
    }
}

/// Whether a tree has more levels than `limit`; recurses no deeper than that itself.
fn deeper(expr: &Expr, limit: usize) -> bool {
    let below = |child: &Expr| limit == 0 || deeper(child, limit - 1);
    match &expr.kind {
        Kind::Literal(_) | Kind::Ident(_) => false,
        Kind::Select { operand, .. } => below(operand),
        Kind::Call { target, args, .. } => target.as_deref().into_iter().chain(args).any(below),
        Kind::List(items) => items.iter().any(|(item, _)| below(item)),
        Kind::Map(entries) => entries.iter().any(|entry| below(&entry.key) || below(&entry.value)),
        Kind::Struct { fields, .. } => fields.iter().any(|(_, value)| below(value)),
        Kind::Fold(fold) => [&fold.range, &fold.init, &fold.condition, &fold.step, &fold.result].into_iter().any(below),
    }
}
