//! Deltas and shards as OpenSSL, GnuTLS and pkilint read them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Cardholder, Hierarchy, Outcome, Service, openssl, openssl_with, serial};

use crate::pkilint::{lint, linter};

/// Shards for the CCA, deltas for the MCA.
fn divided() -> Hierarchy {
    let hierarchy = Hierarchy::new();
    hierarchy.change_policies(&[
        ("[crl.cca]\n", "[crl.cca]\nshards = 4\n"),
        ("[crl.mca]\n", "[crl.mca]\ndelta_hours = 24\n"),
    ]);
    for (ca, made) in [("sample-cca", 1 + 4 + 1), ("sample-mca", 1 + 1 + 1)] {
        let issued = hierarchy.json(&["crl", "issue", ca]);
        assert_eq!(issued["published"].as_array().map(Vec::len), Some(made), "{issued}");
    }
    hierarchy
}

/// A list that the service hands out, as a PEM file.
fn fetched(hierarchy: &Hierarchy, service: &Service, path: &str, name: &str) -> PathBuf {
    let answer = service.fetch(path);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/pkix-crl"));
    assert!(answer.header("cache-control").contains("max-age="), "{path}");
    let (der, pem) = (hierarchy.beside("fetched.der"), hierarchy.beside(name));
    fs::write(&der, answer.body).unwrap();
    let _ = openssl_with("crl -inform DER -in {0} -out {1}", &[&der, &pem]).done();
    pem
}

/// A merchant's folder: two certificates of the MCA.
fn merchant(hierarchy: &Hierarchy, service: &Service) -> PathBuf {
    let out = hierarchy.beside("shop");
    let mut command = hierarchy.command(&["register", "merchant", "--accept-policy"]);
    command.args(["--bin", "490000", "--merchant-id", "SHOP-1", "--account", "DE02"]);
    command.args(["--url", service.url(), "--brand", "Sample", "--key", "ec-p256"]);
    command.args(["--answer", "Name of the shop=Daves Shop", "--answer", "City=Springfield"]);
    let outcome = Outcome::of(command.arg("--trust").arg(hierarchy.root()).arg("--out").arg(&out));
    let _ = outcome.done();
    out
}

/// `openssl verify` of a certificate below `ca` with the complete CRLs above it and `lists`.
fn verify(hierarchy: &Hierarchy, ca: &str, certificate: &Path, lists: &[&PathBuf]) -> Outcome {
    let options = ["verify", "-x509_strict", "-ignore_critical", "-crl_check_all"];
    let mut words: Vec<PathBuf> = options.map(PathBuf::from).to_vec();
    words.extend(["-use_deltas", "-extended_crl", "-CAfile"].map(PathBuf::from));
    words.extend([hierarchy.root(), "-untrusted".into(), hierarchy.chain(ca)]);
    let above = [hierarchy.crl("root"), hierarchy.crl("sample-bca")];
    for list in above.iter().chain(lists.iter().copied()) {
        words.extend(["-CRLfile".into(), list.clone()]);
    }
    words.push(certificate.to_owned());
    openssl(&words)
}

/// What an extension of a certificate or CRL says, as OpenSSL prints it, in one line.
fn said(text: &str, extension: &str) -> String {
    let mut lines = text.lines().skip_while(|line| !line.contains(extension));
    let after = lines.by_ref().take(4).map(str::trim).collect::<Vec<_>>();
    after.join(" ")
}

/// The path of the first URL of an extension, whatever the place of the service.
fn path_in(text: &str, extension: &str) -> String {
    let said = said(text, extension);
    let url = said.split("URI:http://").nth(1).unwrap_or_else(|| panic!("no URI in {text}"));
    let url = url.split_whitespace().next().unwrap();
    url[url.find('/').unwrap()..].to_owned()
}

fn certificate_text(certificate: &Path) -> String {
    openssl_with("x509 -in {0} -noout -text", &[certificate]).done()
}

fn crl_text(list: &Path) -> String {
    openssl_with("crl -in {0} -noout -text", &[list]).done()
}

#[test]
fn openssl_finds_a_revocation_that_only_the_delta_knows() {
    let hierarchy = divided();
    let service = hierarchy.serve();
    let shop = merchant(&hierarchy, &service);
    let [good, bad] = ["encryption-certificate.pem", "certificate.pem"].map(|name| shop.join(name));
    let delta_path = path_in(&certificate_text(&bad), "Freshest CRL");
    assert_eq!(delta_path, "/crl/sample-mca/delta.crl");
    let complete = fetched(&hierarchy, &service, "/crl/sample-mca.crl", "complete.pem");
    let text = crl_text(&complete);
    assert_eq!(path_in(&text, "Freshest CRL"), delta_path);
    let empty = fetched(&hierarchy, &service, &delta_path, "empty.pem");
    assert_eq!(verify(&hierarchy, "sample-mca", &bad, &[&complete, &empty]).code, 0);

    let revoke = ["cert", "revoke", &serial(&bad), "--reason", "keyCompromise"];
    let revoked = hierarchy.json(&revoke);
    let lists: Vec<_> =
        revoked["published"].as_array().unwrap().iter().map(|list| list["list"].clone()).collect();
    assert_eq!(lists, ["CRL", "delta CRL", "BCI"]);
    let delta = fetched(&hierarchy, &service, &delta_path, "delta.pem");
    let text = crl_text(&delta);
    assert!(said(&text, "Delta CRL Indicator").contains("critical"), "{text}");
    assert!(text.contains(&serial(&bad).to_uppercase()) && text.contains("Key Compromise"));

    assert_eq!(verify(&hierarchy, "sample-mca", &bad, &[&complete]).code, 0, "older than it");
    let judged = verify(&hierarchy, "sample-mca", &bad, &[&complete, &delta]);
    assert!(judged.code != 0 && judged.all().contains("certificate revoked"), "{}", judged.all());
    let judged = verify(&hierarchy, "sample-mca", &good, &[&complete, &delta]);
    assert_eq!(judged.code, 0, "{}", judged.all());
    let alone = verify(&hierarchy, "sample-mca", &good, &[&delta]);
    assert!(alone.all().contains("unable to get certificate CRL"), "{}", alone.all());
}

#[test]
fn hold_released_is_taken_back_by_the_delta() {
    let hierarchy = divided();
    let service = hierarchy.serve();
    let shop = merchant(&hierarchy, &service);
    let held = shop.join("certificate.pem");
    let serial = serial(&held);
    let _ = hierarchy.json(&["cert", "revoke", &serial, "--reason", "certificateHold"]);
    let complete = fetched(&hierarchy, &service, "/crl/sample-mca.crl", "complete.pem");
    let judged = verify(&hierarchy, "sample-mca", &held, &[&complete]);
    assert!(judged.all().contains("certificate revoked"), "{}", judged.all());
    let _ = hierarchy.json(&["cert", "release", &serial]);
    let delta = fetched(&hierarchy, &service, "/crl/sample-mca/delta.crl", "delta.pem");
    assert!(crl_text(&delta).contains("Remove From CRL"), "{}", crl_text(&delta));
    let judged = verify(&hierarchy, "sample-mca", &held, &[&complete, &delta]);
    assert_eq!(judged.code, 0, "{}", judged.all());
    let shown = hierarchy.json(&["crl", "show", "sample-mca", "--delta"]);
    assert_eq!(shown["revoked"][0]["reason"], "removeFromCRL");
}

#[test]
fn openssl_judges_by_the_shard_that_the_certificate_names() {
    let hierarchy = divided();
    let service = hierarchy.serve();
    let certificate = Cardholder::new(&hierarchy, &service).registered().join("certificate.pem");
    let path = path_in(&certificate_text(&certificate), "CRL Distribution Points");
    let shard = path.strip_prefix("/crl/sample-cca/4-").unwrap().strip_suffix(".crl").unwrap();
    let own = fetched(&hierarchy, &service, &path, "own.pem");
    let text = crl_text(&own);
    assert!(said(&text, "Issuing Distribution Point").contains("critical"), "{text}");
    assert_eq!(path_in(&text, "Issuing Distribution Point"), path);
    let judged = verify(&hierarchy, "sample-cca", &certificate, &[&own]);
    assert_eq!(judged.code, 0, "{}", judged.all());
    let other = (shard.parse::<u16>().unwrap() + 1) % 4;
    let other_path = format!("/crl/sample-cca/4-{other}.crl");
    let other = fetched(&hierarchy, &service, &other_path, "other.pem");
    let judged = verify(&hierarchy, "sample-cca", &certificate, &[&other]);
    assert!(judged.code != 0, "{}", judged.all());

    let since = ["--invalid-since", "2026-01-02T03:04:05Z"];
    let revoke = ["cert", "revoke", &serial(&certificate), "--reason", "keyCompromise"];
    let _ = hierarchy.json(&[&revoke[..], &since].concat());
    let before = fs::read(&other).unwrap();
    let other = fetched(&hierarchy, &service, &other_path, "other.pem");
    assert!(fs::read(&other).unwrap() == before, "another shard is not signed anew");
    let own = fetched(&hierarchy, &service, &path, "own.pem");
    let judged = verify(&hierarchy, "sample-cca", &certificate, &[&own]);
    assert!(judged.all().contains("certificate revoked"), "{}", judged.all());
    let complete = fetched(&hierarchy, &service, "/crl/sample-cca.crl", "complete.pem");
    let judged = verify(&hierarchy, "sample-cca", &certificate, &[&complete]);
    assert!(judged.all().contains("certificate revoked"), "{}", judged.all());

    let shard = format!("4-{shard}");
    let shown = hierarchy.json(&["crl", "show", "sample-cca", "--shard", &shard]);
    assert_eq!(shown["revoked"][0]["invalidityDate"], since[1]);
    let text = hierarchy.run(&["crl", "show", "sample-cca", "--shard", &shard]);
    assert!(text.contains("issuingDistributionPoint") && text.contains(&path), "{text}");
    let missing = hierarchy.try_run(&["crl", "show", "sample-cca", "--shard", "5-0"]);
    assert!(missing.failed(1).contains("no shard 5-0"), "{}", missing.all());
    let wrong = hierarchy.try_run(&["crl", "show", "sample-cca", "--shard", "4-4"]);
    assert_eq!(wrong.code, 2, "{}", wrong.all());
}

#[test]
fn gnutls_and_pkilint_accept_every_kind_of_list() {
    let hierarchy = divided();
    let service = hierarchy.serve();
    let certificate = Cardholder::new(&hierarchy, &service).registered().join("certificate.pem");
    let shop = merchant(&hierarchy, &service);
    for (certificate, reason) in [
        (&certificate, "keyCompromise"),
        (&shop.join("certificate.pem"), "superseded"),
        (&shop.join("encryption-certificate.pem"), "certificateHold"),
    ] {
        let since = ["--invalid-since", "2026-01-02T03:04:05Z"];
        let revoke = ["cert", "revoke", &serial(certificate), "--reason", reason];
        let _ = hierarchy.json(&[&revoke[..], &since].concat());
    }
    let held = serial(&shop.join("encryption-certificate.pem"));
    let lint_crl = linter("lint_crl");
    let shard = path_in(&certificate_text(&certificate), "CRL Distribution Points");
    let judge = |path: &str, kind: &str, revoked: usize| {
        let list = fetched(&hierarchy, &service, path, "list.pem");
        let mut command = Command::new("certtool");
        let read = Outcome::of(command.args(["--crl-info", "--infile"]).arg(&list)).done();
        let expected = match revoked {
            0 => "No revoked certificates".to_owned(),
            count => format!("Revoked certificates ({count})"),
        };
        assert!(read.contains(&expected), "{path}: {read}");
        let found = lint(&lint_crl, &["-p", "PKIX", "-t", kind], &[&list]);
        assert_eq!(found, Vec::<String>::new(), "{path}");
    };
    judge("/crl/sample-cca.crl", "CRL", 1);
    judge(&shard, "CRL", 1);
    judge("/crl/sample-mca.crl", "CRL", 2);
    judge("/crl/sample-mca/delta.crl", "CRL", 2);
    let _ = hierarchy.json(&["cert", "release", &held]);
    judge("/crl/sample-mca/delta.crl", "CRL", 2);
    judge("/crl/sample-bca.crl", "ARL", 0);
}
