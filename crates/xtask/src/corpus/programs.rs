//! Real helm and windlass, run the same way, without anything of the person who runs them.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::cases::Case;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rendered {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

pub(super) struct Programs {
    helm: PathBuf,
    windlass: PathBuf,
    /// `3` or `4`.
    version: String,
    /// Helm's own, exactly: its outputs are kept under it.
    helm_version: String,
    answers: Option<PathBuf>,
    home: PathBuf,
}

impl Programs {
    pub(super) fn new(helm: PathBuf, windlass: PathBuf, version: String, answers: Option<PathBuf>) -> Result<Self> {
        let asked = Command::new(&helm).args(["version", "--short"]).output().context("helm")?;
        let helm_version = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
        ensure!(
            helm_version.starts_with(&format!("v{version}.")),
            "{} is {helm_version}, expected {version}",
            helm.display()
        );
        let home = std::env::temp_dir().join(format!("windlass-corpus-{}", std::process::id()));
        fs::create_dir_all(&home)?;
        Ok(Self { helm, windlass, version, helm_version, answers, home })
    }

    /// `run` tells repetitions apart: helm need not print the same twice.
    pub(super) fn helm(&self, case: &Case, run: usize) -> Result<Rendered> {
        let kept = self
            .answers
            .as_ref()
            .map(|answers| answers.join(&self.helm_version).join(format!("{}.{run}.json", case.file_name())));
        if let Some(text) = kept.as_ref().and_then(|path| fs::read(path).ok())
            && let Ok(answer) = serde_json::from_slice(&text)
        {
            return Ok(answer);
        }
        let mut command = Command::new(&self.helm);
        command.args(["template", "rel"]);
        let answer = self.run(command, case)?;
        if let Some(path) = kept {
            fs::create_dir_all(path.parent().context("a directory")?)?;
            fs::write(path, serde_json::to_vec(&answer)?)?;
        }
        Ok(answer)
    }

    pub(super) fn windlass(&self, case: &Case) -> Result<Rendered> {
        let mut command = Command::new(&self.windlass);
        command.args(["render", "--helm-version", &self.version, "rel"]);
        self.run(command, case)
    }

    fn run(&self, mut command: Command, case: &Case) -> Result<Rendered> {
        command.arg(&case.chart);
        if let Some(values) = &case.values {
            command.arg("--values").arg(values);
        }
        command.env_clear().env("HOME", &self.home).env("NO_COLOR", "1").env("PATH", "/usr/bin:/bin");
        // A chart that asks for something over the network gets nothing.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").env("HTTP_PROXY", "http://127.0.0.1:9");
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
        Ok(Rendered {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}
