//! Sprig's arithmetic: 64-bit integers that wrap as Go's do, floats by way of exact decimals, rounding, and lists of numbers.

use super::{
    arguments::{any, float, int},
    cast::{self, to_float64, to_int64},
    decimal::Decimal,
    limits, printing,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{Element, List, Value},
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("int", &[Param::Any], |_, arguments| Ok(Value::int(to_int64(any(arguments, 0))))),
    Function::new("int64", &[Param::Any], |_, arguments| Ok(Value::int64(to_int64(any(arguments, 0))))),
    Function::new("float64", &[Param::Any], |_, arguments| Ok(Value::Float(to_float64(any(arguments, 0))))),
    Function::new("atoi", &[Param::Text], |_, arguments| {
        let text = super::arguments::text(arguments, 0)?;
        Ok(Value::int(text.as_str().map_or(0, atoi)))
    }),
    Function::new("toDecimal", &[Param::Any], |_, arguments| {
        let printed = printing::print(any(arguments, 0));
        let parsed = std::str::from_utf8(&printed).ok().and_then(|text| cast::parse_int(text, 8));
        Ok(Value::int64(parsed.unwrap_or(0)))
    }),
    Function::new("add1", &[Param::Any], |_, arguments| Ok(Value::int64(to_int64(any(arguments, 0)).wrapping_add(1)))),
    Function::variadic("add", &[], Param::Any, |_, arguments| Ok(integers(0, arguments, i64::wrapping_add))),
    Function::new("sub", &[Param::Any, Param::Any], |_, arguments| {
        Ok(Value::int64(to_int64(any(arguments, 0)).wrapping_sub(to_int64(any(arguments, 1)))))
    }),
    Function::new("div", &[Param::Any, Param::Any], |_, arguments| divided(arguments, i64::wrapping_div)),
    Function::new("mod", &[Param::Any, Param::Any], |_, arguments| divided(arguments, i64::wrapping_rem)),
    Function::variadic("mul", &[Param::Any], Param::Any, |_, arguments| Ok(integers(1, arguments, i64::wrapping_mul))),
    Function::variadic("max", &[Param::Any], Param::Any, |_, arguments| Ok(integers(i64::MIN, arguments, i64::max))),
    Function::variadic("biggest", &[Param::Any], Param::Any, |_, arguments| {
        Ok(integers(i64::MIN, arguments, i64::max))
    }),
    Function::variadic("min", &[Param::Any], Param::Any, |_, arguments| Ok(integers(i64::MAX, arguments, i64::min))),
    Function::new("add1f", &[Param::Any], |_, arguments| {
        decimals(any(arguments, 0), &[Value::int(1)], |one, other| Ok(one.plus(other)))
    }),
    Function::variadic("addf", &[], Param::Any, |_, arguments| {
        decimals(&Value::Float(0.0), arguments, |one, other| Ok(one.plus(other)))
    }),
    Function::variadic("subf", &[Param::Any], Param::Any, |_, arguments| {
        decimals(any(arguments, 0), rest(arguments), |one, other| Ok(one.minus(other)))
    }),
    Function::variadic("mulf", &[Param::Any], Param::Any, |_, arguments| {
        decimals(any(arguments, 0), rest(arguments), |one, other| Ok(one.times(other)))
    }),
    Function::variadic("divf", &[Param::Any], Param::Any, |_, arguments| {
        decimals(any(arguments, 0), rest(arguments), Decimal::divided_by)
    }),
    Function::variadic("maxf", &[Param::Any], Param::Any, |_, arguments| Ok(floats(arguments, largest))),
    Function::variadic("minf", &[Param::Any], Param::Any, |_, arguments| {
        Ok(floats(arguments, |one, other| -largest(-one, -other)))
    }),
    Function::new("floor", &[Param::Any], |_, arguments| Ok(Value::Float(to_float64(any(arguments, 0)).floor()))),
    Function::new("ceil", &[Param::Any], |_, arguments| Ok(Value::Float(to_float64(any(arguments, 0)).ceil()))),
    Function::variadic("round", &[Param::Any, Param::Int], Param::Float, round),
    Function::new("until", &[Param::Int], |_, arguments| {
        let count = int(arguments, 0)?;
        stepped(0, count, if count < 0 { -1 } else { 1 }).map(list_of_ints)
    }),
    Function::new("untilStep", &[Param::Int, Param::Int, Param::Int], |_, arguments| {
        stepped(int(arguments, 0)?, int(arguments, 1)?, int(arguments, 2)?).map(list_of_ints)
    }),
    Function::variadic("seq", &[], Param::Int, seq),
];

fn rest(arguments: &[Value]) -> &[Value] {
    arguments.get(1..).unwrap_or(&[])
}

/// `strconv.Atoi` without its error: what is out of range is the nearest number, also when no number would follow.
fn atoi(text: &str) -> i64 {
    if let Some(value) = cast::parse_int(text, 10) {
        return value;
    }
    let negative = text.starts_with('-');
    let nearest = if negative { i64::MIN } else { i64::MAX };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.len() - unsigned.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    // Go stops reading as soon as 64 bits overflow; below that it reads on, and finds what is no digit.
    match unsigned[..digits].parse::<u64>() {
        Err(_) if digits > 0 => nearest,
        Ok(_) if digits == unsigned.len() => nearest,
        _ => 0,
    }
}

fn integers(start: i64, arguments: &[Value], operation: fn(i64, i64) -> i64) -> Value {
    Value::int64(arguments.iter().map(to_int64).fold(start, operation))
}

fn divided(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Outcome {
    match to_int64(any(arguments, 1)) {
        0 => Err(FunctionError::new("runtime error: integer divide by zero")),
        divisor => Ok(Value::int64(operation(to_int64(any(arguments, 0)), divisor))),
    }
}

fn decimals(
    first: &Value,
    others: &[Value],
    operation: fn(Decimal, &Decimal) -> Result<Decimal, FunctionError>,
) -> Outcome {
    let mut result = Decimal::from_float(to_float64(first))?;
    for other in others {
        result = operation(result, &Decimal::from_float(to_float64(other))?)?;
    }
    Ok(Value::Float(result.to_float()))
}

fn floats(arguments: &[Value], operation: fn(f64, f64) -> f64) -> Value {
    let first = to_float64(any(arguments, 0));
    Value::Float(rest(arguments).iter().map(to_float64).fold(first, operation))
}

/// `math.Max`: an infinity wins over NaN, NaN over everything else, and 0 over -0.
fn largest(one: f64, other: f64) -> f64 {
    if one == f64::INFINITY || other == f64::INFINITY {
        return f64::INFINITY;
    }
    if one.is_nan() || other.is_nan() {
        return f64::NAN;
    }
    if one == 0.0 && other == 0.0 {
        return if one.is_sign_negative() { other } else { one };
    }
    if one > other { one } else { other }
}

/// Rounds half up, and negative numbers always down: the digit behind is compared with its sign.
fn round(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let threshold = if arguments.len() > 2 { float(arguments, 2)? } else { 0.5 };
    let power = power_of_ten(int(arguments, 1)?);
    let shifted = power * to_float64(any(arguments, 0));
    // Go's Modf of an infinity has NaN as its fraction, Rust's has 0.
    let fraction = if shifted.is_infinite() { f64::NAN } else { shifted.fract() };
    let rounded = if fraction >= threshold { shifted.ceil() } else { shifted.floor() };
    Ok(Value::Float(rounded / power))
}

/// `math.Pow(10, places)` with Go's own rounding: repeated squaring of the mantissa, exponents apart.
fn power_of_ten(places: i64) -> f64 {
    let (mut result, mut result_exponent) = (1.0_f64, 0_i64);
    let (mut factor, mut factor_exponent) = (0.625_f64, 4_i64);
    let mut left = places.unsigned_abs();
    while left != 0 {
        if !(-(1 << 12)..=1 << 12).contains(&factor_exponent) {
            result_exponent += factor_exponent;
            break;
        }
        if left & 1 == 1 {
            result *= factor;
            result_exponent += factor_exponent;
        }
        factor *= factor;
        factor_exponent <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_exponent -= 1;
        }
        left >>= 1;
    }
    if places < 0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    cast::times_power_of_two(result, result_exponent)
}

/// The numbers from `start` to before `stop`. No numbers where the step leads away.
fn stepped(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, FunctionError> {
    let distance = i128::from(stop) - i128::from(start);
    if distance == 0 || step == 0 || (distance > 0) != (step > 0) {
        return Ok(Vec::new());
    }
    let count = limits::list_items(distance.unsigned_abs().div_ceil(u128::from(step.unsigned_abs())))?;
    Ok((0..count as i64).map(|number| start.wrapping_add(number.wrapping_mul(step))).collect())
}

fn list_of_ints(numbers: Vec<i64>) -> Value {
    Value::List(List::typed(Element::Int, numbers.into_iter().map(Value::int).collect()))
}

fn seq(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (start, step, end) = match arguments.len() {
        1 => {
            let end = int(arguments, 0)?;
            (1, if end < 1 { -1 } else { 1 }, end)
        }
        2 => {
            let (start, end) = (int(arguments, 0)?, int(arguments, 1)?);
            (start, if end < start { -1 } else { 1 }, end)
        }
        3 => (int(arguments, 0)?, int(arguments, 1)?, int(arguments, 2)?),
        _ => return Ok(Value::from("")),
    };
    if end < start && step > 0 {
        return Ok(Value::from(""));
    }
    let beyond = if end < start { end.wrapping_sub(1) } else { end.wrapping_add(1) };
    let numbers = stepped(start, beyond, step)?;
    Ok(Value::from(numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")))
}
