//! aso
