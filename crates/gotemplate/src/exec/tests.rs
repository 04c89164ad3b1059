//! Execution: what Go prints, and what Go says when it cannot.
