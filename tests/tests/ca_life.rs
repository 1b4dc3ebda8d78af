//! `setca ca create|renew|rollover` while the service runs: the root, a brand, a CA, every key.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ca_core::path::RootHash;
use ca_core::wire::Cert;
use ca_core::{Suite, hex};
use e2e::wallet::{self, SET_REGISTRATION, pan, register};
use e2e::{Cardholder, Hierarchy, Outcome, Service, openssl_with};

fn post(service: &Service) -> impl FnMut(&[u8]) -> Vec<u8> + '_ {
    |request| service.post("/set", SET_REGISTRATION, request).body
}

/// The certificates of a PEM file, by setca's own reader of DER.
fn certificates(hierarchy: &Hierarchy, ca: &str) -> Cert {
    let file = hierarchy.beside("in-force.der");
    let out = file.to_str().unwrap();
    let _ = hierarchy.run(&["ca", "export", ca, "--der", "--out", out]);
    Cert::from_der(&fs::read(&file).unwrap()).unwrap()
}

fn pem(hierarchy: &Hierarchy, name: &str, chain: &[&Cert]) -> PathBuf {
    let text: String = chain
        .iter()
        .map(|certificate| {
            let der = hierarchy.beside("one.der");
            fs::write(&der, certificate.der()).unwrap();
            openssl_with("x509 -inform DER -in {0}", &[&der]).done()
        })
        .collect();
    let file = hierarchy.beside(name);
    fs::write(&file, text).unwrap();
    file
}

/// Registers until the service answers under the certificate now in force: it looks every second.
fn registered_under(
    hierarchy: &Hierarchy,
    service: &Service,
    root: &Cert,
    ca: &str,
    first_card: u32,
) -> e2e::wallet::Registered {
    let wanted = certificates(hierarchy, ca);
    let deadline = Instant::now() + Duration::from_secs(30);
    for card in first_card.. {
        let done = register(root, &pan(card), post(service));
        if done.certified.chain.first() == Some(&wanted) {
            return done;
        }
        assert!(Instant::now() < deadline, "{ca} is still the old one");
    }
    unreachable!("a card number for each try")
}

#[test]
fn root_brand_and_ca_roll_over_under_registering_wallets() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let c1 = hierarchy.root_certificate();
    let before = register(&c1, &pan(1), post(&service)).certified;
    let offer = {
        let mut exchange = |request: Vec<u8>| post(&service)(&request);
        wallet::offer(&c1, &pan(2), &mut exchange)
    };

    let (stop, card) = (AtomicBool::new(false), AtomicU32::new(1_000));
    std::thread::scope(|scope| {
        // Whatever moment a wallet comes at, it gets a certificate it believes.
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let number = card.fetch_add(1, Ordering::SeqCst);
                let _ = register(&c1, &pan(number), post(&service));
            }
        });
        let acts: [&[&str]; 5] = [
            &["ca", "rollover", "sample-cca"],
            &["ca", "rollover", "sample-bca"],
            &["ca", "rollover", "root"],
            &["ca", "renew", "sample-bca"],
            &["ca", "renew", "sample-cca"],
        ];
        let outcomes: Vec<Outcome> = acts.iter().map(|act| hierarchy.try_run(act)).collect();
        std::thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::SeqCst);
        for outcome in outcomes {
            assert_eq!(outcome.code, 0, "{}", outcome.all());
        }
    });
    assert!(card.load(Ordering::SeqCst) > 1_005, "wallets registered all the while");

    // The form was given out before any of it.
    let (request, waiting) = wallet::request(&offer, &pan(2));
    let answer = post(&service)(&request);
    assert!(waiting.accept(&answer, ca_server_now()).is_ok());

    let c2 = certificates(&hierarchy, "root");
    assert_ne!(c1, c2);
    let after = registered_under(&hierarchy, &service, &c1, "sample-cca", 10).certified;
    assert_eq!(after.root, c2, "learned from the answer, trusting the old root");
    let fresh = register(&c2, &pan(3), post(&service)).certified;
    assert_eq!(fresh.root, c2);

    openssl_accepts_the_new_chain(&hierarchy, &after);
    setca_accepts_the_old_chain_and_the_new_root(&hierarchy, &before, &c1, &c2);
}

fn crls(hierarchy: &Hierarchy) -> PathBuf {
    let text: String = ["root", "sample-bca", "sample-cca"]
        .map(|ca| fs::read_to_string(hierarchy.crl(ca)).unwrap())
        .concat();
    let file = hierarchy.beside("crls.pem");
    fs::write(&file, text).unwrap();
    file
}

fn openssl_accepts_the_new_chain(hierarchy: &Hierarchy, after: &ca_core::ee::Certified) {
    let leaf = pem(hierarchy, "after.pem", &[&after.issued[0].certificate]);
    let chain = pem(hierarchy, "after-chain.pem", &after.chain.iter().collect::<Vec<_>>());
    let line = "verify -x509_strict -ignore_critical -crl_check_all -CAfile {0} -untrusted {1} \
                -CRLfile {2} {3}";
    // root.pem holds both roots; the new one alone is enough.
    let alone = pem(hierarchy, "c2.pem", &[&after.root]);
    for roots in [hierarchy.root(), alone] {
        let said = openssl_with(line, &[&roots, &chain, &crls(hierarchy), &leaf]);
        assert_eq!(said.code, 0, "{}", said.all());
    }
}

fn setca_accepts_the_old_chain_and_the_new_root(
    hierarchy: &Hierarchy,
    before: &ca_core::ee::Certified,
    c1: &Cert,
    c2: &Cert,
) {
    let leaf = pem(hierarchy, "before.pem", &[&before.issued[0].certificate]);
    let [cca, bca] = ["sample-cca", "sample-bca"].map(|ca| certificates(hierarchy, ca));
    let mut helping: Vec<&Cert> = before.chain.iter().collect();
    helping.extend([&cca, &bca, c2]);
    let helping = pem(hierarchy, "helping.pem", &helping);
    let trust = pem(hierarchy, "c1.pem", &[c1]);
    let judge = |with_new_root: bool| {
        let mut command = hierarchy.command(&["verify", "--trace"]);
        command.arg(&leaf).arg("--trust").arg(&trust).arg("--crl").arg(crls(hierarchy));
        command.arg("--untrusted").arg(&helping);
        if !with_new_root {
            command.args(["--at", "2020-01-01T00:00:00Z"]);
        }
        Outcome::of(&mut command)
    };
    let said = judge(true);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.stdout.contains("trusted from now on"), "{}", said.stdout);
    assert!(said.stderr.contains("announces its key"), "{}", said.stderr);
    assert_eq!(judge(false).code, 1);
    // Of the new chain, too, for who holds the old root and sees the new one.
    let mut command = hierarchy.command(&["verify"]);
    command.arg(hierarchy.beside("after.pem")).arg("--trust").arg(&trust);
    command.arg("--untrusted").arg(hierarchy.beside("after-chain.pem"));
    assert_eq!(Outcome::of(&mut command).code, 1, "without the new root there is no path");
    let said = Outcome::of(command.arg(pem(hierarchy, "c2-too.pem", &[c2])));
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.stdout.contains("(trusted: a trusted root announces it)"), "{}", said.stdout);
}

#[test]
fn rollover_of_the_root_needs_its_keys_and_tells_both_numbers() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let away = hierarchy.try_run(&["ca", "rollover", "root"]);
    assert!(away.failed(3).contains("offline-root is not here"), "{}", away.all());
    let plan = hierarchy.json(&["ca", "rollover", "root", "--dry-run"]);
    assert_eq!(plan["offlineRootIsHere"], false);
    hierarchy.bring_root_back();
    let made = hierarchy.json(&["ca", "rollover", "root"]);
    let root = certificates(&hierarchy, "root");
    assert_eq!(made["rootHash"], RootHash::of(&root, Suite::Modern).to_string());
    let thumbprint = made["rootThumbprint"].as_str().unwrap().replace(' ', "");
    assert_eq!(thumbprint, hex(&root.thumbprint(Suite::Modern)));
    // The new root first, the old one until its end.
    let text = fs::read_to_string(hierarchy.root()).unwrap();
    assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2);
    assert_eq!(hierarchy.root_certificate(), root);
    // Twice in a row: the key announced by the last one takes over.
    let again = hierarchy.json(&["ca", "rollover", "root"]);
    assert_eq!(again["replaced"][0]["serial"], hex(root.serial()));
}

#[test]
fn announced_root_key_that_is_lost_is_said_to_be() {
    let hierarchy = Hierarchy::new();
    let signing = certificates(&hierarchy, "root");
    let own = ca_core::signer::KeyId::of_spki(signing.spki_der()).unwrap();
    for file in fs::read_dir(hierarchy.dir().join("offline-root")).unwrap() {
        let path = file.unwrap().path();
        let is_key = path.extension().is_some_and(|extension| extension == "p8");
        if is_key && path.file_stem().unwrap().to_str() != Some(&own.to_string()) {
            fs::remove_file(path).unwrap();
        }
    }
    let said = hierarchy.try_run(&["ca", "rollover", "root"]);
    assert!(said.failed(3).contains("the key that the root certificate announces"));
}

#[test]
fn dry_run_changes_nothing_and_names_who_signs() {
    let hierarchy = Hierarchy::new();
    let before = (listing(&hierarchy), hierarchy.inventory());
    let plan = hierarchy.json(&["ca", "rollover", "sample-cca", "--dry-run"]);
    assert_eq!(plan["wouldBeDone"].as_array().unwrap().len(), 4);
    assert_eq!(plan["wouldBeDone"][0]["signedBy"], "C=US, O=Sample, OU=Sample CA");
    assert_eq!((listing(&hierarchy), hierarchy.inventory()), before);
}

/// The names of the key files.
fn listing(hierarchy: &Hierarchy) -> Vec<String> {
    let names = |folder: &str| {
        let entries = fs::read_dir(hierarchy.dir().join(folder)).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let mut all = [names("keys"), names("offline-root")].concat();
    all.sort();
    all
}

/// Killed at moments all over its work, a rollover leaves a folder that serves, and the last run
/// finishes it.
#[test]
fn rollover_killed_at_any_moment_leaves_a_folder_that_serves() {
    let hierarchy = Hierarchy::new();
    for moment in [100, 400, 700, 1_000, 1_300, 1_700, 2_200, 3_000] {
        let mut command = hierarchy.command(&["ca", "rollover", "sample-cca"]);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("setca starts");
        std::thread::sleep(Duration::from_millis(moment));
        let _ = child.kill();
        let _ = child.wait();
        let _ = hierarchy.run(&["ca", "list"]);
    }
    // What a write that was cut off leaves behind.
    fs::write(hierarchy.dir().join("keys/.0000.p8.new"), b"-----BEGIN ENCR").unwrap();
    let service = hierarchy.serve();
    let root = hierarchy.root_certificate();
    let _ = register(&root, &pan(1), post(&service));
    let _ = hierarchy.run(&["ca", "rollover", "sample-cca"]);
    let _ = registered_under(&hierarchy, &service, &root, "sample-cca", 10);
}

#[test]
fn brand_and_area_are_added_under_the_running_service() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let made = hierarchy.json(&["ca", "create", "--brand", "Other"]);
    assert_eq!(made["created"].as_array().unwrap().len(), 4);
    hierarchy.carry_root_away();
    let away = hierarchy.try_run(&["ca", "create", "--brand", "Third"]);
    assert!(away.failed(3).contains("offline-root is not here"), "{}", away.all());
    // An area of a brand is the brand's business.
    let _ = hierarchy.run(&["ca", "create", "--brand", "Sample", "--geo", "nz"]);
    let again = hierarchy.try_run(&["ca", "create", "--brand", "Sample", "--geo", "NZ"]);
    assert!(again.failed(1).contains("is there already"), "{}", again.all());
    for ca in ["other-pca", "sample-nz-cca"] {
        assert_eq!(service.fetch(&format!("/ca/{ca}.cer")).status, 200);
        let chain = hierarchy.chain(ca);
        let said = verify(&hierarchy, &chain);
        assert_eq!(said.code, 0, "{ca}: {}", said.all());
    }
    let bci = service.fetch("/bci/Sample.der").body;
    let bci = ca_core::wire::BrandCrlIdentifier::from_der(&bci).unwrap();
    let gca = certificates(&hierarchy, "sample-nz-gca");
    assert!(bci.unsigned().crl_number(gca.subject_der()).is_some());
}

fn verify(hierarchy: &Hierarchy, chain: &Path) -> Outcome {
    let line = "verify -x509_strict -ignore_critical -CAfile {0} -untrusted {1} {1}";
    openssl_with(line, &[&hierarchy.root(), chain])
}

#[test]
fn first_root_is_confirmed_by_its_hash_on_the_command_line() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let hash = RootHash::of(&hierarchy.root_certificate(), Suite::Modern).to_string();
    let pan_file = hierarchy.beside("card");
    fs::write(&pan_file, "4111111111111111").unwrap();
    let register = |hash: &str, out: &str| {
        let mut command = hierarchy.command(&["register", "cardholder", "--accept-policy"]);
        command.args(["--url", service.url(), "--brand", "Sample", "--expiry", "203912"]);
        command.args(["--answer", "Full name=Jane Doe", "--answer", "Town=Springfield"]);
        command.args(["--key", "ec-p256", "--root-hash", hash]);
        command.arg("--pan-file").arg(&pan_file).arg("--out").arg(hierarchy.beside(out));
        Outcome::of(&mut command)
    };
    let _ = register(&hash.to_uppercase(), "wallet").done();
    let root = hierarchy.beside("wallet/root.pem");
    assert_eq!(hierarchy.der(&root), hierarchy.root_certificate().der());
    let other = hash.chars().rev().collect::<String>();
    assert_eq!(register(&other, "refused").code, 1);
    assert_eq!(register(&hash[..40], "usage").code, 2, "part of a hash confirms nothing");
    let _ = Cardholder::new(&hierarchy, &service);
}

fn ca_server_now() -> ca_core::UnixTime {
    use ca_core::authority::Clock as _;
    ca_server::SystemClock::default().now()
}
