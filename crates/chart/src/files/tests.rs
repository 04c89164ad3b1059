//! The tests of this module stand beside the functions' callers.
