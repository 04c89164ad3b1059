//! Go's text/template with Sprig's and Helm's functions, Go's values, and YAML as Helm reads and writes it.
//!
//! Entry points: [`Value`] (Go's values), [`Function`] (what a template can call), and the parsed, executed templates of
//! `Templates`. Pure: time and randomness come in through [`Host`], and so does everything that a chart knows.

mod crypto;
mod error;
mod exec;
mod function;
mod functions;
mod golang;
mod helm;
pub mod json;
pub mod print;
pub mod semver;
mod sprig;
mod syntax;
#[cfg(test)]
mod testing;
mod time;
pub mod toml;
mod value;
pub mod yaml;

pub use error::{ExecError, ParseError};
pub use exec::{Limits, Parsed, Reads, Run, Templates, is_true};
pub use function::{Call, Dialect, Function, FunctionError, Host, Implementation, Offline, Param, Templating};
pub use functions::functions;
pub use helm::{WARNING_END, WARNING_START};
pub use time::check_rfc3339;
pub use value::{Bytes, Element, Integer, List, Map, MapType, Methods, Object, Text, Value};
