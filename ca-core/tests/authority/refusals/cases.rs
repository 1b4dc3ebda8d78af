//! Each refusal: how to get it, and what the answer says.

use ca_core::envelope::Block;
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::store::{RevocationReason, SerialNumber};
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

use crate::entities::*;
use crate::house::House;
use crate::messages::{
    Draft, FormDraft, Heard, ca_certificate, ca_id, form_run, init_req, items, key, keys, post,
    random, registered, wrapped, wrapper,
};

/// What must be heard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Expected {
    /// An Error signed by the CA that serves the message.
    Signed(ErrorCode),
    /// An Error that nobody could be told to sign.
    Unsigned(ErrorCode),
    /// A CertRes under the back key.
    Status(CertStatusCode),
    /// A CertRes that could not be encrypted.
    PlainStatus(CertStatusCode),
}
pub(super) use Expected::{PlainStatus, Signed, Status, Unsigned};

/// Code of the refusal, what it looks like, and how to get it: octets that the house answers so.
pub(super) type Case = (&'static str, Expected, fn(&House) -> Vec<u8>);

pub(super) const CASES: &[Case] = &[
    ("account-missing", Status(RejectedByCa), |house| {
        asked(house, RequestType::CardInitialSig, None, |asking| asking.account = None)
    }),
    ("account-unreadable", Status(DecryptionError), |house| {
        bad_request(house, |draft| {
            draft.block = Block::AcctData;
            draft.account = AcctInfo::AcctData(AcctData {
                acct_identification: VisibleString::new("a merchant's account").unwrap(),
                ex_nonce: Nonce::random(&random("account")).unwrap(),
            });
        })
    }),
    ("acquirer-refused", PlainStatus(RejectedByAquirer), |house| {
        // 495000 is of the acquirer that runs no gateway.
        let mut contact = contact_req(RequestType::PgwyInitialSig, "refused");
        contact.id_data = id_data(Role::Gateway, "495000", "4711");
        let asking = Asking::new(house, &Tied::by(house, &contact), "refused", None);
        post(&house.authority, &asking.octets())
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
    ("certificate-expired", Status(RejectedByCa), |house| {
        let tied = Tied::to_form(house, RequestType::CardInitialSig, "short");
        let asking = Asking::new(house, &tied, "short", None);
        let asking = asking.with(|asking| asking.expires(2026, 12));
        let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
        let held = Held { key: key("short"), signature: heard.issued().clone(), encryption: None };
        // The card and its certificate end with the year; the house stands in November.
        house.clock.advance(60 * 24 * 3600);
        asked(house, RequestType::CardRenewalSig, Some(&held), |_| {})
    }),
    ("certificate-renewed", PlainStatus(RejectedByCa), |house| {
        let held = Held::by_registering(house, Role::Merchant, "held");
        asked(house, RequestType::MerRenewalSig, Some(&held), |_| {});
        let tied = Tied::to_form(house, RequestType::MerRenewalSig, "second");
        let asking = Asking::new(house, &tied, "second", Some(&held));
        post(&house.authority, &asking.octets())
    }),
    ("certificate-revoked", PlainStatus(RejectedByCa), |house| {
        let held = Held::by_registering(house, Role::Merchant, "held");
        let serial = SerialNumber::from_octets(held.signature.serial()).unwrap();
        let reason = RevocationReason::KeyCompromise;
        house.authority.revoke(&ca_id("sample-mca"), &serial, reason).unwrap();
        asked(house, RequestType::MerInitialEnc, Some(&held), |_| {})
    }),
    ("certificate-unknown", PlainStatus(RejectedByCa), |house| {
        let mut held = Held::by_registering(house, Role::Merchant, "held");
        held.signature = ca_certificate(&house.authority, "sample-mca", KeyUse::MessageSignature);
        asked(house, RequestType::MerInitialEnc, Some(&held), |_| {})
    }),
    ("challenge-mismatch", Signed(ChallengeMismatch), |house| {
        bad_request(house, |draft| draft.data.chall_ca = Some(Challenge::new([1; 20])))
    }),
    ("entity-other", PlainStatus(RejectedByCa), |house| {
        let held = Held::by_registering(house, Role::Merchant, "held");
        let mut contact = contact_req(RequestType::MerInitialEnc, "other shop");
        contact.id_data = id_data(Role::Merchant, BIN, "4712");
        let asking = Asking::new(house, &Tied::by(house, &contact), "other shop", Some(&held));
        post(&house.authority, &asking.octets())
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
    ("id-data-changed", PlainStatus(RejectedByCa), |house| {
        asked(house, RequestType::MerInitialSig, None, |asking| asking.data.id_data = None)
    }),
    ("id-data-wrong", Signed(UnspecifiedFailure), |house| {
        asked(house, RequestType::MerInitialSig, None, |asking| {
            asking.data.id_data = Some(id_data(Role::Gateway, BIN, "4711"));
        })
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
    ("keys-alike", PlainStatus(RejectedByCa), |house| {
        asked(house, RequestType::MerInitialBoth, None, |asking| {
            let one = encryption_key(house.suite(), 2);
            asking.data.public_key_s_or_e = keys(Some(&one), Some(&one));
            asking.signers[0].key = one;
        })
    }),
    ("keys-wrong", Status(RejectedByCa), |house| {
        bad_request(house, |draft| {
            draft.data.public_key_s_or_e = keys(Some(&draft.key), Some(&key("encryption")));
        })
    }),
    ("language-not-served", Status(InvalidLanguage), |house| {
        let run = form_run(&house.authority, "language");
        let authority = house.with_policies(|_, text| text.replace("\nid = 1 ", "\nid = 12 "));
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
            // CertInqRes, [31]: only ever sent by a CA, so it need not even decode.
            wrapper.message = der::Decode::from_der(&[0xbf, 0x1f, 0x02, 0x05, 0x00]).unwrap();
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
    ("renewed-unnamed", PlainStatus(RejectedByCa), |house| {
        let held = Held::by_registering(house, Role::Merchant, "held");
        let change = |asking: &mut Asking| asking.data.ee_thumb = None;
        asked(house, RequestType::MerRenewalEnc, Some(&held), change)
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
    ("signers-wrong", PlainStatus(SigValidationFail), |house| {
        asked(house, RequestType::MerInitialSig, None, |asking| {
            asking.signers.push(Signing { certificate: None, key: key("second") });
        })
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
pub(super) fn bad_request(house: &House, change: impl FnOnce(&mut Draft)) -> Vec<u8> {
    let authority = &house.authority;
    let draft = Draft::new(&form_run(authority, "bad"), "bad", authority.now());
    let rrpid = draft.data.rrpid;
    let sealed = draft.with(change).sealed(authority);
    let message = Message::CertReq(CertReq::EncX(EnvelopedDataOctets::new(sealed).unwrap()));
    post(authority, &wrapped(&message, rrpid, authority.now()))
}

/// A CertReq of any type in a good run, changed before it is signed.
fn asked(
    house: &House,
    request_type: RequestType,
    held: Option<&Held>,
    change: impl FnOnce(&mut Asking),
) -> Vec<u8> {
    let tied = Tied::to_form(house, request_type, "asked");
    let asking = Asking::new(house, &tied, "asked", held).with(change);
    post(&house.authority, &asking.octets())
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

pub(super) fn heard(house: &House, answer: &[u8]) -> Expected {
    match Heard::of(&house.authority, answer) {
        Heard::Result { data, encrypted: true, .. } => Status(data.cert_status.cert_status_code),
        Heard::Result { data, .. } => PlainStatus(data.cert_status.cert_status_code),
        Heard::Error { tbs, signed: true } => Signed(tbs.error_code),
        Heard::Error { tbs, .. } => Unsigned(tbs.error_code),
        Heard::Other => panic!("a positive answer"),
    }
}
