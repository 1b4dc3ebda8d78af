//! Two services that keep CAs of one brand: what they send each other (spec `set-certificates.md`
//! §6.4).

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};
use e2e::{BRAND, Hierarchy, Service, openssl_with};

const CA_MESSAGE: &str = "application/x-setca-ca-message";

/// A service that keeps the brand CA, and one that keeps the payment-gateway CA.
fn two_services() -> (Hierarchy, Hierarchy) {
    let (bca, pca) = (Hierarchy::new(), Hierarchy::new());
    // Both are copies of one hierarchy.
    assert_eq!(bca.root_certificate(), pca.root_certificate());
    take_keys_away(&bca, "sample-pca");
    take_keys_away(&pca, "sample-bca");
    (bca, pca)
}

/// Removes the private keys of a CA from the data folder.
fn take_keys_away(hierarchy: &Hierarchy, ca: &str) {
    let shown = hierarchy.json(&["ca", "show", ca]);
    let certificates = shown["certificates"].as_array().expect("certificates").clone();
    assert!(certificates.len() >= 2, "{shown}");
    for certificate in certificates {
        let key = certificate["key"].as_str().expect("a key").to_owned();
        fs::remove_file(hierarchy.dir().join("keys").join(format!("{key}.p8"))).expect(&key);
    }
}

fn crl(service: &Service, ca: &str) -> Crl {
    Crl::from_der(&service.fetch(&format!("/crl/{ca}.crl")).body).unwrap()
}

fn bci(service: &Service) -> BrandCrlIdentifier {
    BrandCrlIdentifier::from_der(&service.fetch("/bci/Sample.der").body).unwrap()
}

/// Stands where another service should, keeps what is posted and answers `answer`.
fn stand_in(answer: &'static str) -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let posted = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut octets = Vec::new();
        let mut part = [0; 4096];
        loop {
            let count = stream.read(&mut part).unwrap();
            octets.extend_from_slice(&part[..count]);
            let text = String::from_utf8_lossy(&octets).to_lowercase();
            let Some(end) = octets.windows(4).position(|part| part == b"\r\n\r\n") else {
                continue;
            };
            let length = text.split("content-length:").nth(1).expect("a length");
            let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
            if octets.len() >= end + 4 + length {
                stream.write_all(answer.as_bytes()).unwrap();
                return octets.split_off(end + 4);
            }
        }
    });
    (url, posted)
}

#[test]
fn a_crl_goes_to_the_brand_ca_and_its_bci_comes_back() {
    let (bca, pca) = two_services();
    let _ = pca.run(&["crl", "issue", "sample-pca"]);
    let (bca_service, pca_service) = (bca.serve(), pca.serve());
    assert_eq!(crl(&bca_service, "sample-pca").number(), Some(1.into()));

    let url = bca_service.url();
    let told = pca.json(&["crl", "notify", "sample-pca", "--url", url]);
    assert_eq!(told["number"], 2, "{told}");
    assert_eq!(told["takenBy"], format!("{url}/set/ca"), "{told}");
    assert_eq!(crl(&bca_service, "sample-pca"), crl(&pca_service, "sample-pca"));

    // The service would do so within half a minute.
    let _ = bca.run(&["bci", "issue", BRAND]);
    let pca_name = Cert::from_der(&bca.der(&bca.issuer("sample-pca"))).unwrap();
    let listed = bci(&bca_service);
    assert_eq!(listed.unsigned().crl_number(pca_name.subject_der()), Some(2));
    assert!(bci(&pca_service).unsigned().sequence_num < listed.unsigned().sequence_num);
    let told = bca.json(&["bci", "distribute", BRAND, "--url", pca_service.url()]);
    assert_eq!(told["number"], listed.unsigned().sequence_num, "{told}");
    assert_eq!(bci(&pca_service), listed);

    // What is not new changes nothing, and is taken.
    let _ = pca.json(&["crl", "notify", "sample-pca", "--url", url]);
    let _ = bca.json(&["bci", "distribute", BRAND, "--url", pca_service.url()]);
    assert_eq!(bci(&pca_service), listed);
    // The stored CRL is the PCA's, as OpenSSL sees it.
    let file = bca.beside("taken.crl");
    fs::write(&file, bca_service.fetch("/crl/sample-pca.crl").body).unwrap();
    let line = "crl -inform DER -in {0} -noout -verify -crlnumber -CAfile {1}";
    let said = openssl_with(line, &[&file, &bca.issuer("sample-pca")]);
    assert!(said.code == 0 && said.all().contains("verify OK"), "{}", said.all());
}

#[test]
fn a_message_is_the_content_info_of_the_spec_to_openssl() {
    let hierarchy = Hierarchy::new();
    let (url, posted) = stand_in("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let outcome = hierarchy.try_run(&["crl", "notify", "sample-pca", "--url", &url]);
    assert!(outcome.failed(1).contains("does not take the message"), "{}", outcome.stderr);
    let file = hierarchy.beside("notification.der");
    fs::write(&file, posted.join().unwrap()).unwrap();
    let lines = openssl_with("asn1parse -inform DER -in {0}", &[&file]).done();
    let lines: Vec<&str> = lines.lines().map(|line| line.split("prim:").last().unwrap()).collect();
    let all = lines.join("\n");
    // ContentInfo, [0] EXPLICIT, SignedData of version 2, and the content of type 80.
    assert!(lines[0].contains("d=0") && lines[0].contains("SEQUENCE"), "{all}");
    assert!(lines[1].contains("pkcs7-signedData"), "{all}");
    assert!(lines[2].contains("d=1") && lines[2].contains("cont [ 0 ]"), "{all}");
    assert!(lines[3].contains("d=2") && lines[3].contains("SEQUENCE"), "{all}");
    assert!(lines[4].contains("INTEGER") && lines[4].ends_with(":02"), "{all}");
    assert!(all.contains("setct-CRLNotificationTBS"), "{all}");
    assert!(all.contains("GENERALIZEDTIME"), "{all}");
    // And field by field to ourselves.
    let shown = hierarchy.run(&["inspect", file.to_str().expect("a path")]);
    for field in ["PKCS#7 message between CAs", "crlThumbprint", "date: 20"] {
        assert!(shown.contains(field), "{shown}");
    }
}

#[test]
fn who_does_not_answer_as_a_ca_is_told_apart() {
    let hierarchy = Hierarchy::new();
    let distribute = |url: &str| hierarchy.try_run(&["bci", "distribute", BRAND, "--url", url]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    assert!(distribute(&url).failed(3).contains("is that service running?"));
    let (url, _posted) = stand_in("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    assert!(distribute(&url).failed(3).contains("answers HTTP 404"));
    let (url, _posted) = stand_in("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK");
    assert!(distribute(&url).failed(3).contains("has no answer"));
    assert!(distribute("ftp://somewhere").failed(2).contains("is no http URL"));
    // An acknowledgement that is none.
    let (url, _posted) = stand_in("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK");
    let outcome = hierarchy.try_run(&["crl", "notify", "sample-pca", "--url", &url]);
    assert!(outcome.failed(1).contains("is not to be believed"), "{}", outcome.stderr);
    let outcome = hierarchy.try_run(&["crl", "notify", "root", "--url", &url]);
    assert!(outcome.failed(1).contains("a rca sends no CRLNotification"), "{}", outcome.stderr);
}

/// The first line of the answer to a message of so many octets, none of which is sent.
fn announced(service: &Service, length: usize) -> String {
    let mut stream = service.connect();
    let head = format!(
        "POST /set/ca HTTP/1.1\r\nhost: x\r\ncontent-type: {CA_MESSAGE}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn anything_else_is_400_and_never_a_set_error() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for body in [&b"\x30\x00"[..], b"not DER", b"", &[0x30; 1000]] {
        let answer = service.post("/set/ca", CA_MESSAGE, body);
        let said = (answer.status, answer.header("content-type"));
        assert_eq!(said, (400, "application/problem+json"), "{body:?}");
    }
    assert_eq!(service.post("/set/ca", "application/set-registration", b"x").status, 415);
    assert_eq!(announced(&service, 4 * 1024 * 1024 + 1), "HTTP/1.1 413 Payload Too Large");
    assert_eq!(service.fetch("/set/ca").status, 405);
    assert_eq!(service.fetch("/healthz").status, 200);
}
