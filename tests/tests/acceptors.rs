//! Merchants and payment gateways over HTTP with the real binary: registered, renewed, kept
//! waiting, interrupted.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use e2e::{Hierarchy, Outcome, Service, files, openssl_with, serial};

/// Refused, or not decided yet.
const REFUSED: i32 = 1;
/// The command line asks for something that cannot be meant.
const USAGE: i32 = 2;
/// The network.
const OUTSIDE: i32 = 3;
/// BIN of "Example Acquirer" in `policies/brands/sample.toml`: decides at once.
const BIN: &str = "490000";
/// BIN of "Example Careful Acquirer": people decide.
const CAREFUL_BIN: &str = "495000";

/// `setca register ROLE` for the folder `out`, with a signature key that is made quickly.
fn register(hierarchy: &Hierarchy, url: &str, role: &str, out: &str, bin: &str) -> Command {
    let mut command = hierarchy.command(&["register", role, "--accept-policy", "--bin", bin]);
    command.args(["--format", "json", "--url", url, "--brand", "Sample", "--trust"]);
    command.arg(hierarchy.root()).arg("--out").arg(hierarchy.beside(out));
    match role {
        "merchant" => command.args(["--merchant-id", "SHOP-1"]).args(SHOP),
        _ => command.args(["--business-id", "4711"]).args(GATEWAY),
    };
    command
}

const SHOP: [&str; 4] = ["--answer", "Name of the shop=Daves Shop", "--answer", "City=Springfield"];
const GATEWAY: [&str; 4] = ["--answer", "Person in charge=Dave", "--answer", "Telephone=1 555"];
const COMBINED: &str = "issuer=OU=Sample CCA MCA PCA,O=Sample,C=US";
const QUICK: [&str; 2] = ["--key", "ec-p256"];

fn renew(hierarchy: &Hierarchy, out: &Path) -> Command {
    let mut command = hierarchy.command(&["cert", "renew", "--accept-policy", "--format", "json"]);
    command.arg("--out").arg(out).args(SHOP).args(QUICK);
    command
}

fn collect(hierarchy: &Hierarchy, out: &Path) -> Outcome {
    let mut command = hierarchy.command(&["register", "collect", "--format", "json", "--out"]);
    Outcome::of(command.arg(out))
}

fn valid(folder: &Path, certificate: &str) {
    let line = "verify -x509_strict -ignore_critical -CAfile {0} -untrusted {1} {2}";
    let (root, chain) = (folder.join("root.pem"), folder.join("chain.pem"));
    let _ = openssl_with(line, &[&root, &chain, &folder.join(certificate)]).done();
}

fn text(certificate: &Path) -> String {
    openssl_with("x509 -in {0} -noout -text", &[certificate]).done()
}

#[test]
fn merchant_gets_both_certificates_and_renews_them() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let mut command = register(&hierarchy, service.url(), "merchant", "shop", BIN);
    let outcome = Outcome::of(command.args(QUICK).args(["--account", "DE02"]));
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    let shop = hierarchy.beside("shop");
    let report = outcome.json();
    assert_eq!(report["role"], "merchant");
    let (signature, encryption) = ("certificate.pem", "encryption-certificate.pem");
    assert_eq!(report["serial"], serial(&shop.join(signature)));
    assert_eq!(report["encryption"]["serial"], serial(&shop.join(encryption)));
    for name in [signature, encryption] {
        valid(&shop, name);
        assert!(text(&shop.join(name)).contains("CN = Daves Shop"), "{name}");
    }
    assert!(text(&shop.join(signature)).contains("Digital Signature\n"));
    assert!(text(&shop.join(encryption)).contains("Key Encipherment, Data Encipherment\n"));
    for key in ["key.p8", "encryption-key.p8"] {
        assert_eq!(mode(&shop.join(key)), 0o600, "{key}");
    }
    let old: Vec<Vec<u8>> =
        [signature, encryption].map(|name| fs::read(shop.join(name)).unwrap()).to_vec();
    let first = serial(&shop.join(signature));

    let outcome = Outcome::of(&mut renew(&hierarchy, &shop));
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    assert_ne!(outcome.json()["serial"], first.as_str());
    for name in [signature, encryption] {
        valid(&shop, name);
    }
    // Nothing of what was there is lost: an old encryption key opens old messages.
    let previous = shop.join("previous").join(&first);
    let kept = [signature, encryption].map(|name| fs::read(previous.join(name)).unwrap());
    assert_eq!(kept.to_vec(), old);
    assert!(previous.join("encryption-key.p8").exists());
    let hidden = files::listing(&hierarchy.beside(""));
    assert!(!hidden.iter().any(|path| path.to_string_lossy().contains("/.shop")), "{hidden:?}");
}

/// Spec `set-certificates.md` §1.1: one CA may be CCA, MCA and PCA at once.
#[test]
fn merchant_is_served_by_a_combined_ca() {
    let hierarchy = Hierarchy::made(&["--brand", "Sample", "--combined-ca"]);
    let service = hierarchy.serve();
    let mut command = register(&hierarchy, service.url(), "merchant", "shop", BIN);
    let outcome = Outcome::of(command.args(QUICK));
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    let shop = hierarchy.beside("shop");
    let issuers = ["certificate.pem", "encryption-certificate.pem"].map(|name| {
        valid(&shop, name);
        openssl_with("x509 -in {0} -noout -issuer -nameopt RFC2253", &[&shop.join(name)]).done()
    });
    assert_eq!(issuers.map(|name| name.trim().to_owned()), [COMBINED; 2]);
}

#[test]
fn gateway_gets_its_encryption_certificate_on_the_word_of_the_other() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let url = service.url();
    let mut first = register(&hierarchy, url, "gateway", "gateway", BIN);
    let _ = Outcome::of(first.args(QUICK).args(["--type", "sig"])).done();
    let mut alone = register(&hierarchy, url, "gateway", "both", BIN);
    let outcome = Outcome::of(alone.args(["--type", "enc"]));
    assert!(outcome.failed_after_talk(USAGE).contains("--signed-by"), "{}", outcome.all());
    let mut second = register(&hierarchy, url, "gateway", "both", BIN);
    second.args(["--type", "enc", "--signed-by"]).arg(hierarchy.beside("gateway"));
    let _ = Outcome::of(&mut second).done();
    let both = hierarchy.beside("both");
    valid(&both, "certificate.pem");
    valid(&both, "encryption-certificate.pem");
    assert!(!hierarchy.beside("gateway").join("encryption-key.p8").exists());
}

#[test]
fn request_that_people_decide_is_collected_when_they_have() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let (url, shop) = (service.url(), hierarchy.beside("shop"));
    let mut command = register(&hierarchy, url, "merchant", "shop", CAREFUL_BIN);
    let outcome = Outcome::of(command.args(QUICK).args(["--type", "sig"]));
    assert_eq!(outcome.code, REFUSED, "there is no certificate yet: {}", outcome.all());
    let report = outcome.json();
    assert_eq!((&report["state"], &report["status"]), (&"waiting".into(), &"requestPended".into()));
    assert_eq!(report["retryAfter"], 300);
    assert_eq!(files::listing(&shop), [shop.join("pending.p8")]);
    assert_eq!(mode(&shop.join("pending.p8")), 0o600);
    assert_eq!(collect(&hierarchy, &shop).code, REFUSED, "nobody has decided");

    let id = report["registration"].as_str().unwrap();
    let _ = hierarchy.run(&["registration", "approve", id, "--url", url]);
    let outcome = collect(&hierarchy, &shop);
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    valid(&shop, "certificate.pem");
    assert!(!shop.join("pending.p8").exists());
    assert!(collect(&hierarchy, &shop).failed_after_talk(REFUSED).contains("holds no request"));
}

#[test]
fn request_that_people_refuse_leaves_nothing() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let (url, shop) = (service.url(), hierarchy.beside("shop"));
    let mut command = register(&hierarchy, url, "merchant", "shop", CAREFUL_BIN);
    let report = Outcome::of(command.args(QUICK).args(["--type", "sig"])).json();
    let id = report["registration"].as_str().unwrap();
    let _ = hierarchy.run(&["registration", "reject", id, "--url", url]);
    let outcome = collect(&hierarchy, &shop);
    assert!(outcome.failed_after_talk(REFUSED).contains("rejectedByAquirer"), "{}", outcome.all());
    assert!(!shop.exists());
}

/// §4.8: the wrapper is resent unchanged, and the CA has certified the keys once.
#[test]
fn lost_answer_is_fetched_with_the_same_octets() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    // Contact passes; the answer to CertReq is lost, and so are three more tries.
    let proxy = Proxy::before(&service, 2..=5);
    let shop = hierarchy.beside("shop");
    let mut command = register(&hierarchy, &proxy.url, "merchant", "shop", BIN);
    let outcome = Outcome::of(command.args(QUICK).args(["--type", "sig"]));
    let line = outcome.failed_after_talk(OUTSIDE);
    assert!(line.contains("setca register collect --out"), "{line}");
    assert_eq!(files::listing(&shop), [shop.join("pending.p8")]);
    let merchants = || {
        let rows = hierarchy.inventory();
        rows.iter().filter(|row| row["role"] == "merchant").count()
    };
    assert_eq!(merchants(), 1, "the CA has answered");
    let outcome = collect(&hierarchy, &shop);
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    assert_eq!(merchants(), 1, "and not twice");
    let requests = proxy.requests();
    assert!(requests[1..].windows(2).all(|pair| pair[0] == pair[1]), "the same octets");
    assert_eq!(requests.len(), 6);
    valid(&shop, "certificate.pem");
}

#[test]
fn wake_up_file_says_where_and_what() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let file = hierarchy.beside("wake.setreg");
    let head = |role: &str| {
        format!(
            "SET-Initiation-Type: Registration-Initiation\r\nSET-Version: 1.0\r\n\
             Content-Transfer-Encoding: binary\r\nContent-Type: text/plain; charset=us-ascii\r\n\
             SET-SET-URL: {}/set\r\nSET-Brand: Sample\r\nSET-Language: de\r\n\
             SET-Request-Type: {role}\r\n\r\nWelcome.\r\n",
            service.url()
        )
    };
    let run = |role: &str| {
        fs::write(&file, head(role)).unwrap();
        let mut command = hierarchy.command(&["register", "merchant", "--accept-policy", "--from"]);
        command.arg(&file).arg("--trust").arg(hierarchy.root());
        command.arg("--out").arg(hierarchy.beside("shop")).args(QUICK);
        command.args(["--bin", BIN, "--merchant-id", "SHOP-1", "--answer", "Ort=Wien"]);
        Outcome::of(command.args(["--answer", "Name des Geschäfts=Laden"]))
    };
    // merInitialSig is 4, pgwyInitialSig 7.
    assert!(run("7").failed_after_talk(REFUSED).contains("setca register gateway"));
    let outcome = run("4");
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    assert!(outcome.stderr.contains("Welcome.") && outcome.stderr.contains("Musterbedingungen"));
    assert!(!hierarchy.beside("shop").join("encryption-key.p8").exists(), "signature alone");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Stands between an end entity and the service, and loses some of its answers.
struct Proxy {
    url: String,
    requests: Arc<std::sync::Mutex<Vec<Vec<u8>>>>,
}

impl Proxy {
    /// Loses the answers to these requests, counted from 1.
    fn before(service: &Service, lost: std::ops::RangeInclusive<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/set", listener.local_addr().unwrap());
        let target = service.url().trim_start_matches("http://").to_owned();
        let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (seen, number) = (requests.clone(), AtomicUsize::new(0));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (head, body) = request(&mut stream);
                seen.lock().unwrap().push(body.clone());
                let mut service = TcpStream::connect(&target).unwrap();
                service.write_all(&head).unwrap();
                service.write_all(&body).unwrap();
                let mut answer = Vec::new();
                service.read_to_end(&mut answer).unwrap();
                if !lost.contains(&(number.fetch_add(1, Ordering::SeqCst) + 1)) {
                    stream.write_all(&answer).unwrap();
                }
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }
}

/// Head and body of one POST; the head asks the service to close the connection afterwards.
fn request(stream: &mut TcpStream) -> (Vec<u8>, Vec<u8>) {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut octet).unwrap();
        head.push(octet[0]);
    }
    let text = String::from_utf8(head).unwrap();
    let field = |line: &&str| line.to_ascii_lowercase().starts_with("content-length:");
    let length = text.lines().find(field).unwrap().split(':').nth(1).unwrap();
    let mut body = vec![0; length.trim().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    let head = format!("{}\r\nconnection: close\r\n\r\n", text.trim_end());
    (head.into_bytes(), body)
}
