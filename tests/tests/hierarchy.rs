//! `setca init` and `setca ca`: what was made is what OpenSSL reads and accepts.

use std::fs;
use std::path::{Path, PathBuf};

use e2e::{Hierarchy, Outcome, PASSPHRASE, openssl, openssl_with};

/// The CAs that issue to end entities.
const LOWEST: [&str; 3] = ["sample-cca", "sample-mca", "sample-pca"];

#[test]
fn every_certificate_of_the_inventory_is_read_by_openssl() {
    let hierarchy = Hierarchy::new();
    let inventory = hierarchy.inventory();
    assert_eq!(inventory.len(), 17, "keys of set-certificates.md §1.2 and five OCSP responders");
    for certificate in inventory {
        let field = |name: &str| certificate[name].as_str().unwrap().to_owned();
        let file = hierarchy.beside("certificate.pem");
        let pem = hierarchy.run(&["cert", "show", &field("serial"), "--pem"]);
        fs::write(&file, pem).unwrap();
        let shown = openssl_with("x509 -in {0} -noout -serial -text", &[&file]).done();
        let serial = format!("serial={}", field("serial").to_uppercase());
        assert_eq!(shown.lines().next(), Some(serial.as_str()));
        assert!(shown.contains("Version: 3"), "{shown}");
        assert!(shown.contains("sha256WithRSAEncryption"), "{shown}");
        assert_eq!(field("state"), "issued");
    }
}

#[test]
fn serial_numbers_are_positive_unique_and_of_at_least_64_bits() {
    let hierarchy = Hierarchy::new();
    let mut serials: Vec<String> = hierarchy
        .inventory()
        .iter()
        .map(|certificate| certificate["serial"].as_str().unwrap().to_owned())
        .collect();
    for serial in &serials {
        assert!((16..=40).contains(&serial.len()), "{serial}");
        assert!(serial.as_bytes()[0] < b'8', "{serial} is negative");
    }
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 17);
}

#[test]
fn chains_pass_openssl_with_every_crl_checked() {
    let hierarchy = Hierarchy::new();
    for ca in LOWEST {
        let outcome = verify(&hierarchy, &hierarchy.root(), ca, &["root", "sample-bca"]);
        assert_eq!(outcome.code, 0, "{ca}: {}", outcome.all());
    }
}

#[test]
fn chains_are_valid_by_setca_with_every_crl_required() {
    let hierarchy = Hierarchy::new();
    for ca in LOWEST {
        let chain = hierarchy.chain(ca);
        let mut command = hierarchy.command(&["verify", "--format", "json"]);
        command.arg(chain).arg("--trust").arg(hierarchy.root()).arg("--crl");
        command.args(["root", "sample-bca"].map(|ca| hierarchy.crl(ca)));
        let outcome = Outcome::of(&mut command);
        assert_eq!(outcome.code, 0, "{}", outcome.all());
        let verdict = outcome.json();
        assert_eq!(verdict["verdict"], "valid");
        assert_eq!(verdict["path"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn chain_under_another_root_is_refused_by_both() {
    let ours = Hierarchy::new();
    let other = Hierarchy::two_brands();
    assert_ne!(verify(&ours, &other.root(), "sample-cca", &["root", "sample-bca"]).code, 0);
    let mut command = ours.command(&["verify", "--format", "json"]);
    let outcome =
        Outcome::of(command.arg(ours.chain("sample-cca")).arg("--trust").arg(other.root()));
    assert_eq!(outcome.code, 1);
    assert_eq!(outcome.json()["verdict"], "invalid");
}

#[test]
fn private_keys_open_with_the_passphrase_and_with_no_other() {
    let hierarchy = Hierarchy::new();
    let keys = key_files(&hierarchy);
    // Two more keys than certificates: the root's next key, whose hash stands in hashedRootKey, and
    // the one that signs checkpoints of the audit log.
    assert_eq!(keys.len(), 19);
    let open = |file: &Path, passphrase: &str| {
        let secret = format!("pass:{passphrase}");
        openssl(&[
            "pkcs8".as_ref(),
            "-in".as_ref(),
            file.as_os_str(),
            "-passin".as_ref(),
            secret.as_ref(),
        ])
    };
    // One is enough for the wrong one: each try costs a key derivation.
    assert_ne!(open(&keys[0], "correct-horse").code, 0);
    for key in &keys {
        let outcome = open(key, PASSPHRASE);
        assert_eq!(outcome.code, 0, "{}: {}", key.display(), outcome.all());
        assert!(outcome.stdout.contains("BEGIN PRIVATE KEY"));
    }
}

#[test]
fn what_is_secret_can_be_read_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let hierarchy = Hierarchy::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&hierarchy.dir()), 0o700);
    assert_eq!(mode(&hierarchy.dir().join("setca.db")), 0o600);
    assert_eq!(mode(&hierarchy.dir().join("keys/pan.key")), 0o600);
    for key in key_files(&hierarchy) {
        assert_eq!(mode(&key), 0o600, "{}", key.display());
    }
}

#[test]
fn list_show_and_export_tell_the_same_tree() {
    let hierarchy = Hierarchy::new();
    let list = hierarchy.json(&["ca", "list"]);
    let ids: Vec<&str> =
        list.as_array().unwrap().iter().map(|ca| ca["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["root", "sample-bca", "sample-cca", "sample-mca", "sample-pca"]);
    for (ca, id) in list.as_array().unwrap().iter().zip(ids) {
        let shown = hierarchy.json(&["ca", "show", id]);
        assert_eq!((&shown["id"], &shown["superior"]), (&ca["id"], &ca["superior"]));
        for (listed, shown) in both(&ca["certificates"], &shown["certificates"]) {
            assert_eq!(listed["key"], shown["key"]);
            let pem = hierarchy.beside("one.pem");
            let key_use = listed["keyUse"].as_str().unwrap();
            let exported = hierarchy.run(&["ca", "export", id, "--key-use", key_use, "--single"]);
            fs::write(&pem, exported).unwrap();
            let serial = openssl_with("x509 -in {0} -noout -serial", &[&pem]).done();
            let listed = listed["serial"].as_str().unwrap().to_uppercase();
            assert_eq!(serial.trim(), format!("serial={listed}"));
        }
    }
    let text = hierarchy.run(&["ca", "list"]);
    assert!(text.contains("└─ sample-bca"), "{text}");
}

#[test]
fn root_certificate_in_the_folder_is_the_root() {
    let hierarchy = Hierarchy::new();
    let exported = hierarchy.beside("root.cer");
    let path = exported.to_str().unwrap();
    let _ = hierarchy.run(&["ca", "export", "root", "--der", "--out", path]);
    assert_eq!(fs::read(&exported).unwrap(), hierarchy.der(&hierarchy.root()));
    let subject =
        openssl_with("x509 -in {0} -noout -subject -issuer -nameopt RFC2253", &[&hierarchy.root()]);
    assert_eq!(subject.done(), "subject=O=SET Root,C=US\nissuer=O=SET Root,C=US\n");
}

#[test]
fn geo_political_ca_stands_between_brand_and_the_rest() {
    let hierarchy = Hierarchy::made(&["--brand", "Sample", "--geo", "de"]);
    let list = hierarchy.json(&["ca", "list"]);
    let find =
        |id: &str| list.as_array().unwrap().iter().find(|ca| ca["id"] == id).unwrap().clone();
    let cca = list.as_array().unwrap().iter().find(|ca| ca["roles"][0] == "cca").unwrap();
    let gca = find(cca["superior"].as_str().unwrap());
    assert_eq!(gca["roles"][0], "gca");
    assert_eq!(gca["certificates"][0]["subject"], "C=DE, O=Sample, OU=Sample GCA");
    assert_eq!(find(gca["superior"].as_str().unwrap())["roles"][0], "bca");
    let crls = ["root", gca["superior"].as_str().unwrap(), gca["id"].as_str().unwrap()];
    let outcome = verify(&hierarchy, &hierarchy.root(), cca["id"].as_str().unwrap(), &crls);
    assert_eq!(outcome.code, 0, "{}", outcome.all());
}

#[test]
fn two_brands_share_the_root_and_nothing_else() {
    let hierarchy = Hierarchy::two_brands();
    let list = hierarchy.json(&["ca", "list"]);
    let bcas: Vec<&serde_json::Value> =
        list.as_array().unwrap().iter().filter(|ca| ca["roles"][0] == "bca").collect();
    assert_eq!(bcas.len(), 2);
    for bca in &bcas {
        assert_eq!(bca["superior"], "root");
        let id = bca["id"].as_str().unwrap();
        let brand = bca["brand"].as_str().unwrap();
        let bci = hierarchy.json(&["bci", "show", brand]);
        assert_eq!((&bci["brandID"], &bci["sequenceNum"]), (&brand.into(), &1.into()));
        let ccas = list.as_array().unwrap().iter();
        let below: Vec<_> = ccas.filter(|ca| ca["superior"] == id).collect();
        assert_eq!(below.len(), 3, "{brand}");
        assert!(below.iter().all(|ca| ca["brand"] == brand));
        let outcome =
            verify(&hierarchy, &hierarchy.root(), below[0]["id"].as_str().unwrap(), &["root", id]);
        assert_eq!(outcome.code, 0, "{}", outcome.all());
    }
    assert_ne!(bcas[0]["brand"], bcas[1]["brand"]);
}

/// `openssl verify` as strict as it gets, over the chain of a CA.
fn verify(hierarchy: &Hierarchy, root: &Path, ca: &str, crls: &[&str]) -> Outcome {
    let (issuer, chain) = (hierarchy.issuer(ca), hierarchy.chain(ca));
    let mut words: Vec<PathBuf> =
        ["verify", "-x509_strict", "-ignore_critical", "-crl_check_all", "-CAfile"]
            .map(PathBuf::from)
            .to_vec();
    words.extend([root.to_owned(), "-untrusted".into(), chain]);
    for ca in crls {
        words.extend(["-CRLfile".into(), hierarchy.crl(ca)]);
    }
    words.push(issuer);
    openssl(&words)
}

fn key_files(hierarchy: &Hierarchy) -> Vec<PathBuf> {
    let folders = ["keys", "offline-root"].map(|name| hierarchy.dir().join(name));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut found: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "p8"));
    found.sort();
    found
}

fn both<'a>(
    one: &'a serde_json::Value,
    other: &'a serde_json::Value,
) -> Vec<(&'a serde_json::Value, &'a serde_json::Value)> {
    let (one, other) = (one.as_array().unwrap(), other.as_array().unwrap());
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).collect()
}
