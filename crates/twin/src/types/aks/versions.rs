//! AKS' Kubernetes versions, by the day: which are offered, under which support plan, and what can be upgraded to what. The
//! days are those of AKS' published release calendar; the patches those of its release notes. Nothing is upgraded by itself.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

/// `1.MINOR.PATCH`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) minor: u32,
    pub(crate) patch: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}.{}", self.minor, self.patch)
    }
}

/// What a request says: a whole version, or `1.30`, which stands for its newest patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    minor: u32,
    patch: Option<u32>,
}

impl Asked {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<u32>().ok()).flatten()
        };
        let mut parts = text.split('.');
        let (major, minor, patch) = (number(parts.next()?)?, number(parts.next()?)?, parts.next());
        let patch = match patch {
            Some(text) => Some(number(text)?),
            None => None,
        };
        (major == 1 && parts.next().is_none()).then_some(Self { minor, patch })
    }

    /// Whether it may mean that version.
    pub(crate) fn fits(self, version: Version) -> bool {
        self.minor == version.minor && self.patch.is_none_or(|patch| patch == version.patch)
    }
}

impl Version {
    /// A whole version.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let asked = Asked::parse(text)?;
        Some(Self { minor: asked.minor, patch: asked.patch? })
    }
}

/// One minor version: in preview, offered to everybody, for long-term support only, gone.
struct Minor {
    minor: u32,
    preview: Date,
    general: Date,
    community_until: Date,
    long_term_until: Date,
    /// Patches, and the day from which each is offered.
    patches: &'static [(u32, Date)],
}

const TABLE: &[Minor] = &[
    Minor {
        minor: 28,
        preview: date(2023, 9, 15),
        general: date(2023, 11, 1),
        community_until: date(2025, 1, 15),
        long_term_until: date(2026, 2, 1),
        patches: &[
            (0, date(2023, 9, 15)),
            (3, date(2023, 11, 15)),
            (5, date(2024, 2, 1)),
            (9, date(2024, 5, 1)),
            (10, date(2024, 6, 10)),
            (11, date(2024, 7, 15)),
            (12, date(2024, 8, 1)),
            (13, date(2024, 9, 15)),
            (14, date(2024, 10, 15)),
            (15, date(2024, 11, 15)),
        ],
    },
    Minor {
        minor: 29,
        preview: date(2024, 1, 25),
        general: date(2024, 3, 15),
        community_until: date(2025, 4, 1),
        long_term_until: date(2026, 4, 30),
        patches: &[
            (0, date(2024, 1, 25)),
            (2, date(2024, 3, 15)),
            (4, date(2024, 5, 1)),
            (5, date(2024, 6, 10)),
            (6, date(2024, 7, 15)),
            (7, date(2024, 8, 1)),
            (8, date(2024, 9, 15)),
            (9, date(2024, 10, 15)),
            (10, date(2024, 11, 15)),
            (11, date(2024, 12, 15)),
            (12, date(2025, 1, 20)),
            (13, date(2025, 2, 10)),
            (14, date(2025, 3, 10)),
            (15, date(2025, 3, 25)),
        ],
    },
    Minor {
        minor: 30,
        preview: date(2024, 5, 20),
        general: date(2024, 7, 15),
        community_until: date(2025, 7, 31),
        long_term_until: date(2026, 7, 31),
        patches: &[
            (0, date(2024, 5, 20)),
            (1, date(2024, 6, 10)),
            (2, date(2024, 7, 15)),
            (3, date(2024, 8, 1)),
            (4, date(2024, 9, 1)),
            (5, date(2024, 10, 1)),
            (6, date(2024, 11, 1)),
            (7, date(2024, 12, 1)),
            (8, date(2025, 1, 20)),
            (9, date(2025, 2, 10)),
            (10, date(2025, 3, 1)),
            (11, date(2025, 4, 10)),
            (12, date(2025, 5, 10)),
            (13, date(2025, 6, 10)),
            (14, date(2025, 7, 10)),
        ],
    },
    Minor {
        minor: 31,
        preview: date(2024, 10, 1),
        general: date(2024, 11, 15),
        community_until: date(2025, 11, 30),
        long_term_until: date(2026, 11, 30),
        patches: &[
            (1, date(2024, 10, 1)),
            (2, date(2024, 11, 15)),
            (3, date(2024, 12, 15)),
            (4, date(2025, 1, 20)),
            (5, date(2025, 2, 10)),
            (6, date(2025, 3, 1)),
            (7, date(2025, 4, 10)),
            (8, date(2025, 5, 10)),
            (9, date(2025, 6, 10)),
            (10, date(2025, 7, 10)),
            (11, date(2025, 8, 10)),
            (12, date(2025, 9, 10)),
            (13, date(2025, 10, 10)),
        ],
    },
    Minor {
        minor: 32,
        preview: date(2025, 2, 10),
        general: date(2025, 4, 10),
        community_until: date(2026, 3, 31),
        long_term_until: date(2027, 3, 31),
        patches: &[
            (0, date(2025, 2, 10)),
            (1, date(2025, 3, 1)),
            (2, date(2025, 3, 20)),
            (3, date(2025, 4, 10)),
            (4, date(2025, 5, 10)),
            (5, date(2025, 6, 10)),
            (6, date(2025, 7, 10)),
            (7, date(2025, 8, 10)),
            (8, date(2025, 9, 10)),
            (9, date(2025, 10, 10)),
            (10, date(2025, 12, 1)),
            (11, date(2026, 1, 20)),
        ],
    },
    Minor {
        minor: 33,
        preview: date(2025, 5, 20),
        general: date(2025, 6, 25),
        community_until: date(2026, 6, 30),
        long_term_until: date(2027, 6, 30),
        patches: &[
            (0, date(2025, 5, 20)),
            (1, date(2025, 6, 25)),
            (2, date(2025, 7, 10)),
            (3, date(2025, 8, 10)),
            (4, date(2025, 9, 10)),
            (5, date(2025, 10, 10)),
            (6, date(2025, 12, 1)),
            (7, date(2026, 1, 20)),
            (8, date(2026, 2, 20)),
            (13, date(2026, 6, 10)),
        ],
    },
    Minor {
        minor: 34,
        preview: date(2025, 10, 10),
        general: date(2025, 11, 25),
        community_until: date(2026, 11, 30),
        long_term_until: date(2027, 11, 30),
        patches: &[
            (0, date(2025, 10, 10)),
            (1, date(2025, 11, 25)),
            (2, date(2025, 12, 20)),
            (3, date(2026, 1, 20)),
            (4, date(2026, 2, 20)),
            (9, date(2026, 7, 10)),
        ],
    },
    Minor {
        minor: 35,
        preview: date(2026, 2, 10),
        general: date(2026, 3, 25),
        community_until: date(2027, 3, 31),
        long_term_until: date(2028, 3, 31),
        patches: &[
            (0, date(2026, 2, 10)),
            (1, date(2026, 3, 1)),
            (2, date(2026, 3, 25)),
            (3, date(2026, 4, 20)),
            (7, date(2026, 8, 20)),
        ],
    },
    Minor {
        minor: 36,
        preview: date(2026, 6, 10),
        general: date(2026, 7, 25),
        community_until: date(2027, 7, 31),
        long_term_until: date(2028, 7, 31),
        patches: &[(0, date(2026, 6, 10)), (1, date(2026, 7, 25)), (3, date(2026, 9, 1))],
    },
];

/// Why a version cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not a version at all.
    Malformed,
    /// For long-term support alone, by now.
    LongTermOnly(Version),
    NotOffered,
}

/// The table on one day, for one support plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) day: Date,
    /// `AKSLongTermSupport`
    pub(crate) long_term: bool,
}

impl Offer {
    fn minors(self) -> impl Iterator<Item = &'static Minor> {
        TABLE.iter().filter(move |minor| {
            let until = if self.long_term { minor.long_term_until } else { minor.community_until };
            minor.preview <= self.day && self.day <= until
        })
    }

    fn patches(self, minor: &'static Minor) -> impl Iterator<Item = Version> {
        let here = minor.patches.iter().filter(move |(_, from)| *from <= self.day);
        here.map(|(patch, _)| Version { minor: minor.minor, patch: *patch })
    }

    /// Every offered version, oldest first.
    pub(crate) fn versions(self) -> Vec<Version> {
        self.minors().flat_map(|minor| self.patches(minor)).collect()
    }

    /// The newest patch of the minor version before the newest.
    pub(crate) fn default(self) -> Option<Version> {
        let general: Vec<&Minor> = self.minors().filter(|minor| minor.general <= self.day).collect();
        let chosen = general.iter().rev().nth(1).or_else(|| general.last())?;
        self.patches(chosen).last()
    }

    /// The version that a text stands for, when it may be made on that day.
    pub(crate) fn resolve(self, text: &str) -> Result<Version, Refusal> {
        let asked = Asked::parse(text).ok_or(Refusal::Malformed)?;
        let pick = |offer: Offer| {
            let mut of_minor = offer.versions().into_iter().filter(|version| version.minor == asked.minor);
            match asked.patch {
                Some(patch) => of_minor.find(|version| version.patch == patch),
                None => of_minor.next_back(),
            }
        };
        pick(self).ok_or_else(|| match pick(Offer { long_term: true, ..self }) {
            Some(version) => Refusal::LongTermOnly(version),
            None => Refusal::NotOffered,
        })
    }

    /// What a version can be upgraded to, newest first: further patches, and the next minor version. Where the next is no
    /// longer offered, the oldest that is.
    pub(crate) fn upgrades(self, from: Version) -> Vec<Version> {
        let offered = self.versions();
        let next = offered.iter().map(|version| version.minor).find(|minor| *minor > from.minor);
        let mut found: Vec<Version> = offered
            .into_iter()
            .filter(|version| (version.minor == from.minor && *version > from) || Some(version.minor) == next)
            .collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        found
    }
}

/// The body of `locations/{location}/kubernetesVersions`.
pub(crate) fn listing(day: Date) -> Value {
    let community = Offer { day, long_term: false };
    let long_term = Offer { day, long_term: true };
    let default = community.default().map(|version| version.minor);
    let minors = TABLE.iter().filter(|minor| minor.preview <= day && day <= minor.long_term_until);
    let values: Vec<Value> = minors
        .map(|minor| {
            let patches: serde_json::Map<String, Value> = long_term
                .patches(minor)
                .map(|version| {
                    let offer = if day <= minor.community_until { community } else { long_term };
                    let upgrades: Vec<String> = offer.upgrades(version).iter().rev().map(Version::to_string).collect();
                    (version.to_string(), json!({"upgrades": upgrades}))
                })
                .collect();
            let mut plans = vec!["AKSLongTermSupport"];
            if day <= minor.community_until {
                plans.insert(0, "KubernetesOfficial");
            }
            let mut value = json!({
                "version": format!("1.{}", minor.minor),
                "capabilities": {"supportPlan": plans},
                "patchVersions": patches,
            });
            if default == Some(minor.minor) {
                value["isDefault"] = json!(true);
            }
            if day < minor.general {
                value["isPreview"] = json!(true);
            }
            value
        })
        .collect();
    json!({"values": values})
}
