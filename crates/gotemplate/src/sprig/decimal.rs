//! Exact decimals, as far as Sprig's float arithmetic needs them (shopspring/decimal): `addf 0.1 0.2` is 0.3.

use num_bigint::{BigInt, Sign};

use crate::{
    function::FunctionError,
    print::float::{non_finite, shortest},
};

/// How many digits after the point a division keeps.
const DIVISION_DIGITS: i64 = 16;

/// `value * 10^exponent`
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    value: BigInt,
    exponent: i64,
}

impl Decimal {
    /// The shortest decimal that reads back as the float.
    pub(super) fn from_float(float: f64) -> Result<Self, FunctionError> {
        if let Some(name) = non_finite(float) {
            return Err(FunctionError::new(format!("Cannot create a Decimal from {name}")));
        }
        let printed = shortest(float);
        let (mantissa, exponent) = printed.split_once('e').unwrap_or((&printed, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let value = format!("{whole}{fraction}").parse::<BigInt>().unwrap_or_default();
        let exponent = exponent.parse::<i64>().unwrap_or(0) - fraction.len() as i64;
        Ok(Self { value, exponent })
    }

    /// The nearest float.
    pub(super) fn to_float(&self) -> f64 {
        format!("{}e{}", self.value, self.exponent).parse().unwrap_or(0.0)
    }

    pub(super) fn plus(self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        Self { value: self.scaled(exponent) + other.scaled(exponent), exponent }
    }

    pub(super) fn minus(self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        Self { value: self.scaled(exponent) - other.scaled(exponent), exponent }
    }

    pub(super) fn times(self, other: &Self) -> Self {
        Self { value: self.value * &other.value, exponent: self.exponent + other.exponent }
    }

    /// To 16 digits after the point, half away from zero.
    pub(super) fn divided_by(self, other: &Self) -> Result<Self, FunctionError> {
        if other.value.sign() == Sign::NoSign {
            return Err(FunctionError::new("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + DIVISION_DIGITS;
        let (dividend, divisor) = if shift >= 0 {
            (self.value * ten_to(shift), other.value.clone())
        } else {
            (self.value, &other.value * ten_to(-shift))
        };
        let quotient = &dividend / &divisor;
        let remainder = &dividend % &divisor;
        let rounds_away = (remainder.magnitude() * 2_u32) >= *divisor.magnitude();
        let value = match (rounds_away, dividend.sign() == divisor.sign()) {
            (false, _) => quotient,
            (true, true) => quotient + 1,
            (true, false) => quotient - 1,
        };
        Ok(Self { value, exponent: -DIVISION_DIGITS })
    }

    fn scaled(&self, exponent: i64) -> BigInt {
        &self.value * ten_to(self.exponent - exponent)
    }
}

fn ten_to(power: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power).unwrap_or(0))
}
