//! The API server as its clients see it, in one process: raw requests with golden answers, and kube-rs as a real client.

mod access;
mod builtin;
mod clients;
mod crud;
mod custom;
mod discovery;
mod harness;
mod lifecycle;
mod listing;
mod patches;
mod recorded;
mod rules;
mod watching;
mod webhooks;
