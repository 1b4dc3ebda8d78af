//! Making and opening data folders, and what is in the way of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ca_core::authority::Parts;
use ca_core::decide::Remit;
use ca_core::profile::{BinRange, Side};
use ca_core::signer::{KeyError, KeyId, SignatureAlgorithm};
use ca_server::data::{
    Folder, Institution, OperatorToken, Passphrase, PassphraseSource, Progress, Settings,
};
use zeroize::Zeroizing;

use super::common::{data_folder, open, order};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn key_ids(folder: &Path) -> Vec<KeyId> {
    let names = names(folder);
    names.iter().filter_map(|name| KeyId::parse_hex(name.strip_suffix(".p8")?)).collect()
}

/// Whatever the kind of the key, only an absent one is said to be absent.
fn holds(parts: &Parts, id: &KeyId) -> bool {
    let signed = parts.signer.sign(id, SignatureAlgorithm::RsaSha256, b"");
    !matches!(signed, Err(KeyError::Absent(_)))
}

fn open_error(folder: &Folder, source: &PassphraseSource) -> String {
    Folder::at(folder.path()).open(source, false).unwrap_err().to_string()
}

#[test]
fn a_made_folder_holds_what_its_layout_says_and_nothing_else() {
    let (_place, folder) = data_folder();
    assert_eq!(
        names(folder.path()),
        [
            "keys",
            "offline-root",
            "operator.token",
            "passphrase",
            "root.pem",
            "setca.db",
            "setca.toml"
        ]
    );
    assert!(!key_ids(&folder.keys()).is_empty());
    assert!(!key_ids(&folder.offline_root()).is_empty());
    assert!(names(&folder.offline_root()).contains(&"README".to_owned()));
    let root = fs::read_to_string(folder.root_certificate()).unwrap();
    assert!(root.starts_with("-----BEGIN CERTIFICATE-----\n"));
}

#[test]
fn settings_know_the_operators_token_and_do_not_tell_it() {
    let (_place, folder) = data_folder();
    let token = OperatorToken::from_file(&folder.operator_token_file()).unwrap();
    assert!(open(&folder).settings.operator.admits(token.expose()));
    let settings = fs::read_to_string(folder.settings_file()).unwrap();
    assert!(!settings.contains(token.expose()), "{settings}");
}

#[test]
fn settings_keep_the_institutions_and_say_which_is_wrong() {
    let (_place, folder) = data_folder();
    let before = Settings::read(&folder).unwrap();
    let bins = vec![BinRange::parse("411111").unwrap(), BinRange::parse("420000-420099").unwrap()];
    let remit = Remit { brand: "Sample".to_owned(), side: Side::Issuer, bins };
    let token = OperatorToken::generate(&ca_server::SystemRandom).unwrap();
    let bank = |name: &str, remit: &Remit| {
        let (name, remit) = (name.to_owned(), remit.clone());
        Institution { name, remit, token: token.hash() }
    };
    let everything = Remit { side: Side::Acquirer, bins: Vec::new(), ..remit.clone() };
    let institutions = vec![bank("first-bank", &remit), bank("second", &everything)];
    let settings = Settings { institutions, ..before.clone() };
    settings.replace(&folder).unwrap();
    assert_eq!(Settings::read(&folder).unwrap(), settings);
    let text = fs::read_to_string(folder.settings_file()).unwrap();
    assert!(!text.contains(token.expose()), "{text}");

    for (from, to, why) in [
        ("411111", "4111", "institution first-bank: a BIN is six digits"),
        ("side = \"issuer\"", "side = \"bank\"", "side is issuer or acquirer"),
        ("name = \"second\"", "name = \"Second Bank\"", "a name has lower-case letters"),
    ] {
        fs::write(folder.settings_file(), text.replacen(from, to, 1)).unwrap();
        let error = Settings::read(&folder).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    before.replace(&folder).unwrap();
    assert_eq!(Settings::read(&folder).unwrap(), before);
}

#[test]
fn secrets_are_for_their_owner_only() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let mut heard = Vec::new();
    let created = Folder::at(&path)
        .create(&order(), &mut |progress| {
            if let Progress::KeyMade { done, keys, .. } = progress {
                heard.push((done, keys));
            }
        })
        .unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = created.folder;
    assert_eq!(mode(path), 0o700);
    assert_eq!(mode(folder.keys()), 0o700);
    assert_eq!(mode(folder.offline_root()), 0o700);
    assert_eq!(mode(folder.passphrase_file()), 0o600);
    assert_eq!(mode(folder.operator_token_file()), 0o600);
    assert_eq!(mode(folder.pan_key()), 0o600);
    for inside in [folder.keys(), folder.offline_root()] {
        for id in key_ids(&inside) {
            assert_eq!(mode(inside.join(format!("{id}.p8"))), 0o600);
        }
    }

    // Progress counts every key of a CA, and no temporary folder is left beside the made one.
    let of_log = 1;
    let keys = key_ids(&folder.keys()).len() + key_ids(&folder.offline_root()).len() - of_log;
    assert_eq!(heard, (1..=keys).map(|done| (done, keys)).collect::<Vec<_>>());
    assert_eq!(names(place.path()), ["data"]);
}

#[test]
fn the_service_opens_without_the_roots_keys_and_cannot_use_them() {
    let (_place, folder) = data_folder();
    let offline = key_ids(&folder.offline_root());
    // A folder that is a file cannot be read by root either, whom permissions do not stop.
    fs::remove_dir_all(folder.offline_root()).unwrap();
    fs::write(folder.offline_root(), "poison").unwrap();
    let opened = open(&folder);
    assert!(key_ids(&folder.keys()).iter().all(|id| holds(&opened.parts, id)));
    assert!(!offline.iter().any(|id| holds(&opened.parts, id)));
}

#[test]
fn the_roots_keys_are_opened_on_request_only() {
    let (_place, folder) = data_folder();
    let offline = key_ids(&folder.offline_root());
    assert!(!offline.iter().any(|id| holds(&open(&folder).parts, id)));
    let opened = Folder::at(folder.path()).open(&PassphraseSource::Usual, true).unwrap();
    assert!(offline.iter().all(|id| holds(&opened.parts, id)));
}

#[test]
fn roots_keys_carried_away_are_said_to_be_away() {
    let (_place, folder) = data_folder();
    fs::remove_dir_all(folder.offline_root()).unwrap();
    let error = Folder::at(folder.path()).open(&PassphraseSource::Usual, true).unwrap_err();
    let expected = format!(
        "{} is not here: bring the root's keys back for this command",
        folder.offline_root().display()
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_account_number_key_is_the_same_each_time() {
    let (_place, folder) = data_folder();
    let first = open(&folder).parts.pan_key;
    assert_eq!(first, open(&folder).parts.pan_key);
    assert_ne!(*first, [0; 32]);
}

#[test]
fn a_given_passphrase_opens_the_keys_and_is_written_nowhere() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let mut order = order();
    order.passphrase = Some(passphrase("correct horse battery staple"));
    let created = Folder::at(&path).create(&order, &mut |_| ()).unwrap();
    assert!(!created.passphrase_is_new);
    assert!(!created.folder.passphrase_file().exists());
    let given = PassphraseSource::Given(passphrase("correct horse battery staple"));
    Folder::at(&path).open(&given, true).unwrap();
}

#[test]
fn a_wrong_passphrase_is_one_line_that_names_a_file() {
    let (_place, folder) = data_folder();
    let wrong = PassphraseSource::Given(passphrase("wrong"));
    let expected = format!("wrong passphrase: it does not open {}", folder.pan_key().display());
    assert_eq!(open_error(&folder, &wrong), expected);
}

#[test]
fn a_folder_of_another_version_is_refused_with_both_numbers() {
    let (_place, folder) = data_folder();
    let text = fs::read_to_string(folder.settings_file()).unwrap();
    let newer = text.replace("format = 1", "format = 2") + "unheard_of = true\n";
    fs::write(folder.settings_file(), newer).unwrap();
    let expected = format!(
        "{} has data format 2, this setca reads format 1: use the version that made it",
        folder.settings_file().display()
    );
    assert_eq!(open_error(&folder, &PassphraseSource::Usual), expected);
}

#[test]
fn an_unknown_setting_is_an_error_with_its_line() {
    let (_place, folder) = data_folder();
    let text = fs::read_to_string(folder.settings_file()).unwrap();
    let line = text.lines().count() + 1;
    fs::write(folder.settings_file(), text + "colour = \"red\"\n").unwrap();
    let error = open_error(&folder, &PassphraseSource::Usual);
    let start = format!("{}:{line}: unknown field `colour`", folder.settings_file().display());
    assert!(error.starts_with(&start), "{error}");
}

#[test]
fn a_key_under_another_keys_name_is_refused() {
    let (_place, folder) = data_folder();
    let ids = key_ids(&folder.keys());
    let wrong = folder.keys().join(format!("{}.p8", "0".repeat(40)));
    fs::rename(folder.keys().join(format!("{}.p8", ids[0])), &wrong).unwrap();
    let expected = format!("key file {} holds key {}", wrong.display(), ids[0]);
    assert_eq!(open_error(&folder, &PassphraseSource::Usual), expected);
}

#[test]
fn an_absent_store_is_not_made_anew() {
    let (_place, folder) = data_folder();
    fs::remove_file(folder.database()).unwrap();
    let expected = format!(
        "{} is not here or holds no records: if they are in a database, name it by --store \
         postgres://… or SETCA_STORE",
        folder.database().display()
    );
    assert_eq!(open_error(&folder, &PassphraseSource::Usual), expected);
    assert!(!folder.database().exists());
}

#[test]
fn a_folder_with_anything_in_it_is_not_made_over() {
    let (_place, folder) = data_folder();
    let before = names(folder.path());
    let error = Folder::at(folder.path()).create(&order(), &mut |_| ()).unwrap_err();
    let expected =
        format!("{} already holds setca data: give a new or empty folder", folder.path().display());
    assert_eq!(error.to_string(), expected);
    assert_eq!(names(folder.path()), before);

    // Keys of a folder that lost its settings are kept as well.
    fs::remove_file(folder.settings_file()).unwrap();
    let error = Folder::at(folder.path()).create(&order(), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("already holds"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let path = file.join("data");
    let error = Folder::at(&path).create(&order(), &mut |_| ()).unwrap_err();
    assert!(error.to_string().starts_with("cannot "), "{error}");
    assert_eq!(names(place.path()), ["file"]);
}

#[test]
fn a_failure_halfway_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let failed = std::panic::catch_unwind(|| {
        Folder::at(&path).create(&order(), &mut |progress| {
            assert!(!matches!(progress, Progress::KeyMade { .. }), "power failure");
        })
    });
    assert!(failed.is_err());
    assert_eq!(names(place.path()), [""; 0]);
}

#[test]
fn a_folder_that_is_not_there_says_how_to_make_it() {
    let folder = Folder::at(Path::new("/nonexistent/data"));
    let expected = "/nonexistent/data holds no setca data: make it with setca init or setca up";
    assert_eq!(open_error(&folder, &PassphraseSource::Usual), expected);
}
