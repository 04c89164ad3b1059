//! `urlParse` and `urlJoin`: Go's net/url, which accepts and escapes by rules of its own.

use super::{
    address,
    arguments::{map, text},
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    print::quote,
    value::{Map, Text, Value},
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] =
    &[Function::new("urlParse", &[Param::Text], url_parse), Function::new("urlJoin", &[Param::Map], url_join)];

#[derive(Debug, Default)]
struct Url {
    scheme: Vec<u8>,
    opaque: Vec<u8>,
    user: Option<User>,
    host: Vec<u8>,
    path: Vec<u8>,
    query: Vec<u8>,
    fragment: Vec<u8>,
}

#[derive(Debug)]
struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// Which part of an address bytes belong to: each escapes differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    UserPassword,
    Host,
    Zone,
    Fragment,
}

fn url_parse(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let address = text(arguments, 0)?;
    let url =
        parse_with_fragment(address).map_err(|error| FunctionError::new(format!("unable to parse url: {error}")))?;
    let hostname = hostname(&url.host).to_vec();
    let userinfo = url.user.as_ref().map(User::written).unwrap_or_default();
    let entries = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", userinfo),
    ];
    Ok(Value::Map(entries.into_iter().map(|(key, value)| (Text::from(key), Value::text(value))).collect::<Map>()))
}

fn url_join(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let parts = map(arguments, 0)?;
    let mut url = Url {
        scheme: part(parts, "scheme")?,
        host: part(parts, "host")?,
        path: part(parts, "path")?,
        query: part(parts, "query")?,
        opaque: part(parts, "opaque")?,
        fragment: part(parts, "fragment")?,
        user: None,
    };
    let userinfo = part(parts, "userinfo")?;
    if !userinfo.is_empty() {
        let address = [b"proto://", userinfo.as_slice(), b"@host"].concat();
        let parsed = parse_with_fragment(&address)
            .map_err(|error| FunctionError::new(format!("unable to parse userinfo in dict: {error}")))?;
        url.user = parsed.user;
    }
    Ok(Value::text(url.written()))
}

/// A part of the dictionary: text, or missing.
fn part(parts: &Map, key: &str) -> Result<Vec<u8>, FunctionError> {
    match parts.get(key.as_bytes()) {
        None => Ok(Vec::new()),
        Some(Value::Text(text)) => Ok(text.to_vec()),
        Some(nil) if nil.is_nil() => {
            Err(FunctionError::new("runtime error: invalid memory address or nil pointer dereference"))
        }
        Some(other) => {
            let found = other.kind_name();
            Err(FunctionError::new(format!("unable to parse {key} key, must be of type string, but {found} found")))
        }
    }
}

/// `url.Parse`, with the address in its errors.
fn parse_with_fragment(address: &[u8]) -> Result<Url, String> {
    let place = memchr::memchr(b'#', address);
    let (before, fragment) = place.map_or((address, &b""[..]), |place| (&address[..place], &address[place + 1..]));
    let mut url = parse(before).map_err(|error| format!("parse {}: {error}", quote(before)))?;
    url.fragment = unescaped(fragment, Part::Fragment).map_err(|error| format!("parse {}: {error}", quote(address)))?;
    Ok(url)
}

fn parse(address: &[u8]) -> Result<Url, String> {
    if address.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let mut url = Url::default();
    if address == b"*" {
        url.path = b"*".to_vec();
        return Ok(url);
    }
    let (scheme, rest) = split_scheme(address)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = cut(rest, b'?');
    url.query = query.to_vec();
    if !rest.starts_with(b"/") {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b'/').0.contains(&b':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    if (!url.scheme.is_empty() || !rest.starts_with(b"///")) && rest.starts_with(b"//") {
        let end = memchr::memchr(b'/', &rest[2..]).map_or(rest.len(), |place| place + 2);
        let (authority, path) = rest.split_at(end);
        (url.user, url.host) = parse_authority(&authority[2..])?;
        rest = path;
    }
    url.path = unescaped(rest, Part::Path)?;
    Ok(url)
}

fn cut(bytes: &[u8], separator: u8) -> (&[u8], &[u8]) {
    memchr::memchr(separator, bytes).map_or((bytes, &[]), |place| (&bytes[..place], &bytes[place + 1..]))
}

fn split_scheme(address: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (place, byte) in address.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if place > 0 => {}
            b':' if place > 0 => return Ok((&address[..place], &address[place + 1..])),
            b':' => return Err("missing protocol scheme".to_owned()),
            _ => break,
        }
    }
    Ok((&[], address))
}

fn parse_authority(authority: &[u8]) -> Result<(Option<User>, Vec<u8>), String> {
    let Some(place) = memchr::memrchr(b'@', authority) else { return Ok((None, parse_host(authority)?)) };
    let host = parse_host(&authority[place + 1..])?;
    let userinfo = &authority[..place];
    let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !userinfo.iter().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(userinfo, b':');
    let password = match userinfo.contains(&b':') {
        true => Some(password),
        false => None,
    };
    let name = unescaped(name, Part::UserPassword)?;
    let password = password.map(|password| unescaped(password, Part::UserPassword)).transpose()?;
    Ok((Some(User { name, password }), host))
}

fn parse_host(host: &[u8]) -> Result<Vec<u8>, String> {
    match memchr::memrchr(b'[', host) {
        Some(0) => return parse_bracketed_host(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Colons before the last belong to the host: databases have lists of hosts there, and Helm's Go is lenient.
    if let Some(colon) = memchr::memrchr(b':', host) {
        check_port(&host[colon..])?;
    }
    unescaped(host, Part::Host)
}

fn parse_bracketed_host(host: &[u8]) -> Result<Vec<u8>, String> {
    let Some(end) = memchr::memrchr(b']', host) else { return Err("missing ']' in host".to_owned()) };
    let port = &host[end + 1..];
    check_port(port)?;
    let port = unescaped(port, Part::Host)?;
    let name = &host[1..end];
    let name = match memchr::memmem::find(name, b"%25") {
        Some(zone) => [unescaped(&name[..zone], Part::Host)?, unescaped(&name[zone..], Part::Zone)?].concat(),
        None => unescaped(name, Part::Host)?,
    };
    address::check(&name)?;
    Ok([b"[", name.as_slice(), b"]", port.as_slice()].concat())
}

fn check_port(port: &[u8]) -> Result<(), String> {
    match port.split_first() {
        None => Ok(()),
        Some((b':', digits)) if digits.iter().all(u8::is_ascii_digit) => Ok(()),
        Some(_) => Err(format!("invalid port {} after host", quote(port))),
    }
}

/// The host without its port and brackets.
fn hostname(host: &[u8]) -> &[u8] {
    let name = match memchr::memrchr(b':', host) {
        Some(colon) if check_port(&host[colon..]).is_ok() => &host[..colon],
        _ => host,
    };
    name.strip_prefix(b"[").and_then(|name| name.strip_suffix(b"]")).unwrap_or(name)
}

/// Whether the part writes the byte as `%XX`.
fn is_escaped(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    !match part {
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => b"$&+,/:;=@".contains(&byte),
        Part::UserPassword => b"$&+,;=".contains(&byte),
        Part::Fragment => b"$&+,/:;=?@!()*".contains(&byte),
    }
}

fn escaped(bytes: &[u8], part: Part) -> Vec<u8> {
    let mut written = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if is_escaped(*byte, part) {
            written.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            written.push(*byte);
        }
    }
    written
}

fn unescaped(bytes: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let refused = |escape: &[u8]| Err(format!("invalid URL escape {}", quote(escape)));
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte != b'%' {
            if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && is_escaped(*byte, part) {
                return Err(format!("invalid character {} in host name", quote(&[*byte])));
            }
            plain.push(*byte);
            at += 1;
            continue;
        }
        let escape = &bytes[at..bytes.len().min(at + 3)];
        let (Some(high), Some(low)) = (hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) else { return refused(escape) };
        let decoded = (high * 16 + low) as u8;
        // A host escapes only what is not ASCII, and `%25` before a zone; a zone also blanks.
        let allowed = match part {
            Part::Host => high >= 8 || escape == b"%25",
            Part::Zone => escape == b"%25" || decoded == b' ' || !is_escaped(decoded, Part::Host),
            _ => true,
        };
        if !allowed {
            return refused(escape);
        }
        plain.push(decoded);
        at += 3;
    }
    Ok(plain)
}

impl User {
    fn written(&self) -> Vec<u8> {
        let mut written = escaped(&self.name, Part::UserPassword);
        if let Some(password) = &self.password {
            written.push(b':');
            written.extend(escaped(password, Part::UserPassword));
        }
        written
    }
}

impl Url {
    fn written(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(escaped(&self.fragment, Part::Fragment));
        }
        out
    }

    fn write_hierarchy(&self, out: &mut Vec<u8>) {
        if !self.host.is_empty() || self.user.is_some() || !self.scheme.is_empty() && !self.path.is_empty() {
            out.extend_from_slice(b"//");
            if let Some(user) = &self.user {
                out.extend(user.written());
                out.push(b'@');
            }
            out.extend(escaped(&self.host, Part::Host));
        }
        let path = if self.path == b"*" { self.path.clone() } else { escaped(&self.path, Part::Path) };
        if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
            out.push(b'/');
        }
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }
}
