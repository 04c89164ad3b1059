//! Plan equals execution: what `plan` prints is what the twin of Azure then receives.
