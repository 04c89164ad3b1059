//! Go's own functions.
