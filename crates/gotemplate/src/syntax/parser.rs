//! Statements: text, actions, control structures and definitions. Control structures nest on a stack of our own, so that no depth of
//! nesting can exhaust the thread's.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use super::{
    item::{Item, Kind, Span},
    lexer::Lexer,
    registry::Registry,
    tree::{Call, PipeId, Source, Statement, Tree},
};
use crate::{
    error::ParseError,
    print::{quote, unquote},
};

/// Parses a text into the template of its name and those that it defines.
pub(crate) fn parse(name: &str, text: Arc<[u8]>, functions: &Registry) -> Result<Vec<Tree>, ParseError> {
    if u32::try_from(text.len()).is_err() {
        return Err(ParseError { name: name.to_owned(), line: 1, message: "template is larger than 4 GiB".to_owned() });
    }
    let source = Arc::new(Source { name: name.into(), text });
    let main = Draft::new(Tree::new(name.to_owned(), Arc::clone(&source)), Role::Main);
    let mut parser = Parser {
        lexer: Lexer::new(&source.text),
        source: &source,
        functions,
        outer: Vec::new(),
        draft: main,
        done: BTreeMap::new(),
    };
    parser.parse_all()?;
    Ok(parser.done.into_values().collect())
}

pub(super) type Parsed<T> = Result<T, ParseError>;

pub(super) struct Parser<'p> {
    pub(super) lexer: Lexer<'p>,
    pub(super) source: &'p Arc<Source>,
    pub(super) functions: &'p Registry,
    /// The drafts that wait for the end of the present one.
    outer: Vec<Draft>,
    pub(super) draft: Draft,
    done: BTreeMap<String, Tree>,
}

/// What a draft is, and for a block the statement that it leaves behind.
#[derive(Clone, Copy)]
enum Role {
    Main,
    Define,
    Block { pos: u32, data: PipeId },
}

/// A template that is being parsed, with its own look-ahead, as in Go: which token an error takes its line from depends on it.
pub(super) struct Draft {
    pub(super) tree: Tree,
    role: Role,
    pub(super) tokens: [Item; 3],
    pub(super) peeked: usize,
    pub(super) variables: Vec<Variable>,
    /// Commands and arguments of what is not complete yet.
    pub(super) waiting: Vec<u32>,
    /// The slot that the next declaration takes.
    pub(super) next_slot: u32,
    open: Vec<Open>,
    action_line: u32,
    range_depth: usize,
    pub(super) paren_depth: usize,
}

/// A name in scope. `slot` is `None` where Go's parser knows the name but no declaration will have run.
#[derive(Clone, Copy)]
pub(super) struct Variable {
    pub(super) name: Span,
    pub(super) slot: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

/// A control structure that waits for its end.
struct Open {
    control: Control,
    in_else: bool,
    /// An `else if` or `else with`: ends together with the one around it.
    chained: bool,
    /// Scope before the structure, and after its pipeline.
    outside: Scope,
    inside: Scope,
}

#[derive(Clone, Copy)]
struct Scope {
    variables: usize,
    next_slot: u32,
}

impl Draft {
    fn new(tree: Tree, role: Role) -> Self {
        Self {
            tree,
            role,
            tokens: [Item::NONE; 3],
            peeked: 0,
            variables: Vec::new(),
            waiting: Vec::new(),
            next_slot: 1,
            open: Vec::new(),
            action_line: 0,
            range_depth: 0,
            paren_depth: 0,
        }
    }

    fn scope(&self) -> Scope {
        Scope { variables: self.variables.len(), next_slot: self.next_slot }
    }
}

/// Tokens and errors.
impl<'p> Parser<'p> {
    pub(super) fn text(&self, span: Span) -> &'p [u8] {
        span.of(&self.source.text)
    }

    pub(super) fn next(&mut self) -> Item {
        if self.draft.peeked > 0 {
            self.draft.peeked -= 1;
        } else {
            self.draft.tokens[0] = self.lexer.next_item();
        }
        self.draft.tokens[self.draft.peeked]
    }

    pub(super) fn backup(&mut self) {
        self.draft.peeked += 1;
    }

    /// Backs up two tokens; the zeroth is already there.
    pub(super) fn backup2(&mut self, first: Item) {
        self.draft.tokens[1] = first;
        self.draft.peeked = 2;
    }

    pub(super) fn backup3(&mut self, second: Item, first: Item) {
        self.draft.tokens[1] = first;
        self.draft.tokens[2] = second;
        self.draft.peeked = 3;
    }

    pub(super) fn peek(&mut self) -> Item {
        if self.draft.peeked == 0 {
            self.draft.peeked = 1;
            self.draft.tokens[0] = self.lexer.next_item();
        }
        self.draft.tokens[self.draft.peeked - 1]
    }

    pub(super) fn next_non_space(&mut self) -> Item {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_non_space(&mut self) -> Item {
        let token = self.next_non_space();
        self.backup();
        token
    }

    pub(super) fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError {
            name: self.source.name.as_ref().to_owned(),
            line: self.draft.tokens[0].line as usize,
            message: message.into(),
        }
    }

    pub(super) fn unexpected(&self, token: Item, context: &str) -> ParseError {
        let shown = token.show(&self.source.text, &self.lexer.failure);
        if token.kind != Kind::Error {
            return self.error(format!("unexpected {shown} in {context}"));
        }
        let started = self.draft.action_line;
        if started == 0 || started == token.line {
            return self.error(shown);
        }
        // "unclosed action in action started" would say it twice.
        let within = if shown.ends_with(" action") { "" } else { " in action" };
        self.error(format!("{shown}{within} started at {}:{started}", self.source.name))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Item> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(token, context)) }
    }

    pub(super) fn unquoted(&self, token: Item) -> Parsed<Cow<'p, [u8]>> {
        unquote(self.text(token.span)).ok_or_else(|| self.error("invalid syntax"))
    }
}

/// Statements.
impl Parser<'_> {
    fn parse_all(&mut self) -> Parsed<()> {
        loop {
            if matches!(self.draft.role, Role::Main) && self.draft.open.is_empty() {
                if self.peek().kind == Kind::Eof {
                    break;
                }
                if self.peek().kind == Kind::LeftDelim {
                    let delimiter = self.next();
                    if self.next_non_space().kind == Kind::Define {
                        self.begin_definition()?;
                        continue;
                    }
                    self.backup2(delimiter);
                }
            } else if self.peek_non_space().kind == Kind::Eof {
                return Err(self.error("unexpected EOF"));
            }
            self.text_or_action()?;
        }
        self.finish()
    }

    /// Files the present draft as a template, unless one of that name has more to say.
    fn finish(&mut self) -> Parsed<()> {
        let name = self.draft.tree.name.clone();
        if self.done.get(&name).is_some_and(|known| !known.is_empty()) {
            if !self.draft.tree.is_empty() {
                let name = quote(name.as_bytes());
                return Err(self.error(format!("template: multiple definition of template {name}")));
            }
            return Ok(());
        }
        let empty = Tree::new(String::new(), Arc::clone(self.source));
        self.done.insert(name, std::mem::replace(&mut self.draft.tree, empty));
        Ok(())
    }

    fn begin(&mut self, name: String, role: Role) {
        let draft = Draft::new(Tree::new(name, Arc::clone(self.source)), role);
        self.outer.push(std::mem::replace(&mut self.draft, draft));
    }

    fn begin_definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        self.begin("definition".to_owned(), Role::Define);
        let token = self.next_non_space();
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return Err(self.unexpected(token, CONTEXT));
        }
        self.draft.tree.name = String::from_utf8_lossy(&self.unquoted(token)?).into_owned();
        self.expect(Kind::RightDelim, CONTEXT)?;
        Ok(())
    }

    fn text_or_action(&mut self) -> Parsed<()> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => {
                self.draft.tree.statements.push(Statement::Text(token.span));
                Ok(())
            }
            Kind::LeftDelim => {
                self.draft.action_line = token.line;
                self.action()
            }
            _ => Err(self.unexpected(token, "input")),
        }
    }

    fn action(&mut self) -> Parsed<()> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Block => return self.block(),
            Kind::If => return self.control(Control::If, false),
            Kind::With => return self.control(Control::With, false),
            Kind::Range => return self.control(Control::Range, false),
            Kind::Else => return self.parse_else(),
            Kind::End => return self.end(),
            Kind::Break => self.leave("{{break}}", Statement::Break)?,
            Kind::Continue => self.leave("{{continue}}", Statement::Continue)?,
            Kind::Template => self.template()?,
            _ => {
                self.backup();
                self.peek();
                let pipe = self.pipeline("command", Kind::RightDelim)?;
                self.draft.tree.statements.push(Statement::Action(pipe));
            }
        }
        self.draft.action_line = 0;
        Ok(())
    }

    fn leave(&mut self, shown: &str, statement: Statement) -> Parsed<()> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return Err(self.unexpected(token, shown));
        }
        if self.draft.range_depth == 0 {
            return Err(self.error(format!("{shown} outside {{{{range}}}}")));
        }
        self.draft.tree.statements.push(statement);
        Ok(())
    }

    fn control(&mut self, control: Control, chained: bool) -> Parsed<()> {
        let outside = self.draft.scope();
        let (context, statement): (_, fn(PipeId) -> Statement) = match control {
            Control::If => ("if", Statement::If),
            Control::With => ("with", Statement::With),
            Control::Range => ("range", Statement::Range),
        };
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        self.draft.tree.statements.push(statement(pipe));
        if control == Control::Range {
            self.draft.range_depth += 1;
        }
        let inside = self.draft.scope();
        self.draft.open.push(Open { control, in_else: false, chained, outside, inside });
        Ok(())
    }

    fn parse_else(&mut self) -> Parsed<()> {
        let next = self.peek_non_space();
        if !matches!(next.kind, Kind::If | Kind::With) {
            self.expect(Kind::RightDelim, "else")?;
        }
        self.draft.action_line = 0;
        let draft = &mut self.draft;
        let Some(open) = draft.open.last_mut() else {
            return Err(self.stray("{{else}}"));
        };
        if open.in_else {
            return Err(self.error("expected end; found {{else}}"));
        }
        open.in_else = true;
        if open.control == Control::Range {
            draft.range_depth -= 1;
        }
        // What the first branch declared keeps its name in Go's parser, but has no value when the second one runs.
        for variable in &mut draft.variables[open.inside.variables..] {
            variable.slot = None;
        }
        draft.next_slot = open.inside.next_slot;
        draft.tree.statements.push(Statement::Else);
        match (open.control, next.kind) {
            (Control::If, Kind::If) => {
                self.next();
                self.control(Control::If, true)
            }
            (Control::With, Kind::With) => {
                self.next();
                self.control(Control::With, true)
            }
            _ => Ok(()),
        }
    }

    /// An end or else that nothing waits for.
    fn stray(&self, shown: &str) -> ParseError {
        match self.draft.role {
            Role::Main => self.error(format!("unexpected {shown}")),
            Role::Define => self.error(format!("unexpected {shown} in define clause")),
            // Go reports it from the template around the block, with that one's last token.
            Role::Block { .. } => {
                let line = self.outer.last().unwrap_or(&self.draft).tokens[0].line as usize;
                ParseError { line, ..self.error(format!("unexpected {shown} in block clause")) }
            }
        }
    }

    fn end(&mut self) -> Parsed<()> {
        self.expect(Kind::RightDelim, "end")?;
        self.draft.action_line = 0;
        if self.draft.open.is_empty() {
            return self.end_definition();
        }
        while let Some(open) = self.draft.open.pop() {
            if open.control == Control::Range && !open.in_else {
                self.draft.range_depth -= 1;
            }
            self.draft.variables.truncate(open.outside.variables);
            self.draft.next_slot = open.outside.next_slot;
            self.draft.tree.statements.push(Statement::End);
            if !open.chained {
                break;
            }
        }
        Ok(())
    }

    fn end_definition(&mut self) -> Parsed<()> {
        let role = self.draft.role;
        let Some(outer) = (!matches!(role, Role::Main)).then(|| self.outer.pop()).flatten() else {
            return Err(self.stray("{{end}}"));
        };
        let name = self.draft.tree.name.clone();
        self.finish()?;
        self.draft = outer;
        if let Role::Block { pos, data } = role {
            self.push_call(name, pos, Some(data));
            self.draft.action_line = 0;
        }
        Ok(())
    }

    fn push_call(&mut self, name: String, pos: u32, data: Option<PipeId>) {
        let tree = &mut self.draft.tree;
        tree.calls.push(name);
        tree.statements.push(Statement::Template(Call { name: tree.calls.len() as u32 - 1, pos, data }));
    }

    fn template_name(&mut self, token: Item, context: &str) -> Parsed<String> {
        match token.kind {
            Kind::String | Kind::RawString => Ok(String::from_utf8_lossy(&self.unquoted(token)?).into_owned()),
            _ => Err(self.unexpected(token, context)),
        }
    }

    fn block(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let data = self.pipeline(CONTEXT, Kind::RightDelim)?;
        self.begin(name, Role::Block { pos: token.span.start, data });
        Ok(())
    }

    fn template(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let mut data = None;
        if self.next_non_space().kind != Kind::RightDelim {
            self.backup();
            data = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
        }
        self.push_call(name, token.span.start, data);
        Ok(())
    }
}
