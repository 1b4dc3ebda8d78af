//! Lists of a CA that got another certificate or another key (RFC 5280 §6.3.3 (f)).

use ca_core::path::{Request, RevocationMode, Rules, Settings, Verdict, validate};
use ca_core::profile::Role;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};

use crate::support::*;

const BOTH: u16 = CERT_SIGN | CRL_SIGN;

/// The tree, a second certificate of its CCA, and what is at hand beside it.
struct Grown {
    tree: Tree,
    untrusted: Vec<Cert>,
    anchors: Vec<Cert>,
}

impl Grown {
    fn with(extra: Vec<Cert>) -> Self {
        let tree = Tree::good();
        let untrusted = [vec![tree.cca.clone(), tree.bca.clone()], extra].concat();
        let anchors = vec![tree.root.clone()];
        Self { tree, untrusted, anchors }
    }

    fn verdict(&self, crls: &[Crl], bcis: &[BrandCrlIdentifier]) -> Verdict {
        let mut settings = Settings { revocation: RevocationMode::Require, ..set() };
        settings.bci = if bcis.is_empty() { RevocationMode::Off } else { RevocationMode::Require };
        let (certificate, untrusted) = (&self.tree.leaf, self.untrusted.as_slice());
        let anchors = &self.anchors;
        let settings = &settings;
        validate(&Request {
            certificate,
            untrusted,
            anchors,
            crls,
            bcis,
            ocsp: &[],
            register: &[],
            settings,
        })
    }
}

fn set() -> Settings {
    settings(Rules::Set)
}

/// A certificate of the CCA beside the one in the tree, for the key of `label`.
fn second_cca(label: &str, change: impl Fn(&mut Spec)) -> Cert {
    let bca = Tree::good().bca;
    let mut spec = under(set_spec(&[Role::Cca], "Brand", "CCA", &key(label), BOTH), &bca);
    spec.serial = 13;
    change(&mut spec);
    spec.sign(&key("bca"))
}

/// Lists of root and BCA, and that of the CCA signed under another certificate of it.
fn lists(cca: &Cert, label: &str) -> Vec<Crl> {
    let [root, bca, _] = Tree::good().crls();
    [root, bca, CrlSpec::of(cca, label)].iter().map(CrlSpec::sign).collect()
}

#[test]
fn crl_under_the_next_key_of_the_ca_counts() {
    let next = second_cca("next cca", |_| {});
    let grown = Grown::with(vec![next.clone()]);
    assert_eq!(codes(&grown.verdict(&lists(&next, "next cca"), &[])), [""; 0]);
}

#[test]
fn crl_under_a_renewed_certificate_of_the_same_key_counts() {
    let renewed = second_cca("cca", |_| {});
    let grown = Grown::with(vec![renewed.clone()]);
    assert_eq!(codes(&grown.verdict(&lists(&renewed, "cca"), &[])), [""; 0]);
}

#[test]
fn what_the_next_key_lists_is_revoked() {
    let next = second_cca("next cca", |_| {});
    let mut crl = CrlSpec::of(&next, "next cca");
    crl.revoked = vec![(4, time("2026-06-10T08:00:00Z"), None)];
    let [root, bca, _] = Tree::good().crls();
    let crls = [root, bca, crl].map(|spec| spec.sign());
    assert_eq!(codes(&Grown::with(vec![next]).verdict(&crls, &[])), ["revoked"]);
}

#[test]
fn crl_counts_only_if_its_signer_is_at_hand_and_valid() {
    let next = second_cca("next cca", |_| {});
    let crls = lists(&next, "next cca");
    let absent = Grown::with(vec![]).verdict(&crls, &[]);
    assert_eq!(codes(&absent), ["no-revocation-status"]);
    assert!(absent.reasons[0].message.ends_with("does not name the issuer certificate"));
    let faults: [&dyn Fn(&mut Spec); 3] = [
        &|spec| spec.not_after = time("2026-06-01T00:00:00Z"),
        &|spec| spec.usage(CERT_SIGN),
        &|spec| spec.spoil_signature = true,
    ];
    for change in faults {
        let next = second_cca("next cca", change);
        let grown = Grown::with(vec![next.clone()]);
        let verdict = grown.verdict(&lists(&next, "next cca"), &[]);
        assert_eq!(codes(&verdict), ["no-revocation-status"]);
    }
}

#[test]
fn revoked_certificate_signs_no_crl_for_its_ca() {
    let next = second_cca("next cca", |_| {});
    let [root, mut bca, _] = Tree::good().crls();
    bca.revoked = vec![(13, time("2026-06-10T08:00:00Z"), Some(1))];
    let crls = [root, bca, CrlSpec::of(&next, "next cca")].map(|spec| spec.sign());
    let verdict = Grown::with(vec![next]).verdict(&crls, &[]);
    assert_eq!(codes(&verdict), ["no-revocation-status"]);
}

/// A self-made certificate of the name signs a CRL, its own status included.
#[test]
fn certificate_that_only_says_it_is_the_ca_signs_nothing() {
    let impostor = set_spec(&[Role::Cca], "Brand", "CCA", &key("impostor"), BOTH);
    let mut impostor = under(impostor, &Tree::good().cca);
    impostor.serial = 66;
    let impostor = impostor.sign(&key("impostor"));
    let grown = Grown::with(vec![impostor.clone()]);
    let verdict = grown.verdict(&lists(&impostor, "impostor"), &[]);
    assert_eq!(codes(&verdict), ["no-revocation-status"]);
}

#[test]
fn ca_of_the_same_name_under_another_root_signs_nothing() {
    let mut other = set_spec(&[Role::Rca], "Other Root", "Root", &key("other root"), BOTH);
    other.issuer = other.subject.clone();
    let other = other.sign(&key("other root"));
    let spec = set_spec(&[Role::Bca], "Brand", "BCA", &key("other bca"), BOTH);
    let mut spec = under(spec, &other);
    spec.serial = 2;
    let bca = spec.sign(&key("other root"));
    let spec = set_spec(&[Role::Cca], "Brand", "CCA", &key("other cca"), BOTH);
    let mut spec = under(spec, &bca);
    spec.serial = 14;
    let cca = spec.sign(&key("other bca"));
    let mut grown = Grown::with(vec![bca.clone(), cca.clone()]);
    grown.anchors.push(other.clone());
    let mut crls = lists(&cca, "other cca");
    crls.push(CrlSpec::of(&other, "other root").sign());
    crls.push(CrlSpec::of(&bca, "other bca").sign());
    assert_eq!(codes(&grown.verdict(&crls, &[])), ["no-revocation-status"]);
}

#[test]
fn crl_of_the_next_root_counts_once_that_root_is_trusted() {
    let tree = Tree::good();
    let mut spec = set_spec(&[Role::Rca], "SET Root", "Root", &key("next root"), BOTH);
    spec.issuer = spec.subject.clone();
    spec.serial = 77;
    let next = spec.sign(&key("next root"));
    let [_, bca, cca] = tree.crls();
    let crls = [CrlSpec::of(&next, "next root"), bca, cca].map(|spec| spec.sign());
    let mut grown = Grown::with(vec![next.clone()]);
    assert_eq!(codes(&grown.verdict(&crls, &[])), ["no-revocation-status"]);
    grown.anchors.push(next);
    assert_eq!(codes(&grown.verdict(&crls, &[])), [""; 0]);
}

#[test]
fn bci_under_the_next_key_of_the_brand_counts() {
    let tree = Tree::good();
    let spec = set_spec(&[Role::Bca], "Brand", "BCA", &key("next bca"), BOTH);
    let mut spec = under(spec, &tree.root);
    spec.serial = 12;
    let next = spec.sign(&key("root"));
    let mut bci = BciSpec::of(&tree);
    bci.extensions = CrlSpec::of(&next, "next bca").extensions[1..].to_vec();
    bci.signer = "next bca".to_owned();
    let crls = tree.crls().map(|spec| spec.sign());
    let grown = Grown::with(vec![next]);
    assert_eq!(codes(&grown.verdict(&crls, &[bci.sign()])), [""; 0]);
    let lacking = Grown::with(vec![]).verdict(&crls, &[bci.sign()]);
    assert_eq!(codes(&lacking), ["no-bci"]);
}
