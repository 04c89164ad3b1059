//! Whole outcomes: a small world of objects in which every pass is run until nobody writes any more.

mod adoption;
mod clusters;
mod deletion;
mod pools;
mod refusals;
mod topologies;
mod world;
