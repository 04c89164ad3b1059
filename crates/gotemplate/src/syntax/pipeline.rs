//! Expressions: pipelines, commands and operands. Only parentheses recurse, and their depth is bounded.

use super::{
    item::{Item, Kind, Span},
    number,
    parser::{Parsed, Parser, Variable},
    tree::{Command, CommandId, Constant, Declaration, Fields, Node, NodeId, Operand, Pipe, PipeId, Row},
};
use crate::print::quote;

/// Parentheses within parentheses. Go allows 10000, on a stack that grows.
const PAREN_DEPTH_MAX: usize = 200;

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<PipeId> {
        let pos = self.peek_non_space().span.start;
        let mut pipe = Pipe { pos, is_assign: false, declarations: Vec::new(), commands: Row::default() };
        let waiting = self.draft.waiting.len();
        self.declarations(context, &mut pipe)?;
        loop {
            let token = self.next_non_space();
            if token.kind == end {
                pipe.commands = self.row(waiting);
                self.check_pipeline(&pipe, context)?;
                self.bind(&mut pipe);
                let pipes = &mut self.draft.tree.pipes;
                pipes.push(pipe);
                return Ok(pipes.len() as PipeId - 1);
            }
            match token.kind {
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.backup();
                    let command = self.command()?;
                    self.draft.waiting.push(command);
                }
                _ => return Err(self.unexpected(token, context)),
            }
        }
    }

    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Parsed<()> {
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            let after = self.peek();
            let next = self.peek_non_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.is_assign = next.kind == Kind::Assign;
                    self.next_non_space();
                    self.declare(variable, pipe);
                    return Ok(());
                }
                Kind::Char if self.text(next.span) == b"," => {
                    self.next_non_space();
                    self.declare(variable, pipe);
                    if context != "range" || pipe.declarations.len() >= 2 {
                        return Err(self.error(format!("too many declarations in {context}")));
                    }
                    match self.peek_non_space().kind {
                        Kind::Variable | Kind::RightDelim | Kind::RightParen => {}
                        _ => return Err(self.error("range can only initialize variables")),
                    }
                }
                _ if after.kind == Kind::Space => {
                    self.backup3(variable, after);
                    return Ok(());
                }
                _ => {
                    self.backup2(variable);
                    return Ok(());
                }
            }
        }
    }

    /// Makes the name known. Its value comes to life only after the pipeline: `$x := add $x 1` reads the outer one.
    fn declare(&mut self, token: Item, pipe: &mut Pipe) {
        pipe.declarations.push(Declaration { name: token.span, slot: None });
        self.draft.variables.push(Variable { name: token.span, slot: None });
    }

    /// Gives the declarations of a complete pipeline their slots.
    fn bind(&mut self, pipe: &mut Pipe) {
        for declaration in &mut pipe.declarations {
            let name = declaration.name;
            declaration.slot = if pipe.is_assign {
                self.slot_of(name)
            } else {
                let slot = self.draft.next_slot;
                self.draft.next_slot += 1;
                self.draft.tree.slots = self.draft.tree.slots.max(self.draft.next_slot);
                Some(slot)
            };
            self.draft.variables.push(Variable { name, slot: declaration.slot });
        }
    }

    /// The slot of the last live variable of that name. `$` is there from the start, and can be declared anew.
    fn slot_of(&self, name: Span) -> Option<u32> {
        let wanted = self.text(name);
        let mut candidates = self.draft.variables.iter().rev().filter(|variable| self.text(variable.name) == wanted);
        candidates.find_map(|variable| variable.slot).or_else(|| (wanted == b"$").then_some(0))
    }

    fn check_pipeline(&self, pipe: &Pipe, context: &str) -> Parsed<()> {
        let tree = &self.draft.tree;
        let commands = tree.row(pipe.commands);
        if commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (at, command) in commands.iter().enumerate().skip(1) {
            let first = tree.arguments(*command)[0];
            let refused = matches!(
                tree.node(first).operand,
                Operand::Bool(_) | Operand::Dot | Operand::Nil | Operand::Number(_) | Operand::Text(_)
            );
            if refused {
                return Err(self.error(format!("non executable command in pipeline stage {}", at + 1)));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<CommandId> {
        let pos = self.peek_non_space().span.start;
        let waiting = self.draft.waiting.len();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                self.draft.waiting.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return Err(self.unexpected(token, "operand")),
            }
            break;
        }
        let arguments = self.row(waiting);
        if arguments.count == 0 {
            return Err(self.error("empty command"));
        }
        let commands = &mut self.draft.tree.commands;
        commands.push(Command { pos, arguments });
        Ok(commands.len() as CommandId - 1)
    }

    /// Files what waits since then. What is nested comes and goes in between, so that it stands in a row at the end only.
    fn row(&mut self, since: usize) -> Row {
        let ids = &mut self.draft.tree.ids;
        let first = ids.len();
        ids.extend(self.draft.waiting.drain(since..));
        Row { first: first as u32, count: (ids.len() - first) as u32 }
    }

    fn operand(&mut self) -> Parsed<Option<NodeId>> {
        let Some(id) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(id));
        }
        let mut added = self.no_fields();
        while self.peek().kind == Kind::Field {
            let field = self.next();
            added = self.one_more(added, field);
        }
        let (written, pos) = (self.draft.tree.node(id).operand, first.span.start);
        match written {
            Operand::Field(fields) => {
                let fields = fields.and(added);
                self.draft.tree.nodes[id as usize] = Node { pos, operand: Operand::Field(fields) };
                Ok(Some(id))
            }
            Operand::Variable { name, slot, fields } => {
                let fields = fields.and(added);
                self.draft.tree.nodes[id as usize] = Node { pos, operand: Operand::Variable { name, slot, fields } };
                Ok(Some(id))
            }
            Operand::Bool(_) | Operand::Text(_) | Operand::Number(_) | Operand::Nil | Operand::Dot => {
                let shown = quote(self.draft.tree.show_node(id).as_bytes());
                Err(self.error(format!("unexpected . after term {shown}")))
            }
            Operand::Function(_) | Operand::Pipe(_) | Operand::Chain { .. } => {
                Ok(Some(self.node(pos, Operand::Chain { inner: id, fields: added })))
            }
        }
    }

    fn no_fields(&self) -> Fields {
        Fields { first: self.draft.tree.fields.len() as u32, count: 0 }
    }

    /// A chain's names stand in a row; the last one's is the last that was added.
    fn one_more(&mut self, fields: Fields, field: Item) -> Fields {
        // Without its dot.
        self.draft.tree.fields.push(Span { start: field.span.start + 1, end: field.span.end });
        Fields { count: fields.count + 1, ..fields }
    }

    fn node(&mut self, pos: u32, operand: Operand) -> NodeId {
        let nodes = &mut self.draft.tree.nodes;
        nodes.push(Node { pos, operand });
        nodes.len() as NodeId - 1
    }

    fn term(&mut self) -> Parsed<Option<NodeId>> {
        let token = self.next_non_space();
        let text = self.text(token.span);
        let operand = match token.kind {
            Kind::Identifier => {
                let Some(function) = self.functions.get(text) else {
                    return Err(self.error(format!("function {} not defined", quote(text))));
                };
                Operand::Function(function)
            }
            Kind::Dot => Operand::Dot,
            Kind::Nil => Operand::Nil,
            Kind::Variable => self.variable(token)?,
            Kind::Field => {
                let fields = self.no_fields();
                Operand::Field(self.one_more(fields, token))
            }
            Kind::Bool => Operand::Bool(text == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => self.constant(token)?,
            Kind::String | Kind::RawString => {
                let text = (&*self.unquoted(token)?).into();
                let texts = &mut self.draft.tree.texts;
                texts.push(Constant { written: token.span, text });
                Operand::Text(texts.len() as u32 - 1)
            }
            Kind::LeftParen => {
                if self.draft.paren_depth >= PAREN_DEPTH_MAX {
                    return Err(self.error("max expression depth exceeded"));
                }
                self.draft.paren_depth += 1;
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                self.draft.paren_depth -= 1;
                let pos = self.draft.tree.pipe(pipe).pos;
                return Ok(Some(self.node(pos, Operand::Pipe(pipe))));
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(self.node(token.span.start, operand)))
    }

    fn variable(&mut self, token: Item) -> Parsed<Operand> {
        let name = token.span;
        let text = self.text(name);
        let slot = self.slot_of(name);
        let is_known = || self.draft.variables.iter().any(|variable| self.text(variable.name) == text);
        if slot.is_none() && !is_known() {
            return Err(self.error(format!("undefined variable {}", quote(text))));
        }
        Ok(Operand::Variable { name, slot, fields: Fields::default() })
    }

    fn constant(&mut self, token: Item) -> Parsed<Operand> {
        let text = self.text(token.span);
        let parsed = match token.kind {
            Kind::CharConstant => number::character(text, token.span),
            _ => number::number(text, token.span),
        };
        let number = parsed.map_err(|message| self.error(message))?;
        let numbers = &mut self.draft.tree.numbers;
        numbers.push(number);
        Ok(Operand::Number(numbers.len() as u32 - 1))
    }
}
