//! Answers spoilt on purpose: only of a hierarchy that is for tests, and never without saying so.

use std::fs;
use std::path::{Path, PathBuf};

use ca_core::wire::ocsp::{OcspRequest, OcspResponse};
use e2e::{Answer, Hierarchy, Service, openssl, openssl_with};

const REFUSED: i32 = 1;
const USAGE: i32 = 2;

#[test]
fn hierarchy_that_is_not_for_tests_is_never_spoilt() {
    let hierarchy = Hierarchy::new();
    let spoil = ["serve", "--listen", "127.0.0.1:0", "--chaos", "stale-crl"];
    let outcome = hierarchy.try_run(&spoil);
    let said = outcome.failed(REFUSED);
    assert!(said.contains("--chaos is not for ") && said.contains("setca init --test"), "{said}");

    // One edit of its settings is not enough: the root does not say so.
    let settings = hierarchy.dir().join("setca.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("policies =", "test = true\npolicies =")).unwrap();
    let outcome = hierarchy.try_run(&spoil);
    let said = outcome.failed(REFUSED);
    assert!(said.contains("its root does not say TEST"), "{said}");
}

#[test]
fn unknown_chaos_is_a_usage_error_that_names_the_known_ones() {
    let hierarchy = Hierarchy::for_tests();
    let outcome = hierarchy.try_run(&["serve", "--chaos", "clock=soon"]);
    assert_eq!(outcome.code, USAGE, "{}", outcome.all());
    assert!(outcome.stderr.contains("clock=+3600"), "{}", outcome.stderr);
}

#[test]
fn root_of_a_hierarchy_for_tests_says_so_in_its_name() {
    let hierarchy = Hierarchy::for_tests();
    let subject = openssl_with("x509 -in {0} -noout -subject", &[&hierarchy.root()]).done();
    assert!(subject.contains("O = TEST SET Root"), "{subject}");
    let service = hierarchy.serve();
    let metrics = String::from_utf8(service.fetch("/metrics").body).unwrap();
    assert!(!metrics.contains("setca_chaos"), "{metrics}");
    assert_eq!(service.fetch("/healthz").header("x-setca-chaos"), "");
}

#[test]
fn stale_crl_is_signed_by_its_ca_and_past_its_end() {
    let hierarchy = Hierarchy::for_tests();
    let service = hierarchy.serve_with(&["--chaos", "stale-crl"]);
    let answer = service.fetch("/crl/sample-bca.crl");
    is_marked(&answer, "stale-crl");
    let served = hierarchy.beside("stale.crl");
    fs::write(&served, &answer.body).unwrap();
    let issuer = hierarchy.issuer("sample-bca");
    let line = "crl -inform DER -in {0} -noout -verify -CAfile {1}";
    let said = openssl_with(line, &[&served, &issuer]);
    assert!(said.all().contains("verify OK"), "{}", said.all());
    let pem = hierarchy.beside("stale.pem");
    let _ = openssl_with("crl -inform DER -in {0} -out {1}", &[&served, &pem]).done();
    let line = "verify -ignore_critical -crl_check -CAfile {0} -untrusted {1} -CRLfile {2} {3}";
    let (chain, cca) = (hierarchy.chain("sample-cca"), hierarchy.issuer("sample-cca"));
    let said = openssl_with(line, &[&hierarchy.root(), &chain, &pem, &cca]);
    assert!(said.code != 0 && said.all().contains("CRL has expired"), "{}", said.all());
    says_so(&service, "stale-crl");
    // The root's key is not with the service: its CRL is the right one.
    assert_eq!(service.fetch("/crl/root.crl").header("x-setca-chaos"), "");
}

#[test]
fn wrong_shard_is_another_one_of_the_same_ca() {
    let hierarchy = Hierarchy::for_tests();
    hierarchy.change_policies(&[("[crl.cca]", "[crl.cca]\nshards = 2")]);
    let paths = ["/crl/sample-cca/2-0.crl", "/crl/sample-cca/2-1.crl"];
    let right = {
        let service = hierarchy.serve();
        paths.map(|path| service.fetch(path).body)
    };
    assert_ne!(right[0], right[1]);
    let service = hierarchy.serve_with(&["--chaos", "wrong-shard"]);
    for (path, other) in paths.iter().zip(right.iter().rev()) {
        let answer = service.fetch(path);
        is_marked(&answer, "wrong-shard");
        assert_eq!(&answer.body, other, "{path}");
    }
    says_so(&service, "wrong-shard");
}

#[test]
fn responder_asks_to_try_later() {
    let hierarchy = Hierarchy::for_tests();
    let service = hierarchy.serve_with(&["--chaos", "try-later"]);
    let said = ask(&hierarchy, &service);
    assert!(said.contains("trylater"), "{said}");
    let answer = service.post("/ocsp", "application/ocsp-request", b"anything");
    is_marked(&answer, "try-later");
    says_so(&service, "try-later");
}

#[test]
fn nonce_comes_back_wrong_under_a_good_signature() {
    let hierarchy = Hierarchy::for_tests();
    let service = hierarchy.serve_with(&["--chaos", "bad-nonce"]);
    let said = ask(&hierarchy, &service);
    assert!(said.contains("Nonce Verify error"), "{said}");
    let request = hierarchy.beside("request.der");
    for (how, mark) in [("-nonce", "bad-nonce"), ("-no_nonce", "")] {
        let line = "ocsp -issuer {0} -cert {1} -reqout {2}";
        let line = format!("{line} {how}");
        let (issuer, cca) = (hierarchy.issuer("sample-bca"), hierarchy.issuer("sample-cca"));
        let _ = openssl_with(&line, &[&issuer, &cca, &request]).done();
        let octets = fs::read(&request).unwrap();
        let posted = service.post("/ocsp", "application/ocsp-request", &octets);
        let text = openssl_with("base64 -A -in {0}", &[&request]).done();
        let text = text.trim().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let asked = OcspRequest::from_der(&octets).unwrap().nonce;
        for answer in [posted, service.fetch(&format!("/ocsp/{text}"))] {
            assert_eq!((answer.status, answer.header("x-setca-chaos")), (200, mark), "{how}");
            let said = OcspResponse::from_der(&answer.body).unwrap().basic.unwrap().nonce;
            assert_eq!((said.is_some(), said == asked), (asked.is_some(), asked.is_none()));
        }
    }
    says_so(&service, "bad-nonce");
}

#[test]
fn skewed_clock_shows_in_every_answer() {
    let hierarchy = Hierarchy::for_tests();
    let service = hierarchy.serve_with(&["--chaos", "clock=+86400,try-later"]);
    for path in ["/healthz", "/crl/sample-cca.crl", "/v1/cas", "/nothing"] {
        let marks: Vec<String> = marks(&service.fetch(path));
        assert_eq!(marks, ["clock=+86400"], "{path}");
    }
    let answer = service.post("/ocsp", "application/ocsp-request", b"anything");
    assert_eq!(marks(&answer), ["try-later", "clock=+86400"]);
    drop(service);
    let service = hierarchy.serve_with(&["--chaos", "clock=+86400"]);
    let said = ask(&hierarchy, &service);
    assert!(said.contains("status not yet valid"), "{said}");
    says_so(&service, "clock=+86400");
}

fn marks(answer: &Answer) -> Vec<String> {
    let values = answer.headers.get_all("x-setca-chaos").iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
}

fn is_marked(answer: &Answer, kind: &str) {
    assert_eq!((answer.status, answer.header("x-setca-chaos")), (200, kind));
}

/// In the log, in the metrics, in the status.
fn says_so(service: &Service, kind: &str) {
    let metrics = String::from_utf8(service.fetch("/metrics").body).unwrap();
    assert!(metrics.contains(&format!("setca_chaos{{kind=\"{kind}\"}} 1\n")), "{metrics}");
    let log = service.log();
    assert!(log.contains("CHAOS") && log.contains(kind), "{log}");
    let status = String::from_utf8(service.fetch("/v1/status").body).unwrap();
    assert!(status.contains(&format!("answers are spoilt: {kind}")), "{status}");
}

/// `openssl ocsp` about the CCA, with its nonce; whatever it says.
fn ask(hierarchy: &Hierarchy, service: &Service) -> String {
    let (issuer, cca) = (hierarchy.issuer("sample-bca"), hierarchy.issuer("sample-cca"));
    let (root, url): (PathBuf, String) = (hierarchy.root(), format!("{}/ocsp", service.url()));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let arguments = ["ocsp", "-issuer", &text(&issuer), "-cert", &text(&cca), "-url", &url];
    let trust = ["-CAfile", &text(&root), "-ignore_critical", "-nonce"];
    openssl(&[&arguments[..], &trust[..]].concat()).all()
}
