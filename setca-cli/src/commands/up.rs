//! `setca up`.

use std::env;
use std::fmt::Write as _;
use std::net::SocketAddr;

use ca_core::Suite;
use ca_core::audit::Actor;
use ca_core::authority::Authority;
use ca_core::store::CaRecord;
use ca_server::chaos::Chaos;
use ca_server::data::{Folder, InitOrder, Settings};
use ca_server::service::CHECK_EVERY;
use clap::Args;
use serde::Serialize;

use super::init::create;
use super::serve::{LISTEN, Service};
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, data_failure};
use crate::passphrase;
use crate::report::{Report, say};

/// Start here: a sample brand in DIR if it is empty, served on loopback.
///
/// Makes a whole hierarchy for the brand Sample when DIR does not exist, with a passphrase of its
/// own in DIR/passphrase (mode 0600) unless you give one; then serves it as `setca serve` does, and
/// prints the URLs and what to try next. Ctrl-C stops it; the next `setca up` goes on with what is
/// there.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca up
  setca up --listen 127.0.0.1:9000 --dir /tmp/try")]
pub(crate) struct Up {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = LISTEN)]
    listen: SocketAddr,
}

impl Up {
    /// Makes what is missing, then serves.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        // The address first: it stands in the certificates, and a port in use costs no keys.
        let service = Service::bind(self.listen)?;
        let url = service.url()?;
        if !Folder::at(&global.dir).is_established() {
            make_sample(global, &url)?;
        }
        let settings = Settings::read(&Folder::at(&global.dir)).map_err(|e| data_failure(&e))?;
        if settings.base_url != url {
            say(format_args!(
                "note: the certificates in {} name {}, so relying parties look there for CRLs and \
                 OCSP; this service is at {url}",
                global.dir.display(),
                settings.base_url
            ));
        }
        let mut parts = house::opened(global, false)?.parts;
        parts.actor = Actor::Service;
        let authority = Authority::open(parts).map_err(|e| house::authority_failure(&e))?;
        let _held = house::hold(global, &url)?;
        house::warn_of_suite(authority.suite());
        let cas = authority.cas().map_err(|e| house::authority_failure(&e))?;
        Ready::new(global, &url, &settings, &cas).report()?.print(global.format)?;
        service.run(authority, settings.tokens(), Chaos::default(), CHECK_EVERY)
    }
}

fn make_sample(global: &Global, url: &str) -> Result<(), Failure> {
    let dir = global.dir.display();
    say(format_args!("{dir} is empty: making a hierarchy for the brand {BRAND}"));
    let order = InitOrder {
        brands: vec![BRAND.to_owned()],
        geo: None,
        combined_ca: false,
        suite: Suite::Modern,
        policies_dir: None,
        base_url: url.to_owned(),
        test: false,
        passphrase: passphrase::without_prompt(global)?,
    };
    let created = create(global, &order)?;
    if created.passphrase_is_new {
        let file = created.folder.passphrase_file();
        say(format_args!(
            "the private keys are encrypted under a new passphrase, kept in {} (mode 0600)",
            file.display()
        ));
    }
    Ok(())
}

/// What stands on stdout when the service is about to begin.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    dir: String,
    brands: &'a [String],
    paths: Vec<(String, &'static str)>,
    next: Vec<(String, &'static str)>,
}

impl<'a> Ready<'a> {
    fn new(global: &Global, url: &'a str, settings: &'a Settings, cas: &[CaRecord]) -> Self {
        let brand = settings.brands.first().map_or(BRAND, String::as_str);
        let leaf = cas.last().map_or("root", |ca| ca.id.as_str());
        let dir = &global.dir;
        let setca = program();
        let there = if dir.as_os_str() == "./setca-data" {
            setca.clone()
        } else {
            format!("{setca} --dir {}", dir.display())
        };
        let root = Folder::at(dir).root_certificate();
        let register = format!(
            "{setca} register cardholder --url {url} --brand {} --trust {} --out wallet",
            quoted(brand),
            root.display()
        );
        let next = vec![
            (format!("{there} ca list"), "the hierarchy"),
            (register, "a wallet; try card 4111111111111111"),
            (format!("{there} ca export {leaf} --out {leaf}.pem"), "a CA with its chain"),
            (format!("{setca} inspect {leaf}.pem"), "its SET extensions by name"),
            (
                format!("{setca} verify {leaf}.pem --trust {}", root.display()),
                "a verdict with reasons",
            ),
            (format!("curl {url}/v1/cas"), "the same over HTTP"),
        ];
        let paths = vec![
            (format!("{url}/set"), "SET registration messages (POST)"),
            (format!("{url}/v1/cas"), "the hierarchy"),
            (format!("{url}/ca/{leaf}.cer"), "a CA certificate"),
            (format!("{url}/crl/{leaf}.crl"), "its CRL"),
            (format!("{url}/bci/{}.der", path_segment(brand)), "the brand CRL identifier"),
            (format!("{url}/ocsp"), "OCSP (GET and POST)"),
        ];
        let dir = dir.display().to_string();
        Self { url, dir, brands: &settings.brands, paths, next }
    }

    fn report(&self) -> Result<Report, Failure> {
        let mut text = format!(
            "setca serves the brand {} from {} at {}\n\n",
            self.brands.join(", "),
            self.dir,
            self.url
        );
        lines(&mut text, &self.paths);
        text.push_str("\nTry next, in another terminal:\n\n");
        lines(&mut text, &self.next);
        text.push_str("\nCtrl-C stops it.\n");
        Report::views(text, self)
    }
}

fn lines(text: &mut String, lines: &[(String, &'static str)]) {
    let width = lines.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
    for (left, right) in lines {
        // Writing to a String never fails.
        let _ = writeln!(text, "  {left:width$}  {right}");
    }
}

/// The program as it was called, so that the commands shown can be copied.
fn program() -> String {
    env::args().next().unwrap_or_else(|| "setca".to_owned())
}

/// A brand as one word of a command line.
fn quoted(text: &str) -> String {
    let plain = text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_.:".contains(&octet));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A brand as one segment of a path (RFC 3986 §2.1).
fn path_segment(text: &str) -> String {
    text.bytes()
        .map(|octet| match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                char::from(octet).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// The brand made without being asked for one.
const BRAND: &str = "Sample";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brand_on_a_command_line_is_one_word() {
        assert_eq!(quoted("Sample:Gold"), "Sample:Gold");
        assert_eq!(quoted("Ada's Card"), r"'Ada'\''s Card'");
    }

    #[test]
    fn brand_in_a_path_is_percent_encoded() {
        assert_eq!(path_segment("My Brand:Gold/é"), "My%20Brand:Gold%2F%C3%A9");
    }
}
