//! Errors of templates as Helm prints them. Helm 4 lays the chain of includes out in lines, Helm 3 prints Go's one line.

use gotemplate::{Dialect, ExecError, ParseError, WARNING_END, WARNING_START};

use crate::Error;

pub(super) fn of_parse(error: &ParseError) -> String {
    // Helm keeps what stands behind the last colon only.
    let whole = error.to_string();
    let last = whole.rsplit(": ").next().unwrap_or_default();
    format!("parse error at ({}:{}): {last}", error.name, error.line)
}

pub(super) fn of_run(error: ExecError, dialect: Dialect) -> Error {
    let message = told(&error, dialect);
    Error::Template { message, error: Box::new(error) }
}

fn told(error: &ExecError, dialect: Dialect) -> String {
    let whole = error.to_string();
    if error.line == 0 {
        return whole;
    }
    // `required` and `fail`: the message alone, with the place of the outermost template.
    if let Some(start) = whole.find(WARNING_START)
        && let Some(end) = whole.rfind(WARNING_END)
        && start + WARNING_START.len() <= end
    {
        let place = format!("{}:{}:{}", error.name, error.line, error.column);
        return format!("execution error at ({place}): {}", &whole[start + WARNING_START.len()..end]);
    }
    match dialect {
        Dialect::Helm3 => whole,
        Dialect::Helm4 => in_lines(error).unwrap_or(whole),
    }
}

/// `None` where a function's own error ends the chain: Helm then prints Go's line.
fn in_lines(error: &ExecError) -> Option<String> {
    let mut lines = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if error.line == 0 {
            if !error.message.starts_with("template: no template ") {
                return None;
            }
            lines.push_str(&error.message);
            lines.push('\n');
        } else {
            let no_template =
                error.message.split_once(": ").filter(|(_, own)| own.starts_with("template: no template "));
            if error.below.is_none() && no_template.is_none() && error.message.starts_with("error calling ") {
                return None;
            }
            let colon = if error.below.is_some() { ":" } else { "" };
            let message = format!("{}{colon}", error.message);
            let message = message.split(" template:").next().unwrap_or_default();
            lines.push_str(&format!(
                "{}:{}:{}\n  executing {:?} at <{}>:\n    {message}\n",
                error.name, error.line, error.column, error.template, error.context
            ));
            if let Some((_, own)) = no_template {
                lines.push_str(own);
                lines.push('\n');
            }
            if error.below.is_some()
                && error.message != "error calling include"
                && !error.message.starts_with("error calling include:")
            {
                return None;
            }
        }
        next = error.below.as_deref();
    }
    Some(lines.trim().to_owned())
}
