//! Nodes as text, the way Go prints them in the context of an error.

use super::{
    item::Span,
    tree::{Call, CommandId, Fields, NodeId, Operand, PipeId, Tree},
};
use crate::print::quote;

impl Tree {
    /// A pipeline comes without the parentheses that it has as an argument.
    pub(crate) fn show_node(&self, id: NodeId) -> String {
        let mut out = String::new();
        self.write_node(&mut out, id);
        out
    }

    pub(crate) fn show_command(&self, id: CommandId) -> String {
        let mut out = String::new();
        self.write_command(&mut out, id);
        out
    }

    pub(crate) fn show_pipe(&self, id: PipeId) -> String {
        let mut out = String::new();
        self.write_pipe(&mut out, id);
        out
    }

    pub(crate) fn show_call(&self, call: Call) -> String {
        let mut out = format!("{{{{template {}", quote(self.calls[call.name as usize].as_bytes()));
        if let Some(data) = call.data {
            out.push(' ');
            self.write_pipe(&mut out, data);
        }
        out.push_str("}}");
        out
    }

    fn write_span(&self, out: &mut String, span: Span) {
        out.push_str(&String::from_utf8_lossy(self.bytes(span)));
    }

    fn write_fields(&self, out: &mut String, fields: Fields) {
        for name in self.fields(fields) {
            out.push('.');
            self.write_span(out, *name);
        }
    }

    fn write_pipe(&self, out: &mut String, id: PipeId) {
        let pipe = self.pipe(id);
        for (at, declaration) in pipe.declarations.iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            self.write_span(out, declaration.name);
        }
        if !pipe.declarations.is_empty() {
            out.push_str(if pipe.is_assign { " = " } else { " := " });
        }
        for (at, command) in self.stages(id).iter().enumerate() {
            if at > 0 {
                out.push_str(" | ");
            }
            self.write_command(out, *command);
        }
    }

    fn write_command(&self, out: &mut String, id: CommandId) {
        for (at, node) in self.arguments(id).iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            self.write_node_in_parens(out, *node);
        }
    }

    /// A pipeline as an argument or as the start of a chain gets its parentheses back.
    fn write_node_in_parens(&self, out: &mut String, id: NodeId) {
        match self.node(id).operand {
            Operand::Pipe(pipe) => {
                out.push('(');
                self.write_pipe(out, pipe);
                out.push(')');
            }
            _ => self.write_node(out, id),
        }
    }

    fn write_node(&self, out: &mut String, id: NodeId) {
        match self.node(id).operand {
            Operand::Dot => out.push('.'),
            Operand::Nil => out.push_str("nil"),
            Operand::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Operand::Number(number) => self.write_span(out, self.numbers[number as usize].written),
            Operand::Text(text) => self.write_span(out, self.texts[text as usize].written),
            Operand::Field(fields) => self.write_fields(out, fields),
            Operand::Variable { name, fields, .. } => {
                self.write_span(out, name);
                self.write_fields(out, fields);
            }
            Operand::Function(function) => out.push_str(function.name),
            Operand::Pipe(pipe) => self.write_pipe(out, pipe),
            Operand::Chain { inner, fields } => {
                self.write_node_in_parens(out, inner);
                self.write_fields(out, fields);
            }
        }
    }
}
