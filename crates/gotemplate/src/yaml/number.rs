//! Numbers as Go prints them.

/// Sign, digits and decimal exponent of the shortest text that reads back as the number: `d.ddd` times ten to the exponent.
fn shortest(scientific: &str) -> Option<(bool, String, i32)> {
    let (mantissa, exponent) = scientific.split_once('e')?;
    let negative = mantissa.starts_with('-');
    let digits = mantissa.trim_start_matches('-').replace('.', "");
    Some((negative, digits, exponent.parse().ok()?))
}

/// The shortest text of a finite number. Of two that are equally near Go takes the even one, and Rust the larger.
fn scientific(value: f64) -> String {
    let text = format!("{value:e}");
    let Some((_, digits, _)) = shortest(&text) else {
        return text;
    };
    let odd = digits.bytes().last().is_some_and(|digit| digit % 2 == 1);
    if digits.len() < 15 || !odd {
        return text;
    }
    // Exactly between two means that the exact digits end with a five right there.
    let exact = format!("{value:.60e}");
    let even = format!("{value:.*e}", digits.len() - 1);
    match shortest(&exact) {
        Some((_, exact, _))
            if exact.get(digits.len()..).is_some_and(|rest| rest.trim_end_matches('0') == "5")
                && even.parse() == Ok(value) =>
        {
            even
        }
        _ => text,
    }
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 64)`, with YAML's names of what is no number.
pub(super) fn format_float(value: f64) -> String {
    general(value.is_nan(), value.is_infinite(), value < 0.0, scientific(value))
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
    shortest(&scientific(value))
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
