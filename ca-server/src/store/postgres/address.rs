//! Where the database is: a URL, and how long we wait for what is there.

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::fault::cause_of;
use crate::store::OpenError;

/// A database, and how to reach it.
#[derive(Clone)]
pub(super) struct Address {
    /// With the password.
    pub(super) config: Config,
    /// Without: hosts, ports and the name of the database.
    pub(super) place: String,
}

impl Address {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE`.
    ///
    /// # Errors
    /// [`OpenError::Url`]; the text of the URL is not repeated, it may hold a password.
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        let config: Config = url.parse().map_err(|e| OpenError::Url(cause_of(&e)))?;
        if config.get_ssl_mode() == SslMode::Require {
            let why = "sslmode=require: setca speaks no TLS to a database; use a Unix socket, a \
                       private network or a tunnel";
            return Err(OpenError::Url(why.to_owned()));
        }
        if config.get_hosts().is_empty() {
            return Err(OpenError::Url("it names no host".to_owned()));
        }
        Ok(Self { place: place(&config), config: patient(config) })
    }
}

fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| match host {
        Host::Tcp(name) => format!("{name}:{}", port(at)),
        Host::Unix(path) => format!("{}:{}", path.display(), port(at)),
    });
    let database = config.get_dbname().or(config.get_user()).unwrap_or("?");
    format!("postgres://{}/{database}", hosts.collect::<Vec<_>>().join(","))
}

/// Never waits for ever, whatever is at the other end, and never takes a standby for the database.
fn patient(mut config: Config) -> Config {
    let given = config.get_options().unwrap_or_default();
    let options = format!("{SESSION} {given}");
    let connect = config.get_connect_timeout().copied().unwrap_or(CONNECT);
    config
        .options(options.trim_end())
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .connect_timeout(connect)
        .keepalives_idle(KEEPALIVE)
        .keepalives_interval(KEEPALIVE)
        .keepalives_retries(3)
        .tcp_user_timeout(UNACKNOWLEDGED);
    if config.get_application_name().is_none() {
        config.application_name("setca");
    }
    config
}

/// How long one host may take to accept.
const CONNECT: Duration = Duration::from_secs(2);
const KEEPALIVE: Duration = Duration::from_secs(2);
/// How long what we sent may stay unacknowledged.
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);
/// Settings of each session.
///
/// Whoever stops in the midst of a transaction holds everybody up: the database ends it after 3 s.
/// Nobody waits longer than 4 s for that. No time-out of statements: while a commit waits for a
/// standby, it would be taken for an order not to wait. Plans go by indexes whatever the statistics
/// of a young table say, and are not worth compiling.
const SESSION: &str = "-c idle_in_transaction_session_timeout=3s -c lock_timeout=4s \
     -c statement_timeout=0 -c enable_seqscan=off -c jit=off";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_has_hosts_and_database_and_no_password() {
        let url = "postgres://setca:secret@one.example,two.example:6543/records";
        let address = Address::parse(url).unwrap();
        assert_eq!(address.place, "postgres://one.example:5432,two.example:6543/records");
        let socket = Address::parse("postgres://setca@%2Frun%2Fpg:5433/records").unwrap();
        assert_eq!(socket.place, "postgres:///run/pg:5433/records");
    }

    #[test]
    fn url_that_cannot_be_used_says_why_without_its_password() {
        for (url, why) in [
            ("postgres://u:secret@h:1/d?sslmode=require", "speaks no TLS"),
            ("postgres://u:secret@h:port/d", "port"),
            ("postgres://u:secret@h/d?colour=red", "colour"),
            ("postgres:///d?user=u", "no host"),
        ] {
            let error = Address::parse(url).err().unwrap().to_string();
            assert!(error.contains(why) && !error.contains("secret"), "{url}: {error}");
        }
    }
}
