//! The SET tree root → BCA → CCA → cardholder (spec `set-certificates.md` §8).

use ca_core::Suite;
use ca_core::path::{Request, RevocationMode, Rules, Settings, Verdict, validate};
use ca_core::profile::Role;
use ca_core::signer::PrivateKey;
use ca_core::wire::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, CertificateType, PrivateKeyUsagePeriod, SetPolicy,
};
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};

use super::certificate::*;
use super::lists::CrlSpec;

/// root → BCA → CCA → cardholder.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: Cert,
    pub(crate) bca: Cert,
    pub(crate) cca: Cert,
    pub(crate) leaf: Cert,
}

impl Tree {
    /// The good tree.
    pub(crate) fn good() -> Self {
        Self::with(|_, _| {})
    }

    /// The tree after `change` had its say on each of "root", "bca", "cca", "leaf".
    pub(crate) fn with(change: impl Fn(&str, &mut Spec)) -> Self {
        let keys = ["root", "bca", "cca", "leaf"].map(key);
        let [root_key, bca_key, cca_key, leaf_key] = &keys;
        let both = CERT_SIGN | CRL_SIGN;
        let mut root = set_spec(&[Role::Rca], "SET Root", "Root", root_key, both);
        root.issuer = root.subject.clone();
        change("root", &mut root);
        let root = root.sign(root_key);
        let mut bca = under(set_spec(&[Role::Bca], "Brand", "BCA", bca_key, both), &root);
        bca.serial = 2;
        change("bca", &mut bca);
        let bca = bca.sign(root_key);
        let mut cca = under(set_spec(&[Role::Cca], "Brand", "CCA", cca_key, both), &bca);
        cca.serial = 3;
        change("cca", &mut cca);
        let cca = cca.sign(bca_key);
        let mut leaf = under(set_spec(&[Role::Cardholder], "Brand", "Jane", leaf_key, SIGN), &cca);
        leaf.serial = 4;
        change("leaf", &mut leaf);
        let leaf = leaf.sign(cca_key);
        Self { root, bca, cca, leaf }
    }

    /// The verdict on the cardholder under the SET rules, revocation left aside.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict_with(&settings(Rules::Set))
    }

    pub(crate) fn verdict_with(&self, settings: &Settings) -> Verdict {
        self.verdict_by(&[], settings)
    }

    pub(crate) fn verdict_by(&self, crls: &[Crl], settings: &Settings) -> Verdict {
        self.verdict_under(crls, &[], settings)
    }

    pub(crate) fn verdict_under(
        &self,
        crls: &[Crl],
        bcis: &[BrandCrlIdentifier],
        settings: &Settings,
    ) -> Verdict {
        let untrusted = &[self.cca.clone(), self.bca.clone()];
        let anchors = core::slice::from_ref(&self.root);
        validate(&Request {
            certificate: &self.leaf,
            untrusted,
            anchors,
            crls,
            bcis,
            ocsp: &[],
            register: &[],
            settings,
        })
    }

    /// One good CRL each of root, BCA and CCA.
    pub(crate) fn crls(&self) -> [CrlSpec; 3] {
        [(&self.root, "root"), (&self.bca, "bca"), (&self.cca, "cca")]
            .map(|(issuer, label)| CrlSpec::of(issuer, label))
    }
}

/// Strict settings at noon without revocation.
pub(crate) fn settings(rules: Rules) -> Settings {
    let mut settings = Settings::new(rules, Suite::Modern, noon());
    settings.revocation = RevocationMode::Off;
    settings
}

pub(crate) fn judge(
    leaf: &Cert,
    untrusted: &[Cert],
    anchors: &[Cert],
    settings: &Settings,
) -> Verdict {
    validate(&Request {
        certificate: leaf,
        untrusted,
        anchors,
        crls: &[],
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings,
    })
}

/// The names of the reasons, in order.
pub(crate) fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons.iter().map(|reason| reason.code.name()).collect()
}

/// hashedRootKey of spec `set-certificates.md` §10.2: SHA-256 of VS96's root key.
pub(crate) const HASHED_ROOT: [u8; 63] = [
    0x30, 0x3d, 0x30, 0x3b, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x30, 0x07, 0x06, 0x05, 0x67, 0x2a, 0x03, 0x00, 0x00, 0x04, 0x20, 0x0e,
    0x01, 0xe1, 0x5e, 0x93, 0xae, 0xce, 0xd2, 0xb2, 0xff, 0xcf, 0xba, 0x94, 0xc7, 0xbe, 0x8e, 0xe6,
    0xdd, 0x5c, 0x36, 0xe0, 0xf8, 0x0d, 0xa2, 0x7d, 0x44, 0x56, 0x13, 0xd1, 0xe6, 0xb9, 0x84,
];

/// A SET certificate as the matrix wants it (spec §3.11), before its authorityKeyIdentifier.
pub(crate) fn set_spec(
    types: &[Role],
    brand: &str,
    unit: &str,
    key: &PrivateKey,
    usage: u16,
) -> Spec {
    let ca = usage & CERT_SIGN != 0;
    let path_len = match types.first() {
        Some(Role::Rca) => 3,
        Some(Role::Bca) => 2,
        Some(Role::Gca) => 1,
        _ => 0,
    };
    let begin = time("2026-01-01T00:00:00Z");
    let mut spec = Spec {
        version: 3,
        serial: 1,
        issuer: Vec::new(),
        subject: name(brand, unit),
        not_before: begin,
        not_after: time("2028-12-31T23:59:59Z"),
        extensions: Vec::new(),
        unique_id: false,
        generalized_times: false,
        inner_algorithm: ED25519.to_vec(),
        outer_algorithm: ED25519.to_vec(),
        spki: key.spki_der().to_vec(),
        spoil_signature: false,
    };
    spec.usage(usage);
    if usage != ENCRYPT {
        let period = PrivateKeyUsagePeriod {
            not_before: Some(begin),
            not_after: Some(time("2026-12-31T23:59:59Z")),
        };
        spec.put(ext(false, &period));
    }
    spec.put(ext(true, &SetPolicy::root()));
    spec.put(ext(true, &BasicConstraints { ca, path_len: ca.then_some(path_len) }));
    spec.put(ext(true, &CertificateType::of(types).unwrap()));
    if types == [Role::Rca] {
        spec.put_raw("2.23.42.7.0", true, &HASHED_ROOT);
    }
    spec
}

/// Points the specification at its issuer: name and authorityKeyIdentifier.
pub(crate) fn under(mut spec: Spec, issuer: &Cert) -> Spec {
    spec.issuer = issuer.subject_der().to_vec();
    spec.put(ext(false, &AuthorityKeyIdentifier::naming(issuer, Suite::Modern)));
    spec
}
