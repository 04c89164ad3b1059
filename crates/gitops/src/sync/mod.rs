//! A sync: tasks out of a comparison, their order, and the next step of a running one.

mod failing;
pub(crate) mod hooks;
pub(crate) mod options;
mod order;
mod results;
mod step;
mod tasks;
pub(crate) mod wave;

pub(crate) use order::kind_defined;
pub(crate) use step::{Progress, Request, step};
pub(crate) use tasks::Naming;
