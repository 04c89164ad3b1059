//! Estimates as ranges: the least and the most, saturating.

/// A size or a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cel) struct Range {
    pub(in crate::cel) min: u64,
    pub(in crate::cel) max: u64,
}

pub(in crate::cel) const UNKNOWN: Range = Range { min: 0, max: u64::MAX };

impl Range {
    pub(in crate::cel) const fn new(min: u64, max: u64) -> Self {
        Self { min, max }
    }

    pub(in crate::cel) const fn fixed(of: u64) -> Self {
        Self { min: of, max: of }
    }

    pub(in crate::cel) fn add(self, other: Range) -> Range {
        Range::new(self.min.saturating_add(other.min), self.max.saturating_add(other.max))
    }

    pub(in crate::cel) fn multiply(self, other: Range) -> Range {
        Range::new(self.min.saturating_mul(other.min), self.max.saturating_mul(other.max))
    }

    pub(in crate::cel) fn scale(self, factor: f64) -> Range {
        Range::new(scaled(self.min, factor), scaled(self.max, factor))
    }

    pub(in crate::cel) fn union(self, other: Range) -> Range {
        Range::new(self.min.min(other.min), self.max.max(other.max))
    }
}

/// A count times a cost per unit, rounded up.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as upstream")]
pub(in crate::cel) fn scaled(count: u64, factor: f64) -> u64 {
    // `as` saturates.
    (count as f64 * factor).ceil() as u64
}
