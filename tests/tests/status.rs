//! Certificate status over HTTP, as OpenSSL and caches see it.

use std::fs;
use std::path::{Path, PathBuf};

use ca_core::wire::Cert;
use ca_core::wire::ocsp::{CertId, CertIdHash, OcspRequest};
use e2e::{Hierarchy, Service, openssl, openssl_with, soon};

const CAS: [&str; 5] = ["root", "sample-bca", "sample-cca", "sample-mca", "sample-pca"];

#[test]
fn crl_of_every_ca_is_served_cacheable_and_read_by_openssl() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for ca in CAS {
        let answer = service.fetch(&format!("/crl/{ca}.crl"));
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/pkix-crl"));
        let cache = answer.header("cache-control");
        assert!(cache.contains("public") && cache.contains("max-age="), "{cache}");
        for name in ["etag", "expires", "last-modified"] {
            assert_ne!(answer.header(name), "", "{ca}: no {name}");
        }
        let file = hierarchy.beside("served.crl");
        fs::write(&file, &answer.body).unwrap();
        let issuer = hierarchy.issuer(ca);
        let line = "crl -inform DER -in {0} -noout -verify -crlnumber -CAfile {1}";
        let said = openssl_with(line, &[&file, &issuer]);
        assert!(said.code == 0 && said.all().contains("verify OK"), "{ca}: {}", said.all());
        assert!(
            said.stdout.contains("crlNumber=0x01") || said.stdout.contains("crlNumber=01"),
            "{}",
            said.stdout
        );
    }
}

#[test]
fn object_the_client_has_already_is_not_sent_again() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for path in ["/crl/sample-cca.crl", "/bci/Sample.der"] {
        let first = service.fetch(path);
        let again = service.fetch_with(path, "if-none-match", first.header("etag"));
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), first.header("etag"));
        let other = service.fetch_with(path, "if-none-match", "\"another\"");
        assert_eq!((other.status, other.body == first.body), (200, true), "{path}");
        let since = service.fetch_with(path, "if-modified-since", first.header("last-modified"));
        assert_eq!(since.status, 304, "{path}");
    }
}

#[test]
fn issuer_certificates_and_brand_lists_have_their_media_types() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for ca in CAS {
        let answer = service.fetch(&format!("/ca/{ca}.cer"));
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/pkix-cert"));
        assert_eq!(answer.body, hierarchy.der(&hierarchy.issuer(ca)), "{ca}");
    }
    let bci = service.fetch("/bci/Sample.der");
    assert_eq!((bci.status, bci.header("content-type")), (200, "application/x-setca-bci"));
    for path in
        ["/ca/nobody.cer", "/crl/nobody.crl", "/bci/Nobody.der", "/crl/sample-cca", "/nothing"]
    {
        let answer = service.fetch(path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json")
        );
    }
}

#[test]
fn service_says_that_it_lives_and_is_ready() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let service = hierarchy.serve();
    let healthy: serde_json::Value =
        serde_json::from_slice(&service.fetch("/healthz").body).unwrap();
    assert_eq!(healthy["status"], "ok");
    let ready = service.fetch("/readyz");
    let reasons: serde_json::Value = serde_json::from_slice(&ready.body).unwrap();
    assert_eq!((ready.status, &reasons["ready"]), (200, &true.into()), "{reasons}");
}

#[test]
fn openssl_verifies_the_responder_of_every_issuer() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for (issuer, subject) in [("root", "sample-bca"), ("sample-bca", "sample-cca")] {
        let said = ask(&hierarchy, &service, issuer, &["-cert", path(&hierarchy.issuer(subject))]);
        assert!(said.contains("Response verify OK"), "{said}");
        assert!(said.contains("pem: good"), "{said}");
    }
}

#[test]
fn nonce_comes_back_and_an_answer_without_one_may_be_cached() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let certificate = hierarchy.issuer("sample-cca");
    let with = ask(&hierarchy, &service, "sample-bca", &["-cert", path(&certificate), "-text"]);
    let nonces: Vec<&str> = with
        .lines()
        .skip_while(|line| !line.contains("OCSP Nonce"))
        .filter(|line| line.trim_start().starts_with("0410"))
        .collect();
    assert_eq!(nonces.len(), 2, "request and answer: {with}");
    assert_eq!(nonces[0], nonces[1]);
    assert!(!with.contains("WARNING"), "{with}");

    let request = request(&hierarchy, None);
    let answer = service.post("/ocsp", "application/ocsp-request", &request);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/ocsp-response"));
    assert!(answer.header("cache-control").contains("max-age="));
    let asked = self::request(&hierarchy, Some(vec![7; 16]));
    let answer = service.post("/ocsp", "application/ocsp-request", &asked);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[test]
fn get_with_base64_is_answered_as_post_is() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let file = hierarchy.beside("request.der");
    fs::write(&file, request(&hierarchy, None)).unwrap();
    let text = openssl_with("base64 -A -in {0}", &[&file]).done();
    // RFC 6960 §A.1: URL-encoded; many clients leave the slashes as they are.
    let encoded = text.trim().replace('+', "%2B").replace('=', "%3D");
    for form in [encoded.replace('/', "%2F"), encoded] {
        let answer = service.fetch(&format!("/ocsp/{form}"));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "application/ocsp-response")
        );
        let answered = hierarchy.beside("answer.der");
        fs::write(&answered, &answer.body).unwrap();
        let line = "ocsp -respin {0} -issuer {1} -cert {2} -CAfile {3} -ignore_critical -no_nonce";
        let issuer = hierarchy.issuer("sample-bca");
        let subject = hierarchy.issuer("sample-cca");
        let said = openssl_with(line, &[&answered, &issuer, &subject, &hierarchy.root()]);
        assert!(said.all().contains("sample-cca.pem: good"), "{}", said.all());
    }
}

#[test]
fn serial_that_was_never_issued_is_unknown_not_good() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let said = ask(&hierarchy, &service, "sample-bca", &["-serial", "0x123456789abcdef0"]);
    assert!(said.contains("Response verify OK"), "{said}");
    assert!(said.contains("0x123456789abcdef0: unknown"), "{said}");
}

#[test]
fn setca_asks_its_own_responder() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let (certificate, issuer) = (hierarchy.issuer("sample-cca"), hierarchy.issuer("sample-bca"));
    let url = format!("{}/ocsp", service.url());
    for how in [&[][..], &["--get"]] {
        let command =
            ["ocsp", "query", path(&certificate), "--issuer", path(&issuer), "--url", &url];
        let said = hierarchy.run(&[&command, how].concat());
        assert!(said.starts_with("GOOD"), "{said}");
    }
}

#[test]
fn crl_issued_by_another_process_is_served_at_once_with_a_higher_number() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for number in 2..5 {
        let issued = hierarchy.json(&["crl", "issue", "sample-cca"]);
        assert_eq!(issued["published"][0]["number"], number);
        let file = hierarchy.beside("served.crl");
        fs::write(&file, service.fetch("/crl/sample-cca.crl").body).unwrap();
        let said = openssl_with("crl -inform DER -in {0} -noout -crlnumber", &[&file]).done();
        assert!(said.trim().ends_with(&format!("0{number}")), "{said}");
    }
    let shown = hierarchy.json(&["crl", "show", "sample-cca"]);
    assert_eq!(shown["number"], 4);
}

#[test]
fn revocation_by_another_process_shows_in_crl_and_bci_at_once_and_in_ocsp_within_a_second() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let bci_before = service.fetch("/bci/Sample.der").body;
    let serial = hierarchy.json(&["ca", "show", "sample-mca"])["certificates"][0]["certificate"]
        ["serialNumber"]
        .as_str()
        .map_or_else(|| serial_of(&hierarchy, "sample-mca"), str::to_owned);
    // The service knows it as good before: what it says after was not read for the first time.
    let certificate = hierarchy.issuer("sample-mca");
    let ocsp = ask(&hierarchy, &service, "sample-bca", &["-cert", path(&certificate)]);
    assert!(ocsp.contains("good"), "{ocsp}");
    let said = hierarchy.json(&["cert", "revoke", &serial, "--reason", "cessationOfOperation"]);
    assert_eq!(said["state"], "revoked", "{said}");
    assert_eq!(said["published"].as_array().map(Vec::len), Some(2), "CRL and BCI: {said}");

    let file = hierarchy.beside("served.crl");
    fs::write(&file, service.fetch("/crl/sample-bca.crl").body).unwrap();
    let crl = openssl_with("crl -inform DER -in {0} -noout -text", &[&file]).done();
    assert!(crl.contains(&serial.to_uppercase()), "{crl}");
    assert!(crl.contains("Cessation Of Operation"), "{crl}");
    assert_ne!(service.fetch("/bci/Sample.der").body, bci_before);
    let ocsp = soon(": revoked", || {
        ask(&hierarchy, &service, "sample-bca", &["-cert", path(&certificate)])
    });
    assert!(ocsp.contains(": revoked") && ocsp.contains("cessationOfOperation"), "{ocsp}");

    let line = "verify -x509_strict -ignore_critical -crl_check_all -CAfile {0} -untrusted {1} \
                -CRLfile {2} -CRLfile {3} {4}";
    let (chain, root_crl, crl) =
        (hierarchy.chain("sample-mca"), hierarchy.crl("root"), hierarchy.crl("sample-bca"));
    let verified = openssl_with(line, &[&hierarchy.root(), &chain, &root_crl, &crl, &certificate]);
    assert!(verified.code != 0 && verified.all().contains("revoked"), "{}", verified.all());
}

/// `openssl ocsp` against the service, with its usual nonce.
fn ask(hierarchy: &Hierarchy, service: &Service, issuer: &str, about: &[&str]) -> String {
    let issuer = hierarchy.issuer(issuer);
    let url = format!("{}/ocsp", service.url());
    let root = hierarchy.root();
    let start = ["ocsp", "-issuer", path(&issuer), "-url", &url, "-CAfile", path(&root)];
    let outcome = openssl(&[&start[..], &["-ignore_critical"], about].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    outcome.all()
}

/// An OCSP request about the certificate of the CCA.
fn request(hierarchy: &Hierarchy, nonce: Option<Vec<u8>>) -> Vec<u8> {
    let read = |ca| Cert::from_der(&hierarchy.der(&hierarchy.issuer(ca))).unwrap();
    let (issuer, subject) = (read("sample-bca"), read("sample-cca"));
    let id = CertId::of(CertIdHash::Sha1, &issuer, subject.serial()).unwrap();
    OcspRequest { cert_ids: vec![id], nonce }.to_der().unwrap()
}

fn serial_of(hierarchy: &Hierarchy, ca: &str) -> String {
    let pem: PathBuf = hierarchy.issuer(ca);
    let said = openssl_with("x509 -in {0} -noout -serial", &[&pem]).done();
    said.trim().trim_start_matches("serial=").to_lowercase()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
