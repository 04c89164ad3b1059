mod cluster;
mod deployments;
mod jobs;
mod pods;
