//! `printf` and `%v`, against what Go 1.26 prints.
