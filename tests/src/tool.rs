//! Programs run to their end.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::PASSPHRASE;

/// What a program said and how it ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Runs `command` with nothing on its standard input.
    ///
    /// # Panics
    /// If it cannot be started, or does not end within two minutes.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        let shown = format!("{command:?}");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap_or_else(|e| panic!("{shown} does not start: {e}"));
        // Read as it comes: a full pipe would stop it.
        let stdout = read(child.stdout.take());
        let stderr = read(child.stderr.take());
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child of ours") {
                break status;
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{shown} does not end: {}", stderr.join().unwrap_or_default());
            }
            std::thread::sleep(POLL);
        };
        Self {
            code: status.code().unwrap_or(-1),
            stdout: stdout.join().expect("read"),
            stderr: stderr.join().expect("read"),
        }
    }

    /// Everything it said.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Standard output of a program that must have succeeded.
    ///
    /// # Panics
    /// If it has not, with what it said.
    #[must_use]
    pub fn done(self) -> String {
        assert_eq!(self.code, 0, "{}", self.all());
        self.stdout
    }

    /// Standard output as JSON, whatever the exit code.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.all()))
    }

    /// The one line on standard error of a command that failed with `code` and no result.
    ///
    /// # Panics
    /// If it ended otherwise, or said more or less.
    #[must_use]
    pub fn failed(&self, code: i32) -> &str {
        let line = self.failed_after_talk(code);
        assert_eq!(self.stderr.lines().count(), 1, "one line: {}", self.stderr);
        line
    }

    /// The last line on standard error of a command that said what it did until it failed.
    ///
    /// # Panics
    /// If it ended otherwise, or with another line.
    #[must_use]
    pub fn failed_after_talk(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{}", self.all());
        assert_eq!(self.stdout, "", "a failure has no result");
        let line = self.stderr.lines().last().unwrap_or_default();
        line.strip_prefix("setca: ").unwrap_or_else(|| panic!("who says this? {}", self.stderr))
    }
}

/// Everything a child says on one of its pipes.
fn read(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    let mut octets = Vec::new();
    std::thread::spawn(move || {
        // What was read before a fault is still worth showing.
        let _ = pipe.expect("piped").read_to_end(&mut octets);
        String::from_utf8_lossy(&octets).into_owned()
    })
}

/// `setca --dir DIR` with the test passphrase in its environment and nothing else of ours.
#[must_use]
pub fn setca(dir: &Path) -> Command {
    let mut command = Command::new(setca_at());
    command
        .arg("--dir")
        .arg(dir)
        .env_remove("SETCA_DIR")
        .env_remove("SETCA_LOG")
        .env_remove("SETCA_PAN")
        .env_remove("SETCA_PASSPHRASE_FILE")
        .env("SETCA_PASSPHRASE", PASSPHRASE);
    command
}

/// Runs openssl.
///
/// # Panics
/// If there is no openssl: `tests/run` installs it.
#[must_use]
pub fn openssl<S: AsRef<OsStr>>(arguments: &[S]) -> Outcome {
    Outcome::of(Command::new("openssl").args(arguments))
}

/// Runs openssl with each word of `line`, where `{0}`, `{1}`… stand for paths.
#[must_use]
pub fn openssl_with(line: &str, paths: &[&Path]) -> Outcome {
    let words = line.split_whitespace().map(|word| {
        let number = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let path = number.and_then(|number| paths.get(number.parse::<usize>().ok()?));
        path.map_or_else(|| word.into(), |path| path.as_os_str().to_owned())
    });
    openssl(&words.collect::<Vec<_>>())
}

/// The `setca` that cargo built beside this test.
///
/// # Panics
/// If it was not built: `tests/run` does.
#[must_use]
pub fn setca_at() -> PathBuf {
    let test = std::env::current_exe().expect("path of this test");
    let binary = test
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("setca"))
        .find(|candidate| candidate.is_file());
    binary.expect("setca is built: run tests/run")
}

/// How long a command may take on a busy machine: `init` makes some twenty RSA keys.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a child.
const POLL: Duration = Duration::from_millis(2);
