//! What every registration is told: where, which brand, whom to trust, where to put it.

use std::path::PathBuf;

use ca_core::authority::Clock as _;
use ca_core::ee::{Cache, EeError, Wallet, WalletConfig};
use ca_core::path::RootHash;
use ca_core::profile::Role;
use ca_core::signer::KeyAlgorithm;
use ca_core::wire::initiation::Initiation;
use ca_core::wire::{Cert, RequestType};
use ca_core::{Suite, UnixTime, hex};
use ca_server::SystemClock;
use ca_server::data::Passphrase;
use clap::Args;

use super::folder::Folder;
use super::form;
use super::notes::{Registration, VERSION};
use super::service::Service;
use crate::cli::Global;
use crate::failure::Failure;
use crate::input;
use crate::inspect::names::name_der_text;
use crate::passphrase;
use crate::report::say;
use crate::tree::Shown;

/// Options of every registration.
#[derive(Args, Debug)]
pub(crate) struct Order {
    /// The service, http://HOST:PORT; its SET address is /set unless the URL has a path.
    #[arg(long, value_name = "URL", required_unless_present = "from")]
    url: Option<String>,
    /// The brand.
    #[arg(long, value_name = "BRAND", required_unless_present = "from")]
    brand: Option<String>,
    /// A wake-up file (.setreg) that the bank's web page handed out: it names URL, brand and
    /// language.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Root certificates you trust, PEM or DER; they, and the roots they announce, and nothing else
    /// make a CA trusted.
    #[arg(long, required_unless_present = "root_hash", value_name = "ROOT")]
    trust: Vec<PathBuf>,
    /// Trust the root that comes with the first answer if its key has this hash: 64 hexadecimal
    /// digits (40 in suite set-1997) that you have from elsewhere, spaces and hyphens as you like.
    #[arg(long, value_name = "HEX")]
    root_hash: Option<RootHash>,
    /// The folder to make; must be new or empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Language of form and policy; default is that of the wake-up file, else en.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    #[command(flatten)]
    pub(super) filling: Filling,
}

/// How form and policy are answered.
#[derive(Args, Clone, Debug)]
pub(crate) struct Filling {
    /// The answer to a field of the form; may be given several times. What is missing is asked for.
    #[arg(long, value_name = "LABEL=VALUE", value_parser = form::answer)]
    pub(super) answer: Vec<(String, String)>,
    /// Agree to the CA's policy without being asked; it is shown all the same.
    #[arg(long)]
    pub(super) accept_policy: bool,
}

/// An order that can be carried out.
pub(super) struct Target {
    pub(super) folder: Folder,
    pub(super) service: Service,
    pub(super) wallet: Wallet,
    pub(super) suite: Suite,
    pub(super) registration: Registration,
    /// What the wake-up file asks for.
    pub(super) request_type: Option<RequestType>,
}

impl Order {
    /// Everything that can be found wrong here is found before anything is sent.
    ///
    /// # Errors
    /// See the parts.
    pub(super) fn target(&self, role: Role) -> Result<Target, Failure> {
        let folder = Folder::fresh(&self.out)?;
        let wake_up = self.wake_up(role)?;
        let given = |option: &Option<String>, found: fn(&Initiation) -> String| {
            option.clone().or_else(|| wake_up.as_ref().map(found)).unwrap_or_default()
        };
        let language = |i: &Initiation| i.language.as_ref().map(ToString::to_string);
        let language = self.language.clone().or_else(|| language(wake_up.as_ref()?));
        let echo = |i: &Initiation| i.echo_in_request.as_ref().map(ToString::to_string);
        let service = Service::at(&given(&self.url, |i| i.endpoint().to_string()))?
            .with_echo(wake_up.as_ref().and_then(echo));
        let registration = Registration {
            version: VERSION,
            role,
            brand: given(&self.brand, |i| i.brand.to_string()),
            url: service.url().to_owned(),
            language: language.unwrap_or_else(|| "en".to_owned()),
            bin: None,
            id: None,
        };
        let (wallet, suite) =
            wallet(&registration, &self.trust, self.root_hash.as_ref(), Cache::default())?;
        let request_type = wake_up.and_then(|i| i.request_type);
        Ok(Target { folder, service, wallet, suite, registration, request_type })
    }

    /// As everywhere, but from the new folder's view: the passphrase of a CA that lies beside it is
    /// none of an end entity's business.
    pub(super) fn new_passphrase(&self, global: &Global) -> Result<Passphrase, Failure> {
        passphrase::new(&beside(global, self.out.clone()))
    }

    fn wake_up(&self, role: Role) -> Result<Option<Initiation>, Failure> {
        let Some(path) = &self.from else { return Ok(None) };
        let name = path.display();
        let initiation = Initiation::from_octets(&input::read(path)?)
            .map_err(|e| Failure::refused(format!("{name}: {e}")))?;
        if !initiation.description.trim().is_empty() {
            say(Shown(initiation.description.trim()));
        }
        say(format_args!("{name}: brand {} at {}", initiation.brand, initiation.endpoint()));
        match initiation.request_type {
            Some(asked) if asked.role() != role => Err(Failure::refused(format!(
                "{name} is for {asked}: run setca register {}",
                asked.role()
            ))),
            Some(asked) if asked.is_renewal() => Err(Failure::refused(format!(
                "{name} is for {asked}: run setca cert renew --out DIR"
            ))),
            _ => Ok(Some(initiation)),
        }
    }
}

/// The options as seen from an end entity's folder.
pub(super) fn beside(global: &Global, folder: PathBuf) -> Global {
    let (format, passphrase_file) = (global.format, global.passphrase_file.clone());
    Global { dir: folder, store: None, format, passphrase_file }
}

/// An end entity that trusts these roots, the one confirmed by its hash, and nothing else; they say
/// which suite is spoken.
///
/// # Errors
/// A root cannot be read, or the roots are of two suites.
pub(super) fn wallet(
    registration: &Registration,
    trust: &[PathBuf],
    root_hash: Option<&RootHash>,
    cache: Cache,
) -> Result<(Wallet, Suite), Failure> {
    let mut anchors = Vec::new();
    for path in trust {
        for root in input::certificates(path)? {
            say(format_args!(
                "trusting {} because you named it; its confirmation hash is\n  {}",
                Shown(&name_der_text(root.subject_der())),
                confirmation_hash(&root)
            ));
            anchors.push(root);
        }
    }
    let confirmed = root_hash.map(RootHash::suite);
    let mut suites: Vec<Suite> = anchors.iter().map(suite_of).chain(confirmed).collect();
    suites.dedup();
    let [suite] = suites[..] else {
        return Err(Failure::usage("the trusted roots are of two suites, which never mix"));
    };
    let config = WalletConfig {
        suite,
        brand: registration.brand.clone(),
        language: registration.language.clone(),
        anchors,
    };
    let wallet = Wallet::new(config).map_err(|e: EeError| Failure::usage(e.to_string()))?;
    let wallet = match root_hash {
        Some(hash) => wallet.with_root_hash(hash.clone()),
        None => wallet,
    };
    Ok((wallet.with_cache(cache, now()), suite))
}

/// The kind of a new key: the one asked for, or what the suite's profiles call for.
///
/// # Errors
/// A kind the suite does not certify for this use.
pub(super) fn key_kind(
    asked: Option<KeyAlgorithm>,
    suite: Suite,
    encryption: bool,
) -> Result<KeyAlgorithm, Failure> {
    let known: &[KeyAlgorithm] = match (suite, encryption) {
        (Suite::Modern, false) => MODERN,
        // The first two are the RSA kinds: nothing else encrypts.
        (Suite::Modern, true) => MODERN.get(..2).unwrap_or_default(),
        (Suite::Set1997, _) => OLD,
    };
    match (asked, known) {
        (Some(kind), _) if known.contains(&kind) => Ok(kind),
        (None, [usual, ..]) => Ok(*usual),
        _ => {
            let names: Vec<String> = known.iter().map(ToString::to_string).collect();
            let key = if encryption { "--encryption-key" } else { "--key" };
            Err(Failure::usage(format!("{key}: suite {suite} takes {}", names.join(", "))))
        }
    }
}

/// A name of a kind of key; which suite takes it is known later.
pub(super) fn key_name(text: &str) -> Result<KeyAlgorithm, String> {
    let kinds = [MODERN, OLD].concat();
    match text.parse() {
        Ok(kind) if kinds.contains(&kind) => Ok(kind),
        _ => Err("known: rsa-3072, rsa-4096, ec-p256, ed25519; in suite set-1997 rsa-1024, \
                  rsa-2048"
            .to_owned()),
    }
}

/// Now.
pub(super) fn now() -> UnixTime {
    SystemClock::default().now()
}

fn suite_of(root: &Cert) -> Suite {
    Suite::of_signature(root.inner().signature_algorithm())
}

/// What an operator reads out to confirm a root (spec `set-certificates.md` §4.3): the suite's
/// digest of the SubjectPublicKeyInfo, four digits a group.
fn confirmation_hash(root: &Cert) -> String {
    let digits = hex(&suite_of(root).digest(root.spki_der()));
    let groups: Vec<&str> =
        digits.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}

/// Kinds of suite `modern`, the usual one first (spec `set-crypto.md` §8.1).
const MODERN: &[KeyAlgorithm] = &[
    KeyAlgorithm::Rsa(3072),
    KeyAlgorithm::Rsa(4096),
    KeyAlgorithm::EcP256,
    KeyAlgorithm::Ed25519,
];
/// Kinds of suite `set-1997` (spec `set-certificates.md` §1.3).
const OLD: &[KeyAlgorithm] = &[KeyAlgorithm::Rsa(1024), KeyAlgorithm::Rsa(2048)];
