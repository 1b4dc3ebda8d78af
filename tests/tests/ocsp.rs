//! OCSP of the running service, as OpenSSL, GnuTLS, pkilint and caches see it. What `status.rs`
//! has, and the broken requests of `hostile.rs`, are not repeated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding as _};
use ca_core::wire::Cert;
use ca_core::wire::ocsp::{
    CertId, CertIdHash, CertStatus, OcspRequest, OcspResponse, ResponseStatus,
};
use e2e::http::{new_agent, post};
use e2e::{Answer, Hierarchy, Outcome, Service, openssl};

const OCSP_REQUEST: &str = "application/ocsp-request";

#[test]
fn openssl_asks_for_several_certificates_at_once_without_a_nonce() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let [cca, mca] = ["sample-cca", "sample-mca"].map(|ca| hierarchy.issuer(ca));
    let pca = format!("0x{}", serial(&hierarchy, "sample-pca"));
    let about = ["-no_nonce", "-cert", path(&cca), "-cert", path(&mca), "-serial", &pca];
    let strange = ["-serial", "0x123456789abcdef0"];
    let said = ask(&hierarchy, &service, &[&about[..], &strange].concat());
    assert!(said.contains("Response verify OK"), "{said}");
    for good in [path(&cca), path(&mca), &pca] {
        assert!(said.contains(&format!("{good}: good")), "{good}: {said}");
    }
    assert!(said.contains("0x123456789abcdef0: unknown"), "{said}");
}

#[test]
fn openssl_asks_by_sha_256() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let cca = hierarchy.issuer("sample-cca");
    let said = ask(&hierarchy, &service, &["-no_nonce", "-sha256", "-cert", path(&cca)]);
    assert!(said.contains("Response verify OK") && said.contains("pem: good"), "{said}");
}

#[test]
fn get_and_post_give_the_same_octets_with_the_headers_of_rfc_5019() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let request = OcspRequest { cert_ids: vec![id(&hierarchy, "sample-cca")], nonce: None };
    let request = request.to_der().unwrap();
    let posted = service.post("/ocsp", OCSP_REQUEST, &request);
    let target = get(&request);
    let got = service.fetch(&target);
    assert_eq!((got.status, &got.body), (200, &posted.body));
    let basic = OcspResponse::from_der(&got.body).unwrap().basic.unwrap();
    let [begin, end] = [basic.responses[0].this_update, basic.responses[0].next_update.unwrap()];
    // RFC 5019 §6.2: Last-Modified is producedAt, Expires nextUpdate, max-age ends before it.
    assert_eq!(got.header("content-type"), "application/ocsp-response");
    assert_eq!(got.header("content-length"), got.body.len().to_string());
    let cache = got.header("cache-control");
    let (age, rest) = cache.strip_prefix("max-age=").unwrap().split_once(", ").unwrap();
    assert_eq!(rest, "public, no-transform, must-revalidate");
    let life = end.as_secs() - begin.as_secs();
    assert!((life - 60..life).contains(&age.parse().unwrap()), "{age} of {life}");
    let [date, modified, expires] =
        ["date", "last-modified", "expires"].map(|name| seconds(got.header(name)));
    assert_eq!((modified, expires), (begin.as_secs(), end.as_secs()));
    assert!(date >= modified && date < modified + 60);

    for (name, value) in [
        ("if-none-match", got.header("etag")),
        ("if-none-match", "*"),
        ("if-modified-since", got.header("last-modified")),
    ] {
        let again = service.fetch_with(&target, name, value);
        assert_eq!((again.status, again.body.len()), (304, 0), "{name}: {value}");
        assert_eq!(again.header("etag"), got.header("etag"));
        assert_ne!(again.header("cache-control"), "");
    }
    let other = service.fetch_with(&target, "if-none-match", "\"another\"");
    assert_eq!((other.status, other.body), (200, got.body));
}

#[test]
fn every_responder_key_of_the_profile_is_accepted_by_openssl_gnutls_and_pkilint() {
    let hierarchy = Hierarchy::new();
    accepted_by_all(&hierarchy, "ecdsa-with-SHA256");
    for (kind, signature) in
        [("ec-p384", "ecdsa-with-SHA384"), ("ed25519", "ED25519"), ("rsa-3072", "sha256With")]
    {
        let other = Hierarchy::new();
        other.change_policies(&[(
            KEYS,
            &format!("key_algorithms = [\"{kind}\"]\nvalidity_days = 90"),
        )]);
        let _ = other.run(&["ca", "rollover", "sample-bca", "--key-use", "ocsp-signing"]);
        accepted_by_all(&other, signature);
    }
}

/// `key_algorithms` of `policies/profiles/modern/ocsp.toml`.
const KEYS: &str =
    "key_algorithms = [\"ec-p256\", \"ec-p384\", \"ed25519\", \"rsa-3072\"]\nvalidity_days = 90";

/// One good and one revoked certificate of the brand CA, with this signature algorithm.
fn accepted_by_all(hierarchy: &Hierarchy, signature: &str) {
    let mca = serial(hierarchy, "sample-mca");
    let _ = hierarchy.run(&["cert", "revoke", &mca, "--reason", "superseded"]);
    let service = hierarchy.serve();
    for (ca, status) in [("sample-cca", "good"), ("sample-mca", "revoked")] {
        let file = hierarchy.issuer(ca);
        let said = ask(hierarchy, &service, &["-cert", path(&file), "-text"]);
        assert!(said.contains("Response verify OK"), "{said}");
        assert!(said.contains(&format!("pem: {status}")), "{said}");
        assert!(said.contains(&format!("Signature Algorithm: {signature}")), "{said}");
        gnutls(hierarchy, &service, ca, status);
        let request = OcspRequest { cert_ids: vec![id(hierarchy, ca)], nonce: None };
        let answer = service.post("/ocsp", OCSP_REQUEST, &request.to_der().unwrap());
        let answered = hierarchy.beside("answer.der");
        fs::write(&answered, &answer.body).unwrap();
        assert_eq!(errors_of_pkilint(&answered), Vec::<String>::new(), "{ca}, {signature}");
    }
}

/// GnuTLS asks with a nonce. It is given the responder's certificate: it would not take one from
/// the brand CA, because it does not know SET's critical extensions and cannot be told to pass
/// them.
fn gnutls(hierarchy: &Hierarchy, service: &Service, ca: &str, status: &str) {
    let (issuer, certificate) = (hierarchy.issuer("sample-bca"), hierarchy.issuer(ca));
    let responder = hierarchy.beside("responder.pem");
    let export = ["ca", "export", "sample-bca", "--single", "--key-use", "ocsp-signing"];
    fs::write(&responder, hierarchy.run(&export)).unwrap();
    let url = format!("--ask={}/ocsp", service.url());
    let mut command = Command::new("ocsptool");
    command.args([&url, "--nonce", "--load-issuer", path(&issuer), "--load-cert"]);
    let said = Outcome::of(command.args([path(&certificate), "--load-signer", path(&responder)]));
    let said = said.all();
    assert!(said.contains("Verifying OCSP Response: Success"), "{said}");
    assert!(said.contains(&format!("Certificate Status: {status}")), "{said}");
}

/// What DigiCert's linter calls an error or worse.
fn errors_of_pkilint(answer: &Path) -> Vec<String> {
    let test = std::env::current_exe().unwrap();
    let linter = test.ancestors().nth(3).unwrap().join("pkilint-venv/bin/lint_ocsp_response");
    assert!(linter.exists(), "{}: tests/run installs pkilint", linter.display());
    let mut command = Command::new(linter);
    let arguments = ["lint", "-s", "ERROR", "-f", "JSON"];
    let report = Outcome::of(command.args(arguments).arg(answer)).json();
    let results = report["results"].as_array().expect("a list of results").iter();
    let findings = results.flat_map(|result| result["finding_descriptions"].as_array().unwrap());
    findings.map(|finding| finding.to_string()).collect()
}

#[test]
fn odd_requests_get_the_right_status_within_a_second() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let good = id(&hierarchy, "sample-cca");
    let with = |cert_ids: Vec<CertId>, nonce| OcspRequest { cert_ids, nonce }.to_der().unwrap();
    let one = |nonce| with(vec![good.clone()], nonce);
    let strange = strange_digest(&one(None));
    use ResponseStatus::{MalformedRequest, Successful, Unauthorized};
    for (what, octets, expected) in [
        ("nothing", Vec::new(), MalformedRequest),
        ("nonce of 0 octets", one(Some(Vec::new())), MalformedRequest),
        ("nonce of 200 octets", one(Some(vec![7; 200])), MalformedRequest),
        ("nonce of 128 octets", one(Some(vec![7; 128])), Successful),
        ("unknown digest", strange, Unauthorized),
        ("nobody", with(Vec::new(), None), MalformedRequest),
        ("64 times the same", with(vec![good.clone(); 64], None), Successful),
        ("65 certificates", with(vec![good.clone(); 65], None), MalformedRequest),
        ("64 KiB of zeros", vec![0; 64 * 1024], MalformedRequest),
    ] {
        let begun = Instant::now();
        let answer = service.post("/ocsp", OCSP_REQUEST, &octets);
        assert!(begun.elapsed() < Duration::from_secs(1), "{what}: {:?}", begun.elapsed());
        let read = OcspResponse::from_der(&answer.body).unwrap();
        assert_eq!((answer.status, read.status), (200, expected), "{what}");
        let Some(basic) = read.basic else {
            assert_eq!(answer.header("cache-control"), "no-store", "{what}");
            continue;
        };
        let asked = OcspRequest::from_der(&octets).unwrap();
        assert_eq!((basic.nonce, basic.responses.len()), (asked.nonce, asked.cert_ids.len()));
        assert!(basic.responses.iter().all(|one| one.status == CertStatus::Good), "{what}");
    }
}

#[test]
fn revocation_by_another_process_is_never_called_good_though_the_answer_is_cached() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let request = OcspRequest { cert_ids: vec![id(&hierarchy, "sample-mca")], nonce: None };
    let request = request.to_der().unwrap();
    let ask = || status(&service.post("/ocsp", OCSP_REQUEST, &request));
    for _ in 0..50 {
        assert_eq!(ask(), Some(CertStatus::Good));
    }
    let serial = serial(&hierarchy, "sample-mca");
    let _ = hierarchy.run(&["cert", "revoke", &serial, "--reason", "cACompromise"]);
    // The command has ended: from now on, not within a second.
    for number in 0..50 {
        assert!(matches!(ask(), Some(CertStatus::Revoked(_))), "{number}");
        assert!(matches!(status(&service.fetch(&get(&request))), Some(CertStatus::Revoked(_))));
    }
}

#[test]
fn more_than_an_rsa_key_can_sign_hears_try_later_soon() {
    let hierarchy = Hierarchy::new();
    hierarchy.change_policies(&[(KEYS, "key_algorithms = [\"rsa-3072\"]\nvalidity_days = 90")]);
    let _ = hierarchy.run(&["ca", "rollover", "sample-bca", "--key-use", "ocsp-signing"]);
    let service = hierarchy.serve();
    let id = id(&hierarchy, "sample-cca");
    let url = format!("{}/ocsp", service.url());
    let ask = |number: u8| {
        let request = OcspRequest { cert_ids: vec![id.clone()], nonce: Some(vec![number; 16]) };
        let begun = Instant::now();
        let answer = post(&new_agent(), &url, OCSP_REQUEST, &request.to_der().unwrap()).unwrap();
        let read = OcspResponse::from_der(&answer.body).unwrap();
        (read.status, begun.elapsed())
    };
    let ask = &ask;
    let heard: Vec<(ResponseStatus, Duration)> = thread::scope(|scope| {
        let asking: Vec<_> = (0..200).map(|number| scope.spawn(move || ask(number))).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for (status, time) in &heard {
        let fit = [ResponseStatus::Successful, ResponseStatus::TryLater].contains(status);
        assert!(fit && *time < Duration::from_secs(10), "{status:?} after {time:?}");
    }
    assert!(heard.iter().filter(|(status, _)| *status == ResponseStatus::Successful).count() >= 64);
    assert_eq!(ask(200).0, ResponseStatus::Successful, "it has recovered");
}

/// `openssl ocsp` about certificates of the brand CA.
fn ask(hierarchy: &Hierarchy, service: &Service, about: &[&str]) -> String {
    let (issuer, root) = (hierarchy.issuer("sample-bca"), hierarchy.root());
    let url = format!("{}/ocsp", service.url());
    // The digest of a CertID must stand before the certificates it is for.
    let (digest, about): (Vec<&str>, Vec<&str>) =
        about.iter().partition(|word| **word == "-sha256");
    let start = ["ocsp", "-issuer", path(&issuer), "-url", &url, "-CAfile", path(&root)];
    let arguments = [&start[..], &["-ignore_critical"], &digest, &about].concat();
    let outcome = openssl(&arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    outcome.all()
}

fn status(answer: &Answer) -> Option<CertStatus> {
    let basic = OcspResponse::from_der(&answer.body).ok()?.basic?;
    Some(basic.responses.first()?.status)
}

/// The CertID of a CA's certificate under the brand CA, by SHA-1.
fn id(hierarchy: &Hierarchy, ca: &str) -> CertId {
    let read = |ca| Cert::from_der(&hierarchy.der(&hierarchy.issuer(ca))).unwrap();
    CertId::of(CertIdHash::Sha1, &read("sample-bca"), read(ca).serial()).unwrap()
}

/// SHA-1 becomes 1.3.14.3.2.27, which is nobody's digest here.
fn strange_digest(request: &[u8]) -> Vec<u8> {
    const SHA_1: [u8; 7] = [0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a];
    let at = request.windows(SHA_1.len()).position(|window| window == SHA_1).unwrap();
    let mut strange = request.to_vec();
    strange[at + SHA_1.len() - 1] = 0x1b;
    strange
}

/// The target of a GET (RFC 6960 appendix A.1).
fn get(request: &[u8]) -> String {
    let text = Base64::encode_string(request);
    let encoded = text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("/ocsp/{encoded}")
}

fn serial(hierarchy: &Hierarchy, ca: &str) -> String {
    let pem: PathBuf = hierarchy.issuer(ca);
    let said = openssl(&["x509", "-in", path(&pem), "-noout", "-serial"]).done();
    said.trim().trim_start_matches("serial=").to_lowercase()
}

/// An HTTP date in seconds since 1970, as date(1) reads it.
fn seconds(date: &str) -> u64 {
    let said = Outcome::of(Command::new("date").args(["-u", "+%s", "-d", date])).done();
    said.trim().parse().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
