//! What may stand in the brackets of a host: an IPv6 address, with Go's words (net/netip) for what is wrong with any other.

use crate::print::quote;

/// Refuses everything that is no IPv6 address, also plain IPv4.
pub(super) fn check(name: &[u8]) -> Result<(), String> {
    let refused = |(why, at): Refusal<'_>| match at {
        [] => Err(format!("invalid host: ParseAddr({}): {why}", quote(name))),
        at => Err(format!("invalid host: ParseAddr({}): {why} (at {})", quote(name), quote(at))),
    };
    match name.iter().find(|byte| b".:%".contains(byte)) {
        Some(b'.') => match check_fields(name) {
            Ok(()) => Err("invalid IP-literal".to_owned()),
            Err(refusal) => refused(refusal),
        },
        Some(b':') => check_groups(name).or_else(refused),
        Some(_) => refused(("missing IPv6 address", &[])),
        None => refused(("unable to parse IP", &[])),
    }
}

/// Why, and from where on; the place is empty where Go names none.
type Refusal<'a> = (&'static str, &'a [u8]);

/// The four numbers of an IPv4 address.
fn check_fields(address: &[u8]) -> Result<(), Refusal<'_>> {
    let (mut value, mut fields, mut digits) = (0_u32, 0, 0);
    for (place, byte) in address.iter().enumerate() {
        let rest = &address[place..];
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(("IPv4 field has octet with leading zero", &[]));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(("IPv4 field has value >255", &[]));
                }
            }
            b'.' => {
                if digits == 0 || place + 1 == address.len() {
                    return Err(("IPv4 field must have at least one digit", rest));
                }
                if fields == 3 {
                    return Err(("IPv4 address too long", &[]));
                }
                (value, digits, fields) = (0, 0, fields + 1);
            }
            _ => return Err(("unexpected character", rest)),
        }
    }
    if fields < 3 { Err(("IPv4 address too short", &[])) } else { Ok(()) }
}

/// Up to eight groups of hexadecimal digits, one run of them left out, the last two perhaps as IPv4, a zone behind.
fn check_groups(name: &[u8]) -> Result<(), Refusal<'_>> {
    let zone = memchr::memchr(b'%', name);
    if zone.is_some_and(|place| place + 1 == name.len()) {
        return Err(("zone must be a non-empty string", &[]));
    }
    let mut rest = &name[..zone.unwrap_or(name.len())];
    let mut ellipsis = false;
    if let Some(after) = rest.strip_prefix(b"::") {
        if after.is_empty() {
            return Ok(());
        }
        (ellipsis, rest) = (true, after);
    }
    let mut bytes = 0;
    while bytes < 16 {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        match digits {
            0 => return Err(("each colon-separated field must have at least one digit", rest)),
            1..=4 => {}
            _ => return Err(("each group must have 4 or less digits", rest)),
        }
        if rest.get(digits) == Some(&b'.') {
            if !ellipsis && bytes != 12 {
                return Err(("embedded IPv4 address must replace the final 2 fields of the address", rest));
            }
            if bytes + 4 > 16 {
                return Err(("too many hex fields to fit an embedded IPv4 at the end of the address", rest));
            }
            check_fields(rest)?;
            (bytes, rest) = (bytes + 4, &[]);
            break;
        }
        (bytes, rest) = (bytes + 2, &rest[digits..]);
        match rest {
            [] => break,
            [b':'] => return Err(("colon must be followed by more characters", rest)),
            [b':', ..] => rest = &rest[1..],
            _ => return Err(("unexpected character, want colon", rest)),
        }
        if rest.first() == Some(&b':') {
            if ellipsis {
                return Err(("multiple :: in address", rest));
            }
            (ellipsis, rest) = (true, &rest[1..]);
            if rest.is_empty() {
                break;
            }
        }
    }
    match (rest.is_empty(), bytes < 16, ellipsis) {
        (false, _, _) => Err(("trailing garbage after address", rest)),
        (true, true, false) => Err(("address string too short", &[])),
        (true, false, true) => Err(("the :: must expand to at least one field of zeros", &[])),
        _ => Ok(()),
    }
}
