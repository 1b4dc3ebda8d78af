//! The lengths that depend on the suite (spec `set-messages.md` §1.5): the wire reads either, a
//! request of `modern` is held to its own.

use ca_core::Suite;
use ca_core::wire::{
    AcctInfo, BackKey, CertReq, CertStatusCode, EnvelopedDataOctets, Message, Secret, oids,
};

use crate::house::house;
use crate::messages::{Draft, Heard, back_key, form_run, post, random, wrapped};

/// What a request with this change is answered.
fn status(label: &str, change: impl FnOnce(&mut Draft)) -> CertStatusCode {
    let house = house();
    let authority = &house.authority;
    let draft = Draft::new(&form_run(authority, label), label, authority.now()).with(change);
    let sealed = EnvelopedDataOctets::new(draft.sealed(authority)).unwrap();
    let message = Message::CertReq(CertReq::EncX(sealed));
    let answer = post(authority, &wrapped(&message, draft.data.rrpid, authority.now()));
    Heard::of(authority, &answer).status()
}

/// Spec `set-messages.md` §4.6 step 1a.
#[test]
fn a_card_secret_of_the_other_suite_is_an_account_that_cannot_be_read() {
    let heard = status("short-secret", |draft| {
        let AcctInfo::PanData0(account) = &mut draft.account else { panic!("an account") };
        account.card_secret = Secret::random(&random("short"), Suite::Set1997).unwrap();
    });
    assert_eq!(heard, CertStatusCode::DecryptionError);
}

/// Spec `set-messages.md` §4.6 step 13.
#[test]
fn a_back_key_of_another_length_or_suite_is_none() {
    for (label, cipher, length) in [
        ("aes-31", oids::AES_256_GCM, 31),
        ("aes-8", oids::AES_256_GCM, 8),
        ("des", oids::DES_CBC, 8),
        ("cdmf", oids::CDMF, 8),
    ] {
        let heard = status(label, |draft| {
            let mut key = back_key(Suite::Modern);
            key.back_alg_id.oid = cipher;
            key.back_key = BackKey::new(&vec![7; length]).unwrap();
            draft.data.ca_back_key_data = Some(key);
        });
        assert_eq!(heard, CertStatusCode::UnableToEncryptCertRes, "{label}");
    }
}
