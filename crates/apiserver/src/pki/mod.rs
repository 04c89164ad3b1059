//! Certificates of the data directory.
