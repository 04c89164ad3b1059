//! String formats that upstream's validation knows. Unknown formats are ignored, as upstream ignores them; so are its
//! `isbn`, `creditcard` and `ssn`, which no CRD of the field uses.

use core::net::{Ipv4Addr, Ipv6Addr};

use jiff::{Timestamp, civil::Date};

/// Whether a text has a format; `None` for formats that are not checked.
pub(crate) fn matches(format: &str, text: &str) -> Option<bool> {
    Some(match format.replace('-', "").as_str() {
        "datetime" => is_date_time(text),
        "date" => text.len() == 10 && text.parse::<Date>().is_ok(),
        "duration" => is_duration(text),
        "byte" => is_base64(text),
        "uuid" | "uuid3" | "uuid4" | "uuid5" => is_uuid(text, format),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => is_mac(text),
        "uri" => is_uri(text),
        "email" => is_email(text),
        "hostname" => is_hostname(text),
        "password" => true,
        "hexcolor" => {
            let digits = text.strip_prefix('#').unwrap_or(text);
            matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        "bsonobjectid" => text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "k8sshortname" => crate::names::dns_label(text).is_empty(),
        "k8slongname" => crate::names::dns_subdomain(text).is_empty(),
        _ => return None,
    })
}

/// RFC 3339 with seconds and an offset.
fn is_date_time(text: &str) -> bool {
    let separated = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't'));
    separated && text.parse::<Timestamp>().is_ok()
}

/// Go's durations (`1h30m`, `-1.5s`), and days and weeks.
fn is_duration(text: &str) -> bool {
    let mut rest = text.trim_start_matches(['-', '+']);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let after = rest[number..].trim_start();
        let unit = after.find(|c: char| c.is_ascii_digit() || c == ' ').unwrap_or(after.len());
        let units = [
            "ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w", "sec", "secs", "second", "seconds", "min", "mins",
            "minute", "minutes", "hour", "hours", "hr", "hrs", "day", "days", "week", "weeks", "wk", "wks",
        ];
        if rest[..number].parse::<f64>().is_err() || !units.contains(&&after[..unit]) {
            return false;
        }
        rest = after[unit..].trim_start();
    }
    true
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let alphabet = digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    text.len().is_multiple_of(4) && padding <= 2 && alphabet
}

/// With or without dashes; `uuid3` to `uuid5` fix the version.
fn is_uuid(text: &str, format: &str) -> bool {
    let hex: String = text.chars().filter(|&c| c != '-').collect();
    let dashes: Vec<usize> = text.match_indices('-').map(|(index, _)| index).collect();
    let shaped = dashes.is_empty() || dashes == [8, 13, 18, 23];
    let version = format.strip_prefix("uuid").filter(|version| !version.is_empty());
    let versioned = version.is_none_or(|version| hex.get(12..13) == Some(version));
    shaped && versioned && hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let max = match (address.parse::<Ipv4Addr>(), address.parse::<Ipv6Addr>()) {
        (Ok(_), _) => 32,
        (_, Ok(_)) => 128,
        _ => return false,
    };
    let digits = length.bytes().all(|byte| byte.is_ascii_digit());
    digits && length.parse::<u32>().is_ok_and(|length| length <= max)
}

/// `00:00:5e:00:53:01`, with `-` or in groups of four with `.`.
fn is_mac(text: &str) -> bool {
    let groups = |separator: char, size: usize, counts: &[usize]| {
        let groups: Vec<&str> = text.split(separator).collect();
        let hex = |group: &&str| group.len() == size && group.bytes().all(|byte| byte.is_ascii_hexdigit());
        counts.contains(&groups.len()) && groups.iter().all(hex)
    };
    groups(':', 2, &[6, 8, 20]) || groups('-', 2, &[6, 8, 20]) || groups('.', 4, &[3, 4, 10])
}

/// What Go's `url.ParseRequestURI` takes: an absolute URI or an absolute path.
fn is_uri(text: &str) -> bool {
    let printable = !text.is_empty() && text.chars().all(|c| !c.is_control() && c != ' ');
    let scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        let mut bytes = scheme.bytes();
        let shaped = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        // Without a scheme-relative path the rest is opaque, which is fine unless it is empty.
        bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic()) && bytes.all(shaped) && !rest.is_empty()
    });
    printable && (text.starts_with('/') || scheme)
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && local.chars().all(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '<' | '>' | ',' | ';' | ':' | '@'));
    local_ok && !domain.is_empty() && !domain.chars().any(char::is_whitespace)
}

fn is_hostname(text: &str) -> bool {
    let label = |label: &str| {
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
        let bytes = label.as_bytes();
        let inner = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-' || !byte.is_ascii());
        label.len() <= 63 && edge(bytes.first().copied()) && edge(bytes.last().copied()) && inner
    };
    let text = text.strip_suffix('.').unwrap_or(text);
    !text.is_empty() && text.len() <= 255 && text.split('.').all(label)
}
