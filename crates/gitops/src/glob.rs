//! The globs of Argo CD's `directory.include` and `exclude` and of `ignoreDifferences`: gobwas/glob without separators,
//! so `*` crosses `/`. Knows `*`, `**`, `?`, `[a-z]`, `[!a]`, `{a,b}` and `\`. Nothing is compiled or cached.

/// Alternatives of one pattern after brace expansion; beyond this a pattern matches nothing.
const ALTERNATIVES_MAX: usize = 1024;

/// Whether the whole text matches the pattern.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut expanded = Vec::new();
    expand(pattern, &mut expanded);
    expanded.iter().any(|pattern| simple(&pattern.chars().collect::<Vec<_>>(), &text))
}

/// `a{b,c{d,e}}f` into `abf`, `acdf`, `acef`.
fn expand(pattern: &str, out: &mut Vec<String>) {
    if out.len() >= ALTERNATIVES_MAX {
        return;
    }
    let Some((open, close, commas)) = first_group(pattern) else {
        out.push(pattern.to_string());
        return;
    };
    let mut start = open + 1;
    for end in commas.into_iter().chain([close]) {
        expand(&format!("{}{}{}", &pattern[..open], &pattern[start..end], &pattern[close + 1..]), out);
        start = end + 1;
    }
}

/// The first balanced brace group: its ends and the commas of its top level.
fn first_group(pattern: &str) -> Option<(usize, usize, Vec<usize>)> {
    let (mut open, mut depth, mut commas, mut escaped) = (0, 0usize, Vec::new(), false);
    for (at, char) in pattern.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => {
                if depth == 0 {
                    open = at;
                }
                depth += 1;
            }
            '}' if depth == 1 => return Some((open, at, commas)),
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => commas.push(at),
            _ => {}
        }
    }
    None
}

/// Greedy matching with one backtracking point: linear in practice, quadratic at worst.
fn simple(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = if pattern.get(p) == Some(&'*') { None } else { one(&pattern[p.min(pattern.len())..], text[t]) };
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if let Some(width) = step {
            p += width;
            t += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            p = after;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|char| *char == '*')
}

/// How many pattern characters match this one character of text; `None` when it does not match.
fn one(pattern: &[char], char: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '\\' => (pattern.get(1) == Some(&char)).then_some(2),
        '[' => {
            let close = pattern.iter().skip(2).position(|c| *c == ']')? + 2;
            let negated = pattern[1] == '!';
            let set = &pattern[if negated { 2 } else { 1 }..close];
            (in_set(set, char) != negated).then_some(close + 1)
        }
        literal => (*literal == char).then_some(1),
    }
}

fn in_set(set: &[char], char: char) -> bool {
    let mut at = 0;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' {
            if (set[at]..=set[at + 2]).contains(&char) {
                return true;
            }
            at += 3;
        } else if set[at] == char {
            return true;
        } else {
            at += 1;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_cross_slashes_and_braces_nest() {
        for (pattern, text, expected) in [
            ("*.yaml", "a/b.yaml", true),
            ("*.yaml", "a.yml", false),
            ("**/*.yaml", "a.yaml", false),
            ("**/*.yaml", "x/a.yaml", true),
            ("{config.yaml,env-use2/*}", "env-use2/x.yaml", true),
            ("{config.yaml,env-use2/*}", "env/x.yaml", false),
            ("{a{b,c},d}.json", "ac.json", true),
            ("exclude/*", "exclude/deep/x", true),
            ("exclude/*", "include/x", false),
            ("?.yaml", "a.yaml", true),
            ("?.yaml", "/.yaml", true),
            ("[a-c]*", "bcd", true),
            ("[!a-c]*", "bcd", false),
            (r"\*", "*", true),
            (r"\*", "x", false),
            ("{unclosed", "{unclosed", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("*", "", true),
            ("", "", true),
            ("[", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
