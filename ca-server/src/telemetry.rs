//! What the service says while it runs: lines on standard error.
//!
//! Bodies, account numbers, passphrases and keys are never logged: the types that hold them have
//! redacted `Debug`, and the HTTP layers record methods, paths and statuses only.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// Form of the log lines.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    #[default]
    Text,
}

/// Starts logging to standard error; `filter` as in `SETCA_LOG` (`info`, `ca_server=debug,warn`).
///
/// # Errors
/// [`TelemetryError`] if the filter cannot be read or logging was started before.
pub fn start(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        // It would write to standard error what it could not write to standard error, and panic: a
        // log on a full disk must not end the work that is logged.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    match format {
        LogFormat::Json => builder.json().finish().try_init()?,
        LogFormat::Text => builder.with_target(false).finish().try_init()?,
    }
    Ok(())
}

/// The filter given by the environment, or `default`.
#[must_use]
pub fn filter_or(default: &str) -> String {
    std::env::var(FILTER_VARIABLE).unwrap_or_else(|_| default.to_owned())
}

/// Logging could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The filter is not of the form `target=level,…`.
    #[error("{FILTER_VARIABLE} is not a log filter")]
    Filter(#[from] ParseError),
    /// Logging was started before.
    #[error("logging is on already")]
    Started(#[from] TryInitError),
}

/// Environment variable with the log filter.
pub const FILTER_VARIABLE: &str = "SETCA_LOG";
