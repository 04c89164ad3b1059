//! `strconv.FormatFloat`: Go's shortest digits, its choice between decimal and exponent, and its exponents of two digits.

use std::fmt::Write as _;

/// Decimal digits without leading or trailing zeros, and where the point stands: `0.DIGITS * 10^point`.
struct Digits {
    digits: Vec<u8>,
    point: i32,
}

/// Go's name of what has no digits.
pub(crate) fn non_finite(value: f64) -> Option<&'static str> {
    match value {
        value if value.is_nan() => Some("NaN"),
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

/// The verbs `b e E f g G x X`. `None` asks for as few digits as tell the number from its neighbours.
pub(crate) fn format(value: f64, verb: char, precision: Option<usize>) -> String {
    if let Some(name) = non_finite(value) {
        return name.to_owned();
    }
    let mut out = String::new();
    if value.is_sign_negative() {
        out.push('-');
    }
    let size = value.abs();
    match verb {
        'f' => fixed(&mut out, size, precision),
        'e' | 'E' => match precision {
            Some(precision) => exponent(&mut out, &digits(size, Some(precision + 1)), precision, verb),
            None => {
                let digits = digits(size, None);
                let precision = digits.digits.len().saturating_sub(1);
                exponent(&mut out, &digits, precision, verb);
            }
        },
        'b' => binary(&mut out, size),
        'x' | 'X' => hexadecimal(&mut out, size, verb, precision),
        _ => general(&mut out, size, precision, if verb == 'G' { 'E' } else { 'e' }),
    }
    out
}

/// The shortest text that reads back as the number, as `d.ddde-x`. Of two that are equally near Go takes the even one, and Rust the
/// larger.
pub(crate) fn shortest(value: f64) -> String {
    let text = format!("{value:e}");
    let significant =
        |text: &str| -> Vec<u8> { text.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).collect() };
    let digits = significant(&text);
    if digits.len() < 15 || digits.last().is_none_or(|digit| digit % 2 == 0) {
        return text;
    }
    // Exactly between two means that the exact digits end with a five right there.
    let exact = significant(&format!("{value:.60e}"));
    let even = format!("{value:.*e}", digits.len() - 1);
    let halfway =
        matches!(exact.get(digits.len()..), Some([b'5', rest @ ..]) if rest.iter().all(|digit| *digit == b'0'));
    if halfway && even.parse() == Ok(value) { even } else { text }
}

fn digits(size: f64, count: Option<usize>) -> Digits {
    if size == 0.0 {
        return Digits { digits: Vec::new(), point: 0 };
    }
    let text = match count {
        // A float64 has no more than 767 significant digits.
        Some(count) => format!("{:.*e}", count.clamp(1, 800) - 1, size),
        None => shortest(size),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(|byte| *byte != b'.').collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    Digits { digits, point: exponent.parse::<i32>().unwrap_or_default() + 1 }
}

fn fixed(out: &mut String, size: f64, precision: Option<usize>) {
    match precision {
        Some(precision) => {
            let exact = precision.min(1100);
            let _ = write!(out, "{size:.exact$}");
            out.extend(std::iter::repeat_n('0', precision - exact));
        }
        None => {
            let digits = digits(size, None);
            let places = digits.digits.len() as i32 - digits.point;
            plain(out, &digits, places.max(0) as usize);
        }
    }
}

/// `%f` of digits that are already rounded.
fn plain(out: &mut String, Digits { digits, point }: &Digits, places: usize) {
    let digit =
        |at: i32| usize::try_from(at).ok().and_then(|at| digits.get(at)).map_or('0', |digit| char::from(*digit));
    if *point > 0 {
        out.extend((0..*point).map(digit));
    } else {
        out.push('0');
    }
    if places > 0 {
        out.push('.');
        out.extend((0..places as i32).map(|at| digit(point + at)));
    }
}

fn exponent(out: &mut String, Digits { digits, point }: &Digits, places: usize, mark: char) {
    out.push(digits.first().map_or('0', |digit| char::from(*digit)));
    if places > 0 {
        out.push('.');
        out.extend((1..=places).map(|at| digits.get(at).map_or('0', |digit| char::from(*digit))));
    }
    let exponent = if digits.is_empty() { 0 } else { point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "{mark}{sign}{:02}", exponent.abs());
}

fn general(out: &mut String, size: f64, precision: Option<usize>, mark: char) {
    let wanted = precision.map(|precision| precision.max(1));
    let digits = digits(size, wanted);
    let count = digits.digits.len();
    let limit = match wanted {
        None => 6,
        Some(wanted) if wanted > count && count as i32 >= digits.point => count,
        Some(wanted) => wanted,
    };
    let exp = digits.point - 1;
    if exp < -4 || exp >= limit as i32 {
        return exponent(out, &digits, count.min(wanted.unwrap_or(count)).saturating_sub(1), mark);
    }
    plain(out, &digits, (count as i32 - digits.point).max(0) as usize);
}

/// Mantissa and exponent of `mantissa * 2^exponent`, subnormal numbers not normalised.
fn parts(size: f64) -> (u64, i32) {
    let bits = size.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52) as i32);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

fn binary(out: &mut String, size: f64) {
    let (mantissa, exponent) = parts(size);
    let _ = write!(out, "{mantissa}p{exponent:+}");
}

fn hexadecimal(out: &mut String, size: f64, verb: char, precision: Option<usize>) {
    let (mut mantissa, mut exponent) = parts(size);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // The leading one to bit 60, so that each digit of the fraction is a nibble.
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - shift as i32;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = precision * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut text = format!("0x{}", mantissa >> 60);
    let fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) => format!("{fraction:0<precision$}").chars().take(precision).collect(),
    };
    if !fraction.is_empty() {
        let _ = write!(text, ".{fraction}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(text, "p{sign}{:02}", exponent.abs());
    out.push_str(&if verb == 'X' { text.to_ascii_uppercase() } else { text });
}
