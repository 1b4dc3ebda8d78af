//! Checks of [`Store::record_ca`], [`Store::record_ca_certificate`] and [`Store::cas`].

use super::{Check, Violation, expect_absent, expect_conflict, expect_equal, samples};
use crate::profile::KeyUse;
use crate::signer::KeyId;
use crate::store::{CaCertificate, CaRecord, Conflict, Store};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "CAs are listed as recorded, superior first", run: listed_in_order },
    Check { claim: "a CA without its superior is refused", run: superior_comes_first },
    Check { claim: "a CA identifier is given once", run: identifier_is_unique },
    Check { claim: "every generation of a CA's certificates is kept in order", run: generations },
    Check { claim: "no certificate is in force for a CA unknown", run: unknown_ca_has_none },
];

fn listed_in_order(store: &dyn Store) -> Result<(), Violation> {
    let root = samples::ca("z-root", None, 1)?;
    let cca = samples::ca("a-cca", Some("z-root"), 2)?;
    store.record_ca(&root, &samples::acting())?;
    store.record_ca(&cca, &samples::acting())?;
    expect_equal(store.cas()?, vec![root, cca])
}

fn superior_comes_first(store: &dyn Store) -> Result<(), Violation> {
    expect_absent(store.record_ca(&samples::ca("cca", Some("root"), 1)?, &samples::acting()))?;
    expect_equal(store.cas()?, vec![])
}

fn identifier_is_unique(store: &dyn Store) -> Result<(), Violation> {
    let root = samples::ca("root", None, 1)?;
    store.record_ca(&root, &samples::acting())?;
    expect_conflict(
        store.record_ca(&samples::ca("root", None, 2)?, &samples::acting()),
        Conflict::Ca(root.id),
    )
}

fn generations(store: &dyn Store) -> Result<(), Violation> {
    let root = CaRecord { certificates: Vec::new(), ..samples::ca("root", None, 1)? };
    store.record_ca(&root, &samples::acting())?;
    let message = own(KeyUse::MessageSignature, 1);
    let successor = own(KeyUse::CertificateSigning, 3);
    let certificates = vec![own(KeyUse::CertificateSigning, 2), message, successor];
    for certificate in &certificates {
        store.record_ca_certificate(&root.id, certificate, &samples::acting())?;
    }
    expect_equal(store.cas()?, vec![CaRecord { certificates, ..root }])
}

fn unknown_ca_has_none(store: &dyn Store) -> Result<(), Violation> {
    let id = samples::ca_id("nobody")?;
    expect_absent(store.record_ca_certificate(
        &id,
        &own(KeyUse::CertificateSigning, 1),
        &samples::acting(),
    ))
}

fn own(key_use: KeyUse, number: u8) -> CaCertificate {
    CaCertificate { key_use, key: KeyId([number; 20]), der: vec![0x30, 1, number] }
}
