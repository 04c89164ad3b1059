//! `--crd-pattern`: a semicolon-separated list of globs over `group/Kind`, compared without regard to case. Empty selects
//! nothing.

/// A parsed `--crd-pattern`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    pub fn parse(text: &str) -> Self {
        let globs = text.split(';').map(|glob| glob.trim().to_lowercase());
        Self(globs.filter(|glob| !glob.is_empty()).collect())
    }

    pub fn selects(&self, group: &str, kind: &str) -> bool {
        let name = format!("{group}/{kind}").to_lowercase();
        self.0.iter().any(|glob| matches(glob.as_bytes(), name.as_bytes()))
    }
}

/// `*` is any run of characters, `?` is one. Linear in practice: only the last star is ever tried again.
fn matches(glob: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match glob.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(b'?') => {
                at += 1;
                seen += 1;
            }
            Some(letter) if *letter == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    at = after + 1;
                    seen = from + 1;
                    star = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
    glob[at..].iter().all(|letter| *letter == b'*')
}
