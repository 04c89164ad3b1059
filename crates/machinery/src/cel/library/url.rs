//! URLs as Go's `url.ParseRequestURI` takes them apart.

use std::{collections::BTreeMap, sync::Arc};

use super::{Function, mismatch};
use crate::cel::value::{Fault, Key, Map, Text, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cel) struct Url {
    scheme: String,
    /// With the port.
    host: String,
    path: String,
    query: String,
}

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "url" => |_, args| match args {
            // A fragment is part of what must parse, and of nothing that can be asked for.
            [Value::Text(text)] => match parse(text).and_then(|_| parse(text.split('#').next().unwrap_or(text))) {
                Ok(url) => Ok(Value::Url(Arc::new(url))),
                Err(why) => Err(Fault::new(format!("URL parse error during conversion from string: {why}"))),
            },
            _ => mismatch(),
        },
        "isURL" => |_, args| match args {
            [Value::Text(text)] => Ok(Value::Bool(parse(text).is_ok())),
            _ => mismatch(),
        },
        "getScheme" => |_, args| of(args, |url| url.scheme.clone()).map_or_else(mismatch, |text| Ok(Value::text(text))),
        "getHost" => |_, args| of(args, |url| url.host.clone()).map_or_else(mismatch, |text| Ok(Value::text(text))),
        "getHostname" => |_, args| {
            let name = of(args, |url| {
                let (name, _) = host_and_port(&url.host);
                name.trim_start_matches('[').trim_end_matches(']').to_string()
            });
            name.map_or_else(mismatch, |text| Ok(Value::text(text)))
        },
        "getPort" => |_, args| {
            of(args, |url| host_and_port(&url.host).1.to_string()).map_or_else(mismatch, |text| Ok(Value::text(text)))
        },
        "getEscapedPath" => {
            |_, args| of(args, |url| escaped(&url.path)).map_or_else(mismatch, |text| Ok(Value::text(text)))
        }
        "getQuery" => |scratch, args| match args {
            [Value::Url(url)] => {
                let mut fields: BTreeMap<String, Vec<Value<'_>>> = BTreeMap::new();
                for (key, value) in pairs(&url.query) {
                    scratch.take_items(1)?;
                    fields.entry(key).or_default().push(Value::text(value));
                }
                let entries = fields.into_iter();
                let entries = entries.map(|(key, values)| (Key::Text(Text::Made(key.into())), Value::list(values)));
                Ok(Value::Map(Map::Made(Arc::new(entries.collect()))))
            }
            _ => mismatch(),
        },
        _ => return None,
    })
}

fn of(args: &[Value<'_>], part: fn(&Url) -> String) -> Option<String> {
    match args {
        [Value::Url(url)] => Some(part(url)),
        _ => None,
    }
}

/// A URL, or what Go says of it.
pub(super) fn parse(text: &str) -> Result<Url, String> {
    read(text).map_err(|why| format!("parse {text:?}: {why}"))
}

fn read(text: &str) -> Result<Url, String> {
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".into());
    }
    if text.is_empty() {
        return Err("empty url".into());
    }
    let (scheme, rest) = scheme(text)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url = Url { scheme, host: String::new(), path: String::new(), query: query.to_string() };
    if !rest.starts_with('/') {
        // `mailto:someone` is opaque; nothing of it can be asked for.
        return if url.scheme.is_empty() { Err("invalid URI for request".into()) } else { Ok(url) };
    }
    let mut path = rest;
    if !url.scheme.is_empty()
        && let Some(after) = rest.strip_prefix("//")
    {
        let (authority, below) = after.split_at(after.find('/').unwrap_or(after.len()));
        url.host = host(authority)?;
        path = below;
    }
    unescape(path, false)?;
    url.path = path.to_string();
    Ok(url)
}

fn scheme(text: &str) -> Result<(String, &str), String> {
    for (index, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if index > 0 => {}
            ':' if index == 0 => return Err("missing protocol scheme".into()),
            ':' => return Ok((text[..index].to_lowercase(), &text[index + 1..])),
            _ => return Ok((String::new(), text)),
        }
    }
    Ok((String::new(), text))
}

fn host(authority: &str) -> Result<String, String> {
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if let Some(user) = user {
        let known = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(known) {
            return Err("net/url: invalid userinfo".into());
        }
    }
    if let Some(rest) = host.strip_prefix('[') {
        let (_, port) = rest.rsplit_once(']').ok_or("missing ']' in host")?;
        check_port(port)?;
        return Ok(host.to_string());
    }
    if let Some(colon) = host.rfind(':') {
        check_port(&host[colon..])?;
    }
    if let Some(wrong) = host.chars().find(|c| c.is_ascii() && !is_host_char(*c)) {
        return Err(format!("invalid character {:?} in host name", wrong.to_string()));
    }
    unescape(host, false)
}

fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:[]<>\"%".contains(c)
}

fn check_port(text: &str) -> Result<(), String> {
    let digits = text.strip_prefix(':').unwrap_or(text);
    let fine = text.is_empty() || (text.starts_with(':') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if fine { Ok(()) } else { Err(format!("invalid port {text:?} after host")) }
}

fn host_and_port(host: &str) -> (&str, &str) {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => (&host[..colon], &host[colon + 1..]),
        _ => (host, ""),
    }
}

fn unescape(text: &str, plus: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
            match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(value) if after[..2].iter().all(u8::is_ascii_hexdigit) => bytes.push(value),
                _ => {
                    let shown = String::from_utf8_lossy(&rest[..rest.len().min(3)]).into_owned();
                    return Err(format!("invalid URL escape {shown:?}"));
                }
            }
            rest = &after[2..];
            continue;
        }
        bytes.push(if plus && byte == b'+' { b' ' } else { byte });
        rest = after;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The path as it was written, with what may not stand there escaped.
fn escaped(path: &str) -> String {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@[]%/".contains(&byte);
    if path.bytes().all(known) {
        return path.to_string();
    }
    let plain = unescape(path, false).unwrap_or_default();
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
    plain.bytes().map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The fields of a query; those that cannot be read are left out.
fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|part| !part.is_empty() && !part.contains(';')).filter_map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        Some((unescape(key, true).ok()?, unescape(value, true).ok()?))
    })
}
