//! `setca ca renew`, `setca ca rollover`.

use ca_core::authority::{Authority, Reissued};
use ca_core::profile::KeyUse;
use ca_core::store::{CaId, CaRecord};
use ca_server::data::Opened;
use clap::Args;

use super::{key_use, made, root};
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, authority_failure, data_failure, find_ca};
use crate::inspect::names::name_der_text;
use crate::report::{Report, say};
use crate::tree::Tree;

/// Give the keys of a CA new certificates; the keys stay.
///
/// Its superior signs them (the root's keys must be in DIR/offline-root for a brand CA). The old
/// certificates stay valid until their end; the CA's CRL is published anew. A running service takes
/// the new ones up by itself. A root is not renewed: see `setca ca rollover root`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca ca renew sample-cca --dry-run
  setca ca renew sample-cca --key-use message-signature
  setca ca renew sample-bca")]
pub(crate) struct Renew {
    #[command(flatten)]
    which: Which,
}

/// Give a CA new keys, or make the announced key the root.
///
/// New keys are made under the passphrase and written before anything is signed; then the superior
/// certifies them and the CA's CRL is published under the new key. What the old keys signed stays
/// valid until its end, the old encryption key goes on opening what was sealed to it. A run that
/// was interrupted is finished by the same command.
///
/// `rollover root` makes the key that the root certificate announces the new root, with a new
/// announced key after it. Both lie in DIR/offline-root. Software that trusts the old root accepts
/// the new one by itself; new software is given DIR/root.pem.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca ca rollover sample-cca --dry-run
  setca ca rollover sample-cca --key-use encryption
  setca ca rollover root")]
pub(crate) struct Rollover {
    #[command(flatten)]
    which: Which,
}

#[derive(Args, Debug)]
struct Which {
    /// Identifier of the CA, as `setca ca list` shows it.
    id: String,
    /// Only this use: certificate-signing, encryption, message-signature, ocsp-signing. The OCSP
    /// responder goes with certificate-signing.
    #[arg(long, value_name = "USE", value_parser = key_use)]
    key_use: Option<KeyUse>,
    /// Show what would be done, do nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Renew {
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let work = Work::begin(global, &self.which)?;
        if work.is_root && work.uses.contains(&KeyUse::CertificateSigning) {
            return Err(Failure::refused(
                "a root is not renewed but rolled over: its next key is announced already. Use \
                 setca ca rollover root, or renew --key-use ocsp-signing",
            ));
        }
        if self.which.dry_run {
            return work.plan("renewed, with the key it has");
        }
        let (mut done, uses) = work.finish_interrupted()?;
        let renewed = work.authority.renew(&work.id, &uses).map_err(|e| explained(&e))?;
        done.extend(renewed);
        work.report(&done)
    }
}

impl Rollover {
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let work = Work::begin(global, &self.which)?;
        if work.is_root && work.uses.contains(&KeyUse::CertificateSigning) {
            return root::rollover(&work, self.which.dry_run);
        }
        if self.which.dry_run {
            return work.plan("given a new key");
        }
        let (mut done, uses) = work.finish_interrupted()?;
        let planned =
            work.authority.plan_rollover(&work.id, &uses).map_err(|e| authority_failure(&e))?;
        let keys = work
            .opened
            .keys
            .make(&planned, |index| made::say_key(&work.id, planned.get(index)))
            .map_err(|e| data_failure(&e))?;
        let keys: Vec<_> = uses.into_iter().zip(keys).collect();
        let rolled = work.authority.rollover(&work.id, &keys).map_err(|e| explained(&e))?;
        done.extend(rolled);
        work.report(&done)
    }
}

/// One CA at work, and the keys for it.
pub(super) struct Work {
    pub(super) opened: Opened,
    pub(super) authority: Authority,
    pub(super) id: CaId,
    pub(super) is_root: bool,
    /// In the order in which they are done.
    pub(super) uses: Vec<KeyUse>,
}

impl Work {
    fn begin(global: &Global, which: &Which) -> Result<Self, Failure> {
        let records = house::records(global)?;
        let ca = find_ca(&*records, &which.id)?;
        let root = find_ca(&*records, ROOT).ok().map(|root| root.id);
        let needs_root = needs_root(&ca, root.as_ref(), which.key_use) && !which.dry_run;
        let opened = house::opened(global, needs_root)?;
        let authority = Authority::open(opened.parts.clone()).map_err(|e| authority_failure(&e))?;
        let uses = authority.key_uses(&ca.id, which.key_use).map_err(|e| authority_failure(&e))?;
        Ok(Self { opened, authority, id: ca.id, is_root: ca.superior.is_none(), uses })
    }

    /// What an interrupted run left, finished now, and the uses that are still to be done.
    pub(super) fn finish_interrupted(&self) -> Result<(Vec<Reissued>, Vec<KeyUse>), Failure> {
        let finished =
            self.authority.finish_interrupted(&self.id).map_err(|e| authority_failure(&e))?;
        for one in &finished {
            say(format_args!("finished what an interrupted run began: {}", one.key_use));
        }
        let is_finished = |key_use: &KeyUse| finished.iter().any(|one| one.key_use == *key_use);
        let uses = self.uses.iter().copied().filter(|key_use| !is_finished(key_use)).collect();
        Ok((finished, uses))
    }

    /// What would be done.
    fn plan(&self, act: &str) -> Result<Report, Failure> {
        let hierarchy = self.authority.hierarchy();
        let ca = hierarchy.ca(&self.id);
        let steps = self.uses.iter().filter_map(|key_use| {
            let held = ca?.held(*key_use)?.certificate;
            Some(
                Tree::new()
                    .with("keyUse", key_use.name())
                    .with("act", act)
                    .with("signedBy", name_der_text(held.issuer_der()))
                    .with("staysValidUntil", held.not_after()),
            )
        });
        let steps: Vec<Tree> = steps.collect();
        Report::tree(&Tree::new().with("ca", self.id.as_str()).with("wouldBeDone", steps))
    }

    fn report(&self, done: &[Reissued]) -> Result<Report, Failure> {
        let tree = made::reissued(&self.id, done);
        Report::tree(&tree.with("next", "nothing: a running service takes them up by itself"))
    }
}

/// True if the root's keys must sign: for the root itself, and for what it certifies.
fn needs_root(ca: &CaRecord, root: Option<&CaId>, key_use: Option<KeyUse>) -> bool {
    let responder_only = key_use == Some(KeyUse::OcspSigning);
    match &ca.superior {
        None => true,
        Some(superior) => Some(superior) == root && !responder_only,
    }
}

/// A CA whose own key must not sign any more cannot certify the ones below.
fn explained(error: &ca_core::authority::Error) -> Failure {
    use ca_core::issue::PrepareError;
    match error {
        ca_core::authority::Error::Prepare(inner)
            if matches!(**inner, PrepareError::IssuerPeriod(_)) =>
        {
            Failure::refused(format!(
                "{error}: renew or roll over the CA above first, see setca ca list"
            ))
        }
        error => authority_failure(error),
    }
}

/// Identifier of the root CA.
const ROOT: &str = "root";
