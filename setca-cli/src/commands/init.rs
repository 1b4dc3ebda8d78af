//! `setca init`.

use std::path::PathBuf;
use std::time::Duration;

use ca_core::Suite;
use ca_core::path::RootHash;
use ca_server::data::{Created, InitOrder, Progress};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::ca::thumbprint;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, data_failure};
use crate::input;
use crate::passphrase;
use crate::report::{Report, say};
use crate::tree::Tree;

/// Make a hierarchy: root, brand, (geo-political), cardholder, merchant and gateway CA.
///
/// Makes the keys of each CA, their certificates, the OCSP responder certificates, and the first
/// CRLs and BCI in DIR, all or nothing. Private keys are encrypted under the passphrase. The root's
/// keys lie apart in DIR/offline-root: carry them away, the service never needs them.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca init --brand Sample
  setca init --brand Sample:Gold --brand Other --geo DE --dir /var/lib/setca \\
      --passphrase-file /etc/setca/passphrase --base-url http://ca.example.com
  setca init --brand Museum --suite set-1997 --combined-ca --dir museum
  setca init --brand Sample --store postgres://setca:PASSWORD@db.example.com/setca
  setca init --brand Sample --test --dir try   a set-up that may be spoilt: setca serve --chaos")]
pub(crate) struct Init {
    /// A brand, NAME or NAME:PRODUCT; may be given several times.
    #[arg(long, required = true, value_name = "NAME[:PRODUCT]")]
    brand: Vec<String>,
    /// Put a geo-political CA between brand and the CAs below it (ISO 3166 alpha-2).
    #[arg(long, value_name = "CC", value_parser = country)]
    geo: Option<String>,
    /// One combined CA for cardholders, merchants and gateways instead of three.
    #[arg(long)]
    combined_ca: bool,
    /// The cryptographic suite, fixed for the hierarchy: modern, or set-1997 for study (SET 1.0 to
    /// the letter, SHA-1 and DES: broken).
    #[arg(long, default_value = "modern")]
    suite: Suite,
    /// Certificate profiles, forms and approval rules to use instead of the built-in ones.
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Where relying parties will reach CRLs and OCSP; stands in the certificates.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    base_url: String,
    /// For tests alone: the root is named TEST, and `setca serve --chaos` may spoil what it serves.
    #[arg(long)]
    test: bool,
}

impl Init {
    /// Makes it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        house::warn_of_suite(self.suite);
        let order = InitOrder {
            brands: self.brand,
            geo: self.geo,
            combined_ca: self.combined_ca,
            suite: self.suite,
            policies_dir: self.policies,
            base_url: checked_url(&self.base_url)?,
            test: self.test,
            passphrase: Some(passphrase::new(global)?),
        };
        let created = create(global, &order)?;
        Report::tree(&summary(&created, &order)?)
    }
}

/// Makes the data folder and shows how far it has come.
///
/// # Errors
/// As `Folder::create`.
pub(crate) fn create(global: &Global, order: &InitOrder) -> Result<Created, Failure> {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} keys  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut show = |progress: Progress<'_>| match progress {
        Progress::Planned { keys } => bar.set_length(u64::try_from(keys).unwrap_or(u64::MAX)),
        Progress::KeyMade { ca, key_use, done, keys } => {
            bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
            bar.set_message(format!("{ca} {key_use}"));
            if bar.is_hidden() {
                say(format_args!("key {done} of {keys}: {ca} {key_use}"));
            }
        }
        _ => bar.set_message("certifying"),
    };
    let outcome = house::given_folder(global)?.create(order, &mut show);
    bar.finish_and_clear();
    outcome.map_err(|e| data_failure(&e))
}

/// What was made and where.
fn summary(created: &Created, order: &InitOrder) -> Result<Tree, Failure> {
    let folder = &created.folder;
    let roots = input::certificates(&folder.root_certificate())?;
    let root = roots.first();
    let hash = root.map(|root| RootHash::of(root, order.suite).to_string());
    let thumbprint = root.map(|root| thumbprint(root, order.suite));
    let shown = |path: PathBuf| path.display().to_string();
    Ok(Tree::new()
        .with("dir", folder.path().display().to_string())
        .with("brands", Tree::list(order.brands.iter().map(String::as_str)))
        .with("suite", order.suite.name())
        .with("rootCertificate", shown(folder.root_certificate()))
        .with_some("rootHash", hash)
        .with_some("rootThumbprint", thumbprint)
        .with("rootKeys", format!("{} (move them off line)", shown(folder.offline_root())))
        .with_some(
            "passphraseFile",
            created.passphrase_is_new.then(|| shown(folder.passphrase_file())),
        )
        .with("operatorToken", shown(folder.operator_token_file()))
        .with("next", "setca serve"))
}

/// Stands as countryName in certificates, in capitals.
pub(super) fn country(text: &str) -> Result<String, String> {
    let fits = text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_alphabetic());
    if fits {
        Ok(text.to_ascii_uppercase())
    } else {
        Err("write a country as two letters, ISO 3166 alpha-2: DE".to_owned())
    }
}

/// An http URL without a slash at its end: paths are appended to it.
fn checked_url(url: &str) -> Result<String, Failure> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let plain = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && !b"?#\"<>".contains(&b))
    };
    match host {
        Some(host) if plain(host) => Ok(url.trim_end_matches('/').to_owned()),
        _ => Err(Failure::usage(format!(
            "--base-url {url} is not a URL like http://ca.example.com:8080"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_url_loses_its_last_slash() {
        assert_eq!(checked_url("http://ca.example.com/").unwrap(), "http://ca.example.com");
    }

    #[test]
    fn base_url_without_scheme_is_a_usage_error() {
        let failure = checked_url("ca.example.com").unwrap_err();
        assert_eq!(failure.exit, crate::failure::Exit::Usage);
    }
}
