//! Addresses and networks.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Function, mismatch};
use crate::cel::value::{Fault, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "ip" => |_, args| match args {
            [Value::Text(text)] => address(text).map(Value::Ip).map_err(Fault::new),
            [Value::Cidr(ip, _)] => Ok(Value::Ip(*ip)),
            _ => mismatch(),
        },
        "isIP" => |_, args| match args {
            [Value::Text(text)] => Ok(Value::Bool(address(text).is_ok())),
            _ => mismatch(),
        },
        "ip.isCanonical" => |_, args| match args {
            [Value::Text(text)] => match address(text) {
                Ok(ip) => Ok(Value::Bool(ip.to_string() == **text)),
                Err(why) => Err(Fault::new(why)),
            },
            _ => mismatch(),
        },
        "family" => |_, args| match args {
            [Value::Ip(ip)] => Ok(Value::Int(if ip.is_ipv4() { 4 } else { 6 })),
            _ => mismatch(),
        },
        "isUnspecified" => {
            |_, args| test(args, |ip| ip.is_unspecified()).map_or_else(mismatch, |is| Ok(Value::Bool(is)))
        }
        "isLoopback" => |_, args| test(args, |ip| ip.is_loopback()).map_or_else(mismatch, |is| Ok(Value::Bool(is))),
        "isLinkLocalMulticast" => {
            |_, args| test(args, is_link_local_multicast).map_or_else(mismatch, |is| Ok(Value::Bool(is)))
        }
        "isLinkLocalUnicast" => {
            |_, args| test(args, is_link_local_unicast).map_or_else(mismatch, |is| Ok(Value::Bool(is)))
        }
        "isGlobalUnicast" => |_, args| {
            let global = |ip: &IpAddr| {
                let broadcast = *ip == IpAddr::V4(Ipv4Addr::BROADCAST);
                !broadcast
                    && !ip.is_unspecified()
                    && !ip.is_loopback()
                    && !ip.is_multicast()
                    && !is_link_local_unicast(ip)
            };
            test(args, global).map_or_else(mismatch, |is| Ok(Value::Bool(is)))
        },
        _ => return networks(name),
    })
}

fn networks(name: &str) -> Option<Function> {
    Some(match name {
        "cidr" => |_, args| match args {
            [Value::Text(text)] => match network(text) {
                Ok((ip, length)) => Ok(Value::Cidr(ip, length)),
                Err(why) => {
                    Err(Fault::new(format!("network address parse error during conversion from string: {why}")))
                }
            },
            _ => mismatch(),
        },
        "isCIDR" => |_, args| match args {
            [Value::Text(text)] => Ok(Value::Bool(network(text).is_ok())),
            _ => mismatch(),
        },
        "prefixLength" => |_, args| match args {
            [Value::Cidr(_, length)] => Ok(Value::Int((*length).into())),
            _ => mismatch(),
        },
        "masked" => |_, args| match args {
            [Value::Cidr(ip, length)] => Ok(Value::Cidr(mask(*ip, *length), *length)),
            _ => mismatch(),
        },
        "containsIP" => |_, args| match args {
            [Value::Cidr(ip, length), Value::Ip(other)] => Ok(Value::Bool(holds(*ip, *length, *other))),
            [Value::Cidr(ip, length), Value::Text(text)] => match address(text) {
                Ok(other) => Ok(Value::Bool(holds(*ip, *length, other))),
                Err(why) => Err(Fault::new(why)),
            },
            _ => mismatch(),
        },
        "containsCIDR" => |_, args| {
            let (ip, length, other, other_length) = match args {
                [Value::Cidr(ip, length), Value::Cidr(other, other_length)] => (ip, length, *other, *other_length),
                [Value::Cidr(ip, length), Value::Text(text)] => {
                    let (other, other_length) = network(text).map_err(Fault::new)?;
                    (ip, length, other, other_length)
                }
                _ => return mismatch(),
            };
            Ok(Value::Bool(holds(*ip, *length, other) && length <= &other_length))
        },
        _ => return None,
    })
}

fn test(args: &[Value<'_>], holds: fn(&IpAddr) -> bool) -> Option<bool> {
    match args {
        [Value::Ip(ip)] => Some(holds(ip)),
        _ => None,
    }
}

fn is_link_local_unicast(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    }
}

/// An address without a zone, and not an IPv4 one in IPv6's form.
fn address(text: &str) -> Result<IpAddr, String> {
    if let Some((before, _)) = text.split_once('%')
        && before.parse::<Ipv6Addr>().is_ok()
    {
        return Err(format!("IP address {text:?} with zone value is not allowed"));
    }
    let parsed = text.parse::<IpAddr>().map_err(|_| {
        format!(
            "IP Address {text:?} parse error during conversion from string: ParseAddr({text:?}): unable to parse IP"
        )
    })?;
    if is_mapped(&parsed) {
        return Err(format!("IPv4-mapped IPv6 address {text:?} is not allowed"));
    }
    Ok(parsed)
}

fn is_mapped(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some())
}

fn network(text: &str) -> Result<(IpAddr, u8), String> {
    let wrong = |why: &str| {
        format!("network address parse error during conversion from string: netip.ParsePrefix({text:?}): {why}")
    };
    let (ip, length) = text.rsplit_once('/').ok_or_else(|| wrong("no '/'"))?;
    let ip: IpAddr = ip.parse().map_err(|_| wrong(&format!("ParseAddr({ip:?}): unable to parse IP")))?;
    let plain = !length.is_empty()
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && (length.len() == 1 || !length.starts_with('0'));
    let bits: u8 = match (plain, length.parse()) {
        (true, Ok(bits)) => bits,
        _ => return Err(wrong(&format!("bad bits after slash: {length:?}"))),
    };
    if bits > width(&ip) {
        return Err(wrong("prefix length out of range"));
    }
    if is_mapped(&ip) {
        return Err(format!("IPv4-mapped IPv6 address {text:?} is not allowed"));
    }
    Ok((ip, bits))
}

fn width(ip: &IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

fn mask(ip: IpAddr, length: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let kept = u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(ip) & kept))
        }
        IpAddr::V6(ip) => {
            let kept = u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(ip) & kept))
        }
    }
}

fn holds(network: IpAddr, length: u8, ip: IpAddr) -> bool {
    network.is_ipv4() == ip.is_ipv4() && mask(network, length) == mask(ip, length)
}
