//! Every way to be refused, asked for over the wire, and what the answer says (spec
//! `set-messages.md` §4.1, §4.4, §4.6, §4.11).

use std::collections::BTreeSet;

use ca_core::Suite;
use ca_core::authority::Authority;
use ca_core::decide::Refusal;
use ca_core::envelope::Block;
use ca_core::profile::{Policies, shipped_files};
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::CertStatusCode::*;
use ca_core::wire::ErrorCode::*;
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{
    AcctData, AcctInfo, CertReq, CertStatusCode, Challenge, Date, EnvelopedDataOctets, ErrorCode,
    LocalId, Message, MessageWrapper, Nonce, RequestType, Rrpid, VisibleString,
};
use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use x509_cert::ext::Extension;

use crate::house::{House, house};
use crate::messages::{
    Draft, FormDraft, Heard, ca_id, form_run, init_req, items, key, keys, post, random, registered,
    wrapped, wrapper,
};

/// What must be heard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expected {
    /// An Error signed by the CCA.
    Signed(ErrorCode),
    /// An Error that nobody could be told to sign.
    Unsigned(ErrorCode),
    /// A CertRes under the back key.
    Status(CertStatusCode),
    /// A CertRes that could not be encrypted.
    PlainStatus(CertStatusCode),
}
use Expected::{PlainStatus, Signed, Status, Unsigned};

/// Code of the refusal, what it looks like, and how to get it: octets that the house answers so.
type Case = (&'static str, Expected, fn(&House) -> Vec<u8>);

const CASES: &[Case] = &[
    ("account-unreadable", Status(DecryptionError), |house| {
        bad_request(house, |draft| {
            draft.block = Block::AcctData;
            draft.account = AcctInfo::AcctData(AcctData {
                acct_identification: VisibleString::new("a merchant's account").unwrap(),
                ex_nonce: Nonce::random(&random("account")).unwrap(),
            });
        })
    }),
    ("alternative-mismatch", Signed(WrapperMsgMismatch), |house| {
        let form = FormDraft::new("mismatch");
        let sealed = EnvelopedDataOctets::new(form.sealed(&house.authority)).unwrap();
        let message = Message::CertReq(CertReq::EncX(sealed));
        post_now(house, &message, form.data.rrpid)
    }),
    ("brand-unknown", Unsigned(UnspecifiedFailure), |house| {
        let request = init_req("unknown", "Another");
        post_now(house, &Message::CardCInitReq(request.clone()), request.rrpid)
    }),
    ("card-expired", Status(RejectedByCa), |house| {
        let run = form_run(&house.authority, "expired");
        let draft = Draft::new(&run, "expired", house.authority.now());
        // The house stands in November 2026.
        let draft = draft.with_card(&run.pan, (2026, 10));
        post(&house.authority, &draft.octets(&house.authority))
    }),
    ("challenge-mismatch", Signed(ChallengeMismatch), |house| {
        bad_request(house, |draft| draft.data.chall_ca = Some(Challenge::new([1; 20])))
    }),
    ("extension-unrecognized", Signed(UnrecognizedExtension), |house| {
        bad_wrapper(house, |wrapper| {
            wrapper.extensions = Some(vec![Extension {
                extn_id: STRANGE,
                critical: true,
                extn_value: OctetString::new(*b"?").unwrap(),
            }]);
        })
    }),
    ("form-malformed", Status(RegFormAnswerMalformed), |house| {
        bad_request(house, |draft| draft.data.reg_form = items(&[(&["Town"], "London")]))
    }),
    ("form-other", Status(RegFormAnswerMalformed), |house| {
        bad_request(house, |draft| draft.data.reg_form_id = 99)
    }),
    ("header-incomplete", Signed(BadMessageHeader), |house| {
        bad_wrapper(house, |wrapper| wrapper.header.rrpid = None)
    }),
    ("issuer-refused", Status(RejectedByIssuer), |house| {
        // 400000 is served by the closed bank of the sample brand.
        with_account(house, "issuer", "4000001234567899", "4000001234567899")
    }),
    ("key-certified", Status(RejectedByCa), |house| {
        registered(house, "certified");
        let run = form_run(&house.authority, "again");
        let draft = Draft::new(&run, "again", house.authority.now()).with_key(key("certified"));
        post(&house.authority, &draft.octets(&house.authority))
    }),
    ("key-kind", Status(RejectedByCa), |house| {
        // The profile has RSA from 3072 bits.
        let short = PrivateKey::generate(KeyAlgorithm::Rsa(2048), &random("short")).unwrap();
        let run = form_run(&house.authority, "short");
        let draft = Draft::new(&run, "short", house.authority.now()).with_key(short);
        post(&house.authority, &draft.octets(&house.authority))
    }),
    ("keys-wrong", Status(RejectedByCa), |house| {
        bad_request(house, |draft| {
            draft.data.public_key_s_or_e = keys(Some(&draft.key), Some(&key("encryption")));
        })
    }),
    ("language-not-served", Status(InvalidLanguage), |house| {
        let run = form_run(&house.authority, "language");
        let authority = with_policies(house, |text| text.replace("\nid = 1 ", "\nid = 2 "));
        let draft = Draft::new(&run, "language", authority.now());
        post(&authority, &draft.octets(&authority))
    }),
    ("lid-unknown", Signed(UnknownLid), |house| {
        bad_request(house, |draft| draft.data.lid_ee = LocalId::new(&[9; 20]).unwrap())
    }),
    ("malformed", Unsigned(DecodingFailure), |house| {
        bad_wrapper(house, |wrapper| {
            let request = init_req("broken", "Sample");
            let good = Message::CardCInitReq(request).to_octets().unwrap();
            // One octet of the brand becomes a control code that no SETString has.
            let mut octets = good.as_der().to_vec();
            let at = octets.windows(6).position(|w| w == b"Sample").unwrap();
            octets[at] = 0x80;
            wrapper.message = der::Decode::from_der(&octets).unwrap();
        })
    }),
    ("message-not-supported", Unsigned(MessageNotSupported), |house| {
        bad_wrapper(house, |wrapper| {
            // CertInqReq, [30]: a message of SET that is not served yet.
            wrapper.message = der::Decode::from_der(&[0xbe, 0x02, 0x30, 0x00]).unwrap();
        })
    }),
    ("no-back-key", PlainStatus(UnableToEncryptCertRes), |house| {
        bad_request(house, |draft| draft.data.ca_back_key_data = None)
    }),
    ("pan-bin", Status(InvalidBin), |house| {
        with_account(house, "bin", crate::messages::PAN, "5500001234567891")
    }),
    ("pan-changed", Status(RejectedByCa), |house| {
        with_account(house, "pan", crate::messages::PAN, "4111119876543204")
    }),
    ("pan-check-digit", Status(InvalidBin), |house| {
        with_account(house, "luhn", "4111112345678901", "4111112345678901")
    }),
    ("registration-closed", Status(RejectedByCa), |house| {
        let run = form_run(&house.authority, "closed");
        let draft = Draft::new(&run, "closed", house.authority.now());
        post(&house.authority, &draft.octets(&house.authority));
        let second = Draft::new(&run, "another", house.authority.now());
        post(&house.authority, &second.octets(&house.authority))
    }),
    ("request-type-changed", Status(RejectedByCa), |house| {
        let mut form = FormDraft::new("type");
        form.data.request_type = RequestType::CardRenewalSig;
        let run = form.run(&house.authority);
        let draft = Draft::new(&run, "type", house.authority.now());
        post(&house.authority, &draft.octets(&house.authority))
    }),
    ("role-mismatch", Signed(UnspecifiedFailure), |house| {
        bad_request(house, |draft| draft.data.request_type = RequestType::MerInitialSig)
    }),
    ("rrpid-mismatch", Signed(UnknownRrpid), |house| {
        bad_request(house, |draft| {
            draft.data.rrpid = Rrpid::new([3; 20]);
        })
    }),
    ("rrpid-reused", Signed(UnknownRrpid), |house| {
        let first = init_req("reused", "Sample");
        post_now(house, &Message::CardCInitReq(first.clone()), first.rrpid);
        let mut second = init_req("other", "Sample");
        second.rrpid = first.rrpid;
        post_now(house, &Message::CardCInitReq(second), first.rrpid)
    }),
    ("signature-invalid", Status(SigValidationFail), |house| {
        bad_request(house, |draft| draft.forger = Some(key("forger")))
    }),
    ("too-big", Unsigned(MessageTooBig), |house| {
        post(&house.authority, &vec![0x30; MAX_MESSAGE + 1])
    }),
    ("too-new", Signed(MessageTooNew), |house| {
        bad_wrapper(house, |wrapper| {
            wrapper.header.date = Date::from(house.authority.now().plus_secs(601));
        })
    }),
    ("too-old", Signed(MessageTooOld), |house| {
        bad_request(house, |draft| {
            draft.data.request_date = Date::from(house.authority.now().minus_secs(24 * 3600 + 1));
        })
    }),
    ("undecryptable", Signed(DecodingFailure), |house| {
        let form = FormDraft::new("tag");
        let mut sealed = form.sealed(&house.authority);
        *sealed.last_mut().unwrap() ^= 1;
        let message = Message::RegFormReq(EnvelopedDataOctets::new(sealed).unwrap());
        post_now(house, &message, form.data.rrpid)
    }),
    ("version-too-new", Signed(VersionTooNew), |house| {
        bad_wrapper(house, |wrapper| wrapper.header.version = 2)
    }),
    ("version-too-old", Signed(VersionTooOld), |house| {
        bad_wrapper(house, |wrapper| wrapper.header.version = 0)
    }),
];

const STRANGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.3.4");

fn post_now(house: &House, message: &Message, rrpid: Rrpid) -> Vec<u8> {
    post(&house.authority, &wrapped(message, rrpid, house.authority.now()))
}

/// A CertReq in a good run, changed before it is signed. The wrapper keeps the rrpid it had.
fn bad_request(house: &House, change: impl FnOnce(&mut Draft)) -> Vec<u8> {
    let authority = &house.authority;
    let draft = Draft::new(&form_run(authority, "bad"), "bad", authority.now());
    let rrpid = draft.data.rrpid;
    let sealed = draft.with(change).sealed(authority);
    let message = Message::CertReq(CertReq::EncX(EnvelopedDataOctets::new(sealed).unwrap()));
    post(authority, &wrapped(&message, rrpid, authority.now()))
}

/// A CardCInitReq whose wrapper was changed.
fn bad_wrapper(house: &House, change: impl FnOnce(&mut MessageWrapper)) -> Vec<u8> {
    let request = init_req("wrapper", "Sample");
    let rrpid = request.rrpid;
    let mut wrapper = wrapper(&Message::CardCInitReq(request), rrpid, house.authority.now());
    change(&mut wrapper);
    post(&house.authority, &wrapper.to_der().unwrap())
}

/// A form run with one account number and a CertReq with another.
fn with_account(house: &House, label: &str, of_form: &str, of_request: &str) -> Vec<u8> {
    let mut form = FormDraft::new(label);
    form.pan = of_form.to_owned();
    let run = form.run(&house.authority);
    assert!(run.has_form);
    let draft = Draft::new(&run, label, house.authority.now());
    let draft = draft.with_card(of_request, crate::messages::EXPIRY);
    post(&house.authority, &draft.octets(&house.authority))
}

/// The house after a restart with other forms.
fn with_policies(house: &House, change: impl Fn(&str) -> String) -> Authority {
    let files: Vec<(String, String)> = shipped_files()
        .iter()
        .map(|(path, text)| {
            let is_form = path.contains("forms/");
            ((*path).to_owned(), if is_form { change(text) } else { (*text).to_owned() })
        })
        .collect();
    let policies = Policies::from_files(Suite::Modern, &files).unwrap();
    house.reopened(|parts| parts.policies = policies.into())
}

fn heard(house: &House, answer: &[u8]) -> Expected {
    match Heard::of(&house.authority, answer) {
        Heard::Result { data, encrypted: true, .. } => Status(data.cert_status.cert_status_code),
        Heard::Result { data, .. } => PlainStatus(data.cert_status.cert_status_code),
        Heard::Error { tbs, signed: true } => Signed(tbs.error_code),
        Heard::Error { tbs, .. } => Unsigned(tbs.error_code),
        Heard::Other => panic!("a positive answer"),
    }
}

#[test]
fn every_refusal_is_said_as_the_failure_map_has_it() {
    for (code, expected, act) in CASES {
        let house = house();
        assert_eq!(heard(&house, &act(&house)), *expected, "{code}");
    }
}

#[test]
fn every_refusal_has_a_case() {
    let cases: BTreeSet<&str> = CASES.iter().map(|(code, ..)| *code).collect();
    let all: BTreeSet<&str> = Refusal::CODES.iter().copied().collect();
    assert_eq!(cases, all);
    assert_eq!(cases.len(), CASES.len(), "one case each");
}

#[test]
fn the_registration_remembers_the_refusal_its_cert_res_told() {
    for (code, expected, act) in CASES {
        let (Status(status) | PlainStatus(status)) = expected else { continue };
        let house = house();
        let answer = act(&house);
        let heard = Heard::of(&house.authority, &answer);
        let lid_ca = heard.data().lid_ca.clone().unwrap();
        let store = house.authority.store();
        let registration = store.registration(lid_ca.as_bytes()).unwrap().unwrap();
        assert_eq!(registration.refusal.as_deref(), Some(*code), "{status:?}");
        assert_eq!(registration.ca, ca_id("sample-cca"));
    }
}

#[test]
fn a_malformed_form_names_the_fields_by_position() {
    let house = house();
    let answer = bad_request(&house, |draft| {
        draft.data.reg_form = items(&[
            (&["Full name", "Name on the card"], "Ada Lovelace"),
            (&["Date of birth"], "on the tenth of December 1815"),
            (&["Shoe size"], "36"),
        ]);
    });
    let heard = Heard::of(&house.authority, &answer);
    let items = heard.data().cert_status.failed_item_seq.clone().unwrap();
    let numbers: Vec<String> = items.iter().map(|item| format!("{:?}", item.item_number)).collect();
    // Field 2 is required, field 3 is too long, 50 is a label that is not in the form.
    assert_eq!(numbers, ["RangedInt(2)", "RangedInt(3)", "RangedInt(50)"]);
}

#[test]
fn a_renewal_with_one_signature_is_no_first_request() {
    let house = house();
    let mut form = FormDraft::new("renewal");
    form.data.request_type = RequestType::CardRenewalSig;
    let run = form.run(&house.authority);
    let draft = Draft::new(&run, "renewal", house.authority.now())
        .with(|draft| draft.data.request_type = RequestType::CardRenewalSig);
    let answer = post(&house.authority, &draft.octets(&house.authority));
    assert_eq!(heard(&house, &answer), Status(SigValidationFail));
}

#[test]
fn a_form_is_not_given_again_after_the_end() {
    let house = house();
    let run = form_run(&house.authority, "end");
    let draft = Draft::new(&run, "end", house.authority.now());
    post(&house.authority, &draft.octets(&house.authority));
    let mut form = FormDraft::new("reopen");
    form.data.lid_ee = run.lid_ee.clone();
    form.data.lid_ca = Some(run.lid_ca.clone());
    let answer = post(&house.authority, &form.octets(&house.authority));
    assert_eq!(heard(&house, &answer), Signed(UnspecifiedFailure));
    let store = house.authority.store();
    let registration = store.registration(run.lid_ca.as_bytes()).unwrap().unwrap();
    assert_eq!(registration.state, ca_core::store::RegistrationState::Complete);
}
