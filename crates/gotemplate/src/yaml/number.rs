//! Numbers as Go prints them.

use crate::print::float::shortest as shortest_text;

/// Sign, digits and decimal exponent of the shortest text that reads back as the number: `d.ddd` times ten to the exponent.
fn shortest(scientific: &str) -> Option<(bool, String, i32)> {
    let (mantissa, exponent) = scientific.split_once('e')?;
    let negative = mantissa.starts_with('-');
    let digits = mantissa.trim_start_matches('-').replace('.', "");
    Some((negative, digits, exponent.parse().ok()?))
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 64)`, with YAML's names of what is no number.
pub(super) fn format_float(value: f64) -> String {
    general(value.is_nan(), value.is_infinite(), value < 0.0, shortest_text(value))
}

/// The same for 32 bits, which is how sigs.k8s.io/yaml prints a float that is a key.
pub(super) fn format_float32(value: f64) -> String {
    let value = value as f32;
    general(value.is_nan(), value.is_infinite(), value < 0.0, format!("{value:e}"))
}

fn general(nan: bool, infinite: bool, negative: bool, scientific: String) -> String {
    if nan {
        return ".nan".to_owned();
    }
    if infinite {
        return if negative { "-.inf" } else { ".inf" }.to_owned();
    }
    let Some((negative, digits, exponent)) = shortest(&scientific) else {
        return String::new();
    };
    if !(-4..6).contains(&exponent) {
        exponential(negative, &digits, exponent)
    } else {
        plain(negative, &digits, exponent)
    }
}

/// A number without a fraction, without an exponent.
pub(super) fn format_integral(value: f64) -> String {
    shortest(&shortest_text(value))
        .map_or_else(String::new, |(negative, digits, exponent)| plain(negative, &digits, exponent))
}

fn exponential(negative: bool, digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}{first}{point}{rest}e{sign}{:02}", if negative { "-" } else { "" }, exponent.unsigned_abs())
}

fn plain(negative: bool, digits: &str, exponent: i32) -> String {
    let mut text = if negative { "-".to_owned() } else { String::new() };
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    match usize::try_from(exponent + 1) {
        Ok(whole) if whole > 0 => {
            text.push_str(digits.get(..whole).unwrap_or(digits));
            text.push_str(&zeros(exponent + 1 - i32::try_from(digits.len()).unwrap_or(0)));
            if let Some(fraction) = digits.get(whole..).filter(|fraction| !fraction.is_empty()) {
                text.push('.');
                text.push_str(fraction);
            }
        }
        _ => {
            text.push_str("0.");
            text.push_str(&zeros(-exponent - 1));
            text.push_str(digits);
        }
    }
    text
}
