//! `resource.Quantity`: one spelling for one amount, `1` and not `1000m`, `1536Mi` and not `1.5Gi`.

use std::cmp::Ordering;

/// Binary suffixes by power of 1024, decimal ones by power of 1000 from nano on.
const BINARY: &[&str] = &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: &[&str] = &["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const NANO: i32 = -9;

/// More digits than upstream's fast path, fewer than overflow an i128 on the way.
const DIGITS_MAX: usize = 24;

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Binary,
    Decimal,
    Exponent,
}

/// Digits times a power of ten.
struct Amount {
    negative: bool,
    amount: i128,
    scale: i32,
    form: Form,
}

/// The canonical spelling; `None` when the text is no quantity or has more digits than are kept.
pub(super) fn canonical(text: &str) -> Option<String> {
    let Amount { negative, amount, scale, form } = parse(text)?;
    let spelled = match form {
        Form::Binary => binary(amount, scale)?,
        Form::Decimal | Form::Exponent => decimal(amount, scale, form)?,
    };
    Some(if negative && spelled != "0" { format!("-{spelled}") } else { spelled })
}

/// Which of two amounts is more; `None` when one is no quantity, or when they are too far apart to be told exactly.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let scale = a.scale.min(b.scale);
    let whole = |of: &Amount| {
        let digits = 10i128.checked_pow(u32::try_from(of.scale - scale).ok()?)?.checked_mul(of.amount)?;
        Some(if of.negative { -digits } else { digits })
    };
    Some(whole(&a)?.cmp(&whole(&b)?))
}

fn parse(text: &str) -> Option<Amount> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') || whole.len() + fraction.len() > DIGITS_MAX {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let (form, exponent, factor) = parse_suffix(suffix)?;
    let amount = digits.checked_mul(factor)?;
    let scale = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    Some(Amount { negative, amount, scale, form })
}

/// Form, power of ten, factor.
fn parse_suffix(suffix: &str) -> Option<(Form, i32, i128)> {
    if let Some(at) = BINARY.iter().position(|known| *known == suffix).filter(|at| *at > 0) {
        return Some((Form::Binary, 0, 1024i128.pow(at as u32)));
    }
    if let Some(at) = DECIMAL.iter().position(|known| *known == suffix) {
        return Some((Form::Decimal, NANO + 3 * at as i32, 1));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
    (-100..=100).contains(&exponent).then_some((Form::Exponent, exponent, 1))
}

/// As many trailing zeros as possible move into a suffix that stands for a power of 1000.
fn decimal(mut amount: i128, mut exponent: i32, form: Form) -> Option<String> {
    if amount == 0 {
        return Some("0".to_string());
    }
    // Less than a nano is rounded up.
    while exponent < NANO {
        amount = amount / 10 + i128::from(amount % 10 != 0);
        exponent += 1;
    }
    while amount % 10 == 0 {
        amount /= 10;
        exponent += 1;
    }
    while exponent % 3 != 0 {
        amount = amount.checked_mul(10)?;
        exponent -= 1;
    }
    match form {
        Form::Exponent if exponent == 0 => Some(amount.to_string()),
        Form::Exponent => Some(format!("{amount}e{exponent}")),
        _ => {
            let suffix = DECIMAL.get(usize::try_from((exponent - NANO) / 3).ok()?)?;
            Some(format!("{amount}{suffix}"))
        }
    }
}

/// Amounts below 1024 and fractions of one are spelled as decimals.
fn binary(amount: i128, scale: i32) -> Option<String> {
    let mut whole = amount;
    for _ in scale..0 {
        if whole % 10 != 0 {
            return decimal(amount, scale, Form::Decimal);
        }
        whole /= 10;
    }
    if whole < 1024 {
        return decimal(whole, 0, Form::Decimal);
    }
    let mut power = 0;
    while whole % 1024 == 0 && power + 1 < BINARY.len() {
        whole /= 1024;
        power += 1;
    }
    Some(format!("{whole}{}", BINARY[power]))
}
