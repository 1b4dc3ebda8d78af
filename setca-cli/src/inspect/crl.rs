//! CRLs and brand CRL identifiers, entry by entry.

use ca_core::UnixTime;
use ca_core::store::RevocationReason;
use ca_core::wire::{BrandCrlIdentifier, Crl, CrlEntry, CrlNumber, RevokedInfo};

use super::certificate::{algorithm, digest, suite_of};
use super::extensions;
use super::names::name_der_text;
use crate::tree::Tree;

/// Everything a CRL says; of a long one the first entries.
pub(crate) fn tree(crl: &Crl) -> Tree {
    let suite = suite_of(crl.signature_algorithm());
    let shown = crl.entries().take(MAX_ENTRIES).map(|one| entry(crl, one));
    let left_out = crl.len().saturating_sub(MAX_ENTRIES);
    head("CRL", crl)
        .with("revoked", Tree::list(shown))
        .with_some("revokedNotShown", (left_out > 0).then_some(left_out))
        .with("extensions", Tree::list(crl.extensions().iter().map(extensions::tree)))
        .with("signatureAlgorithm", algorithm(crl.signature_algorithm()))
        .with("signature", crl.signature())
        .with("thumbprint", digest(suite, &crl.thumbprint(suite)))
}

/// What names a CRL among others.
pub(super) fn head(kind: &'static str, crl: &Crl) -> Tree {
    Tree::new()
        .with("kind", kind)
        .with("issuer", name_der_text(crl.issuer_der()))
        .with_some("number", crl.number().map(number))
        .with_some("baseNumber", crl.base_number().map(number))
        .with("thisUpdate", crl.this_update())
        .with_some("nextUpdate", crl.next_update())
        .with("revokedCertificates", crl.len())
}

/// A number; one above 64 bits as text.
fn number(number: CrlNumber) -> Tree {
    number.as_u64().map_or_else(|| number.to_string().into(), Tree::from)
}

fn entry(crl: &Crl, entry: CrlEntry<'_>) -> Tree {
    let other = (entry.issuer != crl.issuer_der()).then(|| name_der_text(entry.issuer));
    let tree = Tree::new().with("serial", entry.serial).with_some("certificateIssuer", other);
    revocation(tree, entry.info).with_some("invalidityDate", entry.invalidity_date())
}

/// When and why, as CRLs and OCSP answers say it.
pub(super) fn revocation(tree: Tree, info: RevokedInfo) -> Tree {
    let at: UnixTime = info.at;
    tree.with("revokedAt", at).with_some("reason", info.reason.map(reason))
}

/// A CRLReason by name; those we never give by number.
fn reason(code: u8) -> String {
    match RevocationReason::from_code(code) {
        Some(known) => known.name().to_owned(),
        // In deltas: nothing is revoked for it.
        None if code == REMOVE_FROM_CRL => "removeFromCRL".to_owned(),
        None => format!("reason {code}"),
    }
}

/// Everything a BCI says.
pub(crate) fn bci(bci: &BrandCrlIdentifier) -> Tree {
    let suite = suite_of(bci.signature_algorithm());
    let unsigned = bci.unsigned();
    let crls = unsigned.crls.iter().map(|listed| {
        Tree::new()
            .with("issuerName", name_der_text(&listed.issuer_der))
            .with("crlNumber", listed.number)
    });
    Tree::new()
        .with("kind", "BCI (brand CRL identifier)")
        .with("brandID", unsigned.brand_id.to_string())
        .with("sequenceNum", unsigned.sequence_num)
        .with("notBefore", unsigned.not_before)
        .with("notAfter", unsigned.not_after)
        .with("crlIdentifierSeq", Tree::list(crls))
        .with("extensions", Tree::list(unsigned.extensions.iter().map(extensions::tree)))
        .with("signatureAlgorithm", algorithm(bci.signature_algorithm()))
        .with("signature", bci.signature())
        .with("thumbprint", digest(suite, &bci.thumbprint(suite)))
}

/// CRLReason removeFromCRL (RFC 5280 §5.3.1).
const REMOVE_FROM_CRL: u8 = 8;
/// Entries shown of a long CRL, in both views.
const MAX_ENTRIES: usize = 1_000;
