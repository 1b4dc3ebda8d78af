//! What a registration came to, as a report.

use ca_core::ee::{Certified, Issued, Pending};
use ca_core::hex;

use super::folder::{Folder, Installed};
use super::notes::Notes;
use crate::failure::Failure;
use crate::inspect::names::name_der_text;
use crate::report::{Report, say};
use crate::tree::Tree;

/// Certificates are installed.
pub(super) fn certified(
    installed: &Installed,
    certified: &Certified,
    notes: &Notes,
) -> Result<Report, Failure> {
    let message = certified.ca_msg.as_ref();
    let logo = message.and_then(|m| m.card_logo_url.as_ref()).map(|url| url.as_str());
    let text = message.and_then(|m| m.cardholder_msg.as_ref()).map(|text| text.as_str());
    let files = installed.files().fold(Tree::new(), |tree, (name, path)| tree.with(name, path));
    let mut issued = certified.issued.iter();
    let first = issued.next().map_or_else(Tree::new, one);
    let rest = issued.fold(first, |tree, other| tree.with(other.key_use.name(), one(other)));
    Report::tree(
        &rest
            .with("role", notes.registration.role.name())
            .with("state", "certified")
            .with_some("cardLogo", logo)
            .with_some("message", text.or(certified.ee_message.as_deref()))
            .with("files", files),
    )
}

/// The CA has not decided: exit code 1, because there is no certificate yet.
pub(super) fn waiting(
    folder: &Folder,
    pending: &Pending,
    retry_after: Option<u64>,
) -> Result<Report, Failure> {
    let folder = folder.path().display().to_string();
    let seconds = retry_after.unwrap_or(USUAL_WAIT);
    say(format_args!(
        "the CA has not decided yet; collect the answer with\n  setca register collect --out \
         {folder}\nin {seconds} seconds, or wait for it with --wait"
    ));
    let tree = Tree::new()
        .with("state", "waiting")
        .with("status", pending.status().to_string())
        .with_some("message", pending.message())
        .with("registration", hex(pending.lid_ca().as_bytes()))
        .with("retryAfter", seconds)
        .with("folder", folder);
    Ok(Report::tree(&tree)?.refused())
}

fn one(issued: &Issued) -> Tree {
    let certificate = &issued.certificate;
    Tree::new()
        .with("serial", hex(certificate.serial()))
        .with("subject", name_der_text(certificate.subject_der()))
        .with("issuer", name_der_text(certificate.issuer_der()))
        .with("notBefore", certificate.not_before())
        .with("notAfter", certificate.not_after())
}

/// Seconds to wait when the CA does not say (decisions.md 30).
pub(super) const USUAL_WAIT: u64 = 300;
