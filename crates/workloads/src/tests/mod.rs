//! Each kind from outside, against a cluster in memory.

mod cluster;
mod cronjobs;
mod deployments;
mod jobs;
mod pods;
mod property;
mod services;
mod sets;
mod world;
