//! What two outputs have in common.

use super::programs::Rendered;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Identical,
    /// Where helm prints the same every time.
    IdenticalButRandom,
    SameError,
    /// Both fail, with other words.
    OtherError,
    /// Helm's own outputs have nothing in common line by line.
    Incomparable,
    FailsOnlyInHelm,
    FailsOnlyInWindlass,
    Differs,
    /// Windlass died.
    Crash,
}

impl Verdict {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::IdenticalButRandom => "identical where helm repeats itself",
            Self::SameError => "same error",
            Self::OtherError => "both fail, with other words",
            Self::Incomparable => "helm's own runs differ in their lines",
            Self::FailsOnlyInHelm => "fails only in helm",
            Self::FailsOnlyInWindlass => "fails only in windlass",
            Self::Differs => "differs",
            Self::Crash => "windlass died",
        }
    }

    pub(super) fn is_a_difference(self) -> bool {
        !matches!(self, Self::Identical | Self::IdenticalButRandom | Self::SameError)
    }

    /// Other output, or an error of only one: words of an error and what cannot be compared aside.
    pub(super) fn is_wrong(self) -> bool {
        matches!(self, Self::FailsOnlyInHelm | Self::FailsOnlyInWindlass | Self::Differs | Self::Crash)
    }
}

/// `helm` is one run, or several of the same.
pub(super) fn judge(ours: &Rendered, helm: &[Rendered]) -> (Verdict, String) {
    let Some(first) = helm.first() else { return (Verdict::Incomparable, "helm did not run".to_owned()) };
    if !matches!(ours.code, 0..=2) {
        return (Verdict::Crash, format!("exit {}: {}", ours.code, cut(&ours.stderr)));
    }
    match (ours.code == 0, first.code == 0) {
        (true, false) => return (Verdict::FailsOnlyInHelm, cut(&error(&first.stderr))),
        (false, true) => return (Verdict::FailsOnlyInWindlass, cut(&error(&ours.stderr))),
        (false, false) if error(&ours.stderr) == error(&first.stderr) => return (Verdict::SameError, String::new()),
        (false, false) => {
            let why = format!("\n    helm: {}\n    ours: {}", cut(&error(&first.stderr)), cut(&error(&ours.stderr)));
            return (Verdict::OtherError, why);
        }
        (true, true) => {}
    }
    if ours.stdout == first.stdout {
        return (Verdict::Identical, String::new());
    }
    masked(ours, helm)
}

/// Line by line, without the lines in which helm's runs differ.
fn masked(ours: &Rendered, helm: &[Rendered]) -> (Verdict, String) {
    let lines = |rendered: &Rendered| rendered.stdout.lines().map(str::to_owned).collect::<Vec<_>>();
    let (ours, helm) = (lines(ours), helm.iter().map(lines).collect::<Vec<_>>());
    let first = &helm[0];
    let repeats = helm.iter().all(|run| run.len() == first.len());
    if repeats && ours.len() == first.len() {
        let stable = |at: &usize| helm.iter().all(|run| run[*at] == first[*at]);
        let random = (0..first.len()).any(|at| !stable(&at));
        return match (0..first.len()).filter(stable).find(|at| ours[*at] != first[*at]) {
            None if random => (Verdict::IdenticalButRandom, String::new()),
            None => (Verdict::Differs, "line ends".to_owned()),
            Some(at) => (Verdict::Differs, difference(at, Some(&first[at]), Some(&ours[at]))),
        };
    }
    if !repeats {
        return (Verdict::Incomparable, "lines come and go".to_owned());
    }
    let at = ours.iter().zip(first).position(|(ours, helm)| ours != helm).unwrap_or(ours.len().min(first.len()));
    (Verdict::Differs, difference(at, first.get(at), ours.get(at)))
}

fn difference(at: usize, helm: Option<&String>, ours: Option<&String>) -> String {
    let shown = |line: Option<&String>| line.map_or("(no line)".to_owned(), |line| cut(line));
    format!("line {}\n    helm: {}\n    ours: {}", at + 1, shown(helm), shown(ours))
}

/// The error itself: `Error: ` and what belongs to it, without warnings and without our hints.
fn error(stderr: &str) -> String {
    let start = stderr.lines().position(|line| line.to_ascii_lowercase().starts_with("error: ")).unwrap_or(0);
    let lines = stderr.lines().skip(start).take_while(|line| !line.starts_with("hint: "));
    let text: Vec<&str> = lines.filter(|line| !line.starts_with("Use --debug flag") && !line.is_empty()).collect();
    let text = text.join("\n");
    text.get(7..).unwrap_or_default().trim().to_owned()
}

fn cut(text: &str) -> String {
    let text = text.trim().replace('\n', "\\n");
    if text.chars().count() > 240 { format!("{}...", text.chars().take(240).collect::<String>()) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(code: i32, stdout: &str, stderr: &str) -> Rendered {
        Rendered { code, stdout: stdout.to_owned(), stderr: stderr.to_owned() }
    }

    #[test]
    fn what_helm_does_not_repeat_is_masked() {
        let helm = ["a\n1\nc\n", "a\n2\nc\n", "a\n3\nc\n"].map(|text| rendered(0, text, ""));
        assert_eq!(judge(&rendered(0, "a\n9\nc\n", ""), &helm).0, Verdict::IdenticalButRandom);
        assert_eq!(judge(&rendered(0, "a\n9\nd\n", ""), &helm).0, Verdict::Differs);
        assert_eq!(judge(&rendered(0, "a\nc\n", ""), &helm).0, Verdict::Differs);
    }

    #[test]
    fn errors_are_compared_without_what_is_around_them() {
        let helm =
            rendered(1, "", "level=WARN msg=x\nError: no such chart\n\nUse --debug flag to render out invalid YAML\n");
        let ours = rendered(1, "", "error: no such chart\nhint: another\n");
        assert_eq!(judge(&ours, std::slice::from_ref(&helm)).0, Verdict::SameError);
        assert_eq!(judge(&rendered(0, "", ""), std::slice::from_ref(&helm)).0, Verdict::FailsOnlyInHelm);
        assert_eq!(judge(&rendered(101, "", "panicked"), &[helm]).0, Verdict::Crash);
    }
}
