//! VM sizes by Azure's naming convention (`Standard_D4s_v5`): how many vCPUs a size has and which family's quota it takes.
//! There is no list of sizes per region: what follows the convention is there everywhere.

/// A VM size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) vcpus: u32,
    /// As quotas name it: `standardDSv2Family`.
    pub(crate) family: String,
}

impl Size {
    /// `None` for what is not a size's name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let rest = strip_prefix_ignoring_case(name, "standard_")?;
        let mut parts = rest.split('_');
        let first = parts.next()?;
        let version = parts.find(|part| part.len() > 1 && part.starts_with(['v', 'V'])).unwrap_or_default();
        let letters: String = first.chars().take_while(char::is_ascii_alphabetic).collect();
        let digits: String = first.chars().skip(letters.len()).take_while(char::is_ascii_digit).collect();
        let rest = &first[letters.len() + digits.len()..];
        // `E4-2s`: four cores' memory, two vCPUs; the quota counts the vCPUs of the whole size.
        let features: String = rest.chars().filter(char::is_ascii_alphabetic).collect();
        let number: u32 = digits.parse().ok()?;
        let known = rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let numbered = version.is_empty() || version[1..].bytes().all(|byte| byte.is_ascii_digit());
        if letters.is_empty() || number == 0 || !known || !numbered {
            return None;
        }
        let (upper, features) = (letters.to_uppercase(), features.to_uppercase());
        let version = version.to_lowercase();
        let features = if upper == "B" && version.is_empty() { "S".to_string() } else { features };
        Some(Self {
            vcpus: vcpus(&upper, number, &version)?,
            family: format!("standard{upper}{features}{version}Family"),
        })
    }
}

/// Sizes of the second generation count size steps, all later ones vCPUs.
fn vcpus(letters: &str, number: u32, version: &str) -> Option<u32> {
    let stepped = matches!(letters, "D" | "DS") && matches!(version, "" | "v2");
    match number {
        1..=5 if stepped => Some(1 << (number - 1)),
        11..=15 if stepped => Some(1 << (number - 10)),
        _ if stepped => None,
        number if number <= 1024 => Some(number),
        _ => None,
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}
