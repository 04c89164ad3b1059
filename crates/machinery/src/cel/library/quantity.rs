//! Kubernetes' quantities: `1.5Gi`, `100m`. Exact to a billionth.

use super::{Function, mismatch};
use crate::cel::value::{Fault, Value};

const NANO: i128 = 1_000_000_000;
/// Amounts with binary suffixes are capped, and none can be larger than this.
const BINARY_MAX: i128 = (i64::MAX as i128) * NANO;
const MAX: i128 = i128::MAX / 4;

#[derive(Clone, Copy, Debug)]
pub(in crate::cel) struct Quantity {
    /// Billionths.
    amount: i128,
    /// Whether upstream keeps it as a whole number: only then it can be read as one, whatever its value.
    whole: bool,
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.amount == other.amount
    }
}

impl Eq for Quantity {}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.amount.cmp(&other.amount)
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "quantity" => |_, args| match args {
            [Value::Text(text)] => parse(text).map(Value::Quantity).map_err(Fault::new),
            _ => mismatch(),
        },
        "isQuantity" => |_, args| match args {
            [Value::Text(text)] => Ok(Value::Bool(parse(text).is_ok())),
            _ => mismatch(),
        },
        "sign" => |_, args| match args {
            [Value::Quantity(quantity)] => Ok(Value::Int(quantity.amount.signum().try_into().unwrap_or_default())),
            _ => mismatch(),
        },
        "asInteger" => |_, args| match args {
            [Value::Quantity(amount)] => {
                amount.integer().map(Value::Int).ok_or_else(|| Fault::new("cannot convert value to integer"))
            }
            _ => mismatch(),
        },
        "isInteger" => |_, args| match args {
            [Value::Quantity(amount)] => Ok(Value::Bool(amount.integer().is_some())),
            _ => mismatch(),
        },
        "asApproximateFloat" => |_, args| match args {
            [Value::Quantity(amount)] => Ok(Value::Double(amount.float())),
            _ => mismatch(),
        },
        "add" => |_, args| match args {
            [Value::Quantity(left), Value::Quantity(right)] => Ok(Value::Quantity(left.plus(*right))),
            [Value::Quantity(left), Value::Int(right)] => Ok(Value::Quantity(left.plus(Quantity::whole(*right)))),
            _ => mismatch(),
        },
        "sub" => |_, args| match args {
            [Value::Quantity(left), Value::Quantity(right)] => {
                Ok(Value::Quantity(left.plus(Quantity { amount: -right.amount, ..*right })))
            }
            [Value::Quantity(left), Value::Int(right)] => {
                Ok(Value::Quantity(left.plus(Quantity::whole(right.saturating_neg()))))
            }
            _ => mismatch(),
        },
        "isGreaterThan" => |_, args| match args {
            [Value::Quantity(left), Value::Quantity(right)] => Ok(Value::Bool(left > right)),
            [Value::Version(left), Value::Version(right)] => Ok(Value::Bool(left > right)),
            _ => mismatch(),
        },
        "isLessThan" => |_, args| match args {
            [Value::Quantity(left), Value::Quantity(right)] => Ok(Value::Bool(left < right)),
            [Value::Version(left), Value::Version(right)] => Ok(Value::Bool(left < right)),
            _ => mismatch(),
        },
        "compareTo" => |_, args| match args {
            [Value::Quantity(left), Value::Quantity(right)] => Ok(Value::Int(left.cmp(right) as i64)),
            [Value::Version(left), Value::Version(right)] => Ok(Value::Int(left.cmp(right) as i64)),
            _ => mismatch(),
        },
        _ => return None,
    })
}

impl Quantity {
    fn whole(number: i64) -> Self {
        Self { amount: i128::from(number) * NANO, whole: true }
    }

    fn plus(self, other: Quantity) -> Self {
        let whole = match (self.amount, other.amount) {
            (0, _) => other.whole,
            (_, 0) => self.whole,
            _ => self.whole && other.whole,
        };
        Self { amount: self.amount.saturating_add(other.amount).clamp(-MAX, MAX), whole }
    }

    fn integer(self) -> Option<i64> {
        if self.whole { i64::try_from(self.amount / NANO).ok() } else { None }
    }

    #[expect(clippy::cast_precision_loss, reason = "approximate by name")]
    fn float(self) -> f64 {
        if self.amount % NANO == 0 { (self.amount / NANO) as f64 } else { self.amount as f64 / NANO as f64 }
    }
}

fn parse(text: &str) -> Result<Quantity, String> {
    let wrong =
        || "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'".to_string();
    let suffix_wrong = || "unable to parse quantity's suffix".to_string();
    if text.is_empty() {
        return Err(wrong());
    }
    let (negative, rest) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(wrong());
    }
    let shaped = suffix.trim_start_matches(|c: char| "eEinumkKMGTP".contains(c));
    let shaped = shaped.strip_prefix(['-', '+']).unwrap_or(shaped);
    if !shaped.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let (binary, exponent) = scale(suffix).ok_or_else(suffix_wrong)?;
    let amount = amount(whole, fraction, binary, exponent) * if negative { -1 } else { 1 };
    let digits = i32::try_from(whole.trim_start_matches('0').len()).unwrap_or(i32::MAX / 2);
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX / 2);
    // Upstream's fast path: few enough digits, and no fraction.
    let whole =
        if binary { places == 0 && digits + 3 * exponent < 15 } else { digits + places <= 18 && exponent >= places };
    Ok(Quantity { amount, whole })
}

/// A power of 1024 or of ten.
fn scale(suffix: &str) -> Option<(bool, i32)> {
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    if let Some(index) = decimal.iter().position(|known| *known == suffix) {
        return Some((false, 3 * (i32::try_from(index).ok()? - 3)));
    }
    if let Some(index) = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|known| *known == suffix) {
        return Some((true, i32::try_from(index).ok()? + 1));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let exponent: i64 = exponent.parse().ok()?;
    Some((false, i32::try_from(exponent.clamp(-1000, 1000)).ok()?))
}

/// Billionths, rounded up, at most [`MAX`], or [`BINARY_MAX`].
fn amount(whole: &str, fraction: &str, binary: bool, exponent: i32) -> i128 {
    let digits: String = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    // More digits than any amount below the cap can have decide nothing.
    let kept = digits.len().min(30);
    let mut value: i128 = digits[..kept].parse().unwrap_or(i128::MAX);
    let dropped = i32::try_from(digits.len() - kept).unwrap_or(i32::MAX / 2);
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX / 2);
    let mut power = 9 + dropped - places;
    if binary {
        for _ in 0..exponent {
            match value.checked_mul(1024) {
                Some(more) => value = more,
                None => return BINARY_MAX,
            }
        }
    } else {
        power += exponent;
    }
    while power > 0 && value <= MAX {
        value = value.saturating_mul(10);
        power -= 1;
    }
    while power < 0 && value > 0 {
        let up = i128::from(value % 10 != 0);
        value = value / 10 + up;
        power += 1;
        if value == 1 && power < 0 {
            // Rounded up at every further digit.
            return 1;
        }
    }
    value.min(if binary { BINARY_MAX } else { MAX })
}
