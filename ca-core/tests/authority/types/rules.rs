//! One change of a good request each, and what comes of it.

use ca_core::profile::{KeyUse, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::{
    AcctData, AcctInfo, Challenge, ErrorCode, LocalId, Nonce, RequestType, Rrpid, Secret,
    VisibleString,
};

use crate::entities::*;
use crate::house::House;
use crate::messages::{back_key, ca_certificate, items, key, keys, random};

/// What a changed request must meet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Met {
    /// A CertRes; this refusal is on record.
    Refused(&'static str),
    /// An Error; nothing is on record.
    Error(ErrorCode),
    /// The certificates: what was changed does not matter.
    Complete,
}
pub(super) use Met::{Complete, Error, Refused};

/// One change of a good request: what it is, for which types, what comes of it.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) applies: fn(RequestType) -> bool,
    pub(super) change: fn(&House, &mut Asking),
    pub(super) met: Met,
}

pub(super) fn always(_: RequestType) -> bool {
    true
}

pub(super) fn not_cardholder(request_type: RequestType) -> bool {
    request_type.role() != Role::Cardholder
}

pub(super) fn cardholder(request_type: RequestType) -> bool {
    request_type.role() == Role::Cardholder
}

pub(super) fn builds_on(request_type: RequestType) -> bool {
    request_type.is_renewal() || !request_type.wants_signature()
}

pub(super) fn wants_both(request_type: RequestType) -> bool {
    request_type.wants_signature() && request_type.wants_encryption()
}

pub(super) fn renews_encryption(request_type: RequestType) -> bool {
    request_type.is_renewal() && request_type.wants_encryption()
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "a signer too many or too few",
        applies: always,
        change: |_, asking| {
            if asking.signers.len() == 2 {
                asking.signers.pop();
            } else {
                asking.signers.push(Signing { certificate: None, key: key("second signer") });
            }
        },
        met: Refused("signers-wrong"),
    },
    Rule {
        name: "a certificate where none is asked for, or none where one is",
        applies: always,
        change: |house, asking| {
            let signer = asking.signers.last_mut().unwrap();
            signer.certificate = match signer.certificate {
                Some(_) => None,
                None => {
                    Some(ca_certificate(&house.authority, "sample-cca", KeyUse::MessageSignature))
                }
            };
        },
        met: Refused("signers-wrong"),
    },
    Rule {
        name: "the first signature by another key",
        applies: always,
        change: |_, asking| asking.signers[0].key = key("forger"),
        met: Refused("signature-invalid"),
    },
    Rule {
        name: "the last signature by another key",
        applies: always,
        change: |_, asking| asking.signers.last_mut().unwrap().key = key("forger"),
        met: Refused("signature-invalid"),
    },
    Rule {
        name: "a certificate that this CA has not issued",
        applies: builds_on,
        change: |house, asking| {
            let other = ca_certificate(&house.authority, "sample-cca", KeyUse::MessageSignature);
            asking.signers.last_mut().unwrap().certificate = Some(other);
        },
        met: Refused("certificate-unknown"),
    },
    Rule {
        name: "the encryption certificate to renew is not named",
        applies: renews_encryption,
        change: |_, asking| asking.data.ee_thumb = None,
        met: Refused("renewed-unnamed"),
    },
    Rule {
        name: "the certificate to renew is of a CA",
        applies: renews_encryption,
        change: |house, asking| {
            let other = ca_certificate(&house.authority, "sample-mca", KeyUse::Encryption);
            asking.data.ee_thumb = Some(thumb(&other));
        },
        met: Refused("renewed-unnamed"),
    },
    Rule {
        name: "the encryption certificate to renew is a signature certificate",
        applies: renews_encryption,
        change: |_, asking| {
            let other = asking.signers.last().unwrap().certificate.clone().unwrap();
            asking.data.ee_thumb = Some(thumb(&other));
        },
        met: Refused("certificate-unknown"),
    },
    Rule {
        name: "another key beside the one",
        applies: |request_type| !wants_both(request_type),
        change: |_, asking| {
            let signature = asking.new_key.copy();
            asking.data.public_key_s_or_e =
                keys(Some(&signature), Some(&encryption_key(asking.suite, 2)));
        },
        met: Refused("keys-wrong"),
    },
    Rule {
        name: "one key of two",
        applies: wants_both,
        change: |_, asking| {
            asking.data.public_key_s_or_e = keys(Some(&asking.new_key.copy()), None);
        },
        met: Refused("keys-wrong"),
    },
    Rule {
        name: "no signature key to verify with",
        applies: |request_type| request_type.wants_signature(),
        change: |_, asking| {
            asking.data.public_key_s_or_e = keys(None, Some(&encryption_key(asking.suite, 2)));
        },
        met: Refused("keys-wrong"),
    },
    Rule {
        name: "an encryption key of a kind that only signs",
        applies: |request_type| request_type.wants_encryption(),
        change: |_, asking| {
            let signature = asking.data.public_key_s_or_e.signature().cloned();
            let other = keys(Some(&key("signs")), None).signature().cloned();
            asking.data.public_key_s_or_e =
                ca_core::wire::PublicKeySorE::new(signature, other).unwrap();
        },
        met: Refused("key-kind"),
    },
    Rule {
        name: "a signature key that is too short",
        applies: |request_type| request_type.wants_signature(),
        change: |_, asking| {
            let short = PrivateKey::generate(KeyAlgorithm::Rsa(2048), &random("short")).unwrap();
            let encryption = asking.data.public_key_s_or_e.encryption().cloned();
            let signature = keys(Some(&short), None).signature().cloned();
            asking.data.public_key_s_or_e =
                ca_core::wire::PublicKeySorE::new(signature, encryption).unwrap();
            asking.signers[0].key = short;
        },
        met: Refused("key-kind"),
    },
    Rule {
        name: "one key for both uses",
        applies: wants_both,
        change: |_, asking| {
            let one = encryption_key(asking.suite, 2);
            asking.data.public_key_s_or_e = keys(Some(&one), Some(&one));
            asking.signers[0].key = one;
        },
        met: Refused("keys-alike"),
    },
    Rule {
        name: "a form that was not given out",
        applies: always,
        change: |_, asking| asking.data.reg_form_id = 99,
        met: Refused("form-other"),
    },
    Rule {
        name: "a required answer is missing",
        applies: always,
        change: |_, asking| asking.data.reg_form = None,
        met: Refused("form-malformed"),
    },
    Rule {
        name: "an answer to a question nobody asked",
        applies: always,
        change: |_, asking| asking.data.reg_form = items(&[(&["Shoe size"], "36")]),
        met: Refused("form-malformed"),
    },
    Rule {
        name: "the account data of the other class",
        applies: always,
        change: |_, asking| {
            asking.account = Some(match asking.data.request_type.role() {
                Role::Cardholder => AcctInfo::AcctData(AcctData {
                    acct_identification: VisibleString::new("an account").unwrap(),
                    ex_nonce: Nonce::new([1; 20]),
                }),
                _ => card(asking.suite, crate::messages::PAN, "account"),
            });
        },
        met: Refused("account-unreadable"),
    },
    Rule {
        name: "a CardSecret as long as the other suite's",
        applies: cardholder,
        change: |_, asking| {
            let Some(AcctInfo::PanData0(card)) = &mut asking.account else { panic!("no card") };
            card.card_secret = Secret::new(&[1; 20]).unwrap();
        },
        met: Refused("account-unreadable"),
    },
    Rule {
        name: "no card",
        applies: cardholder,
        change: |_, asking| asking.account = None,
        met: Refused("account-missing"),
    },
    Rule {
        name: "no back key",
        applies: cardholder,
        change: |_, asking| asking.data.ca_back_key_data = None,
        met: Refused("no-back-key"),
    },
    Rule {
        name: "another identity than that of the form run",
        applies: not_cardholder,
        change: |_, asking| {
            let role = asking.data.request_type.role();
            asking.data.id_data = Some(id_data(role, BIN, "4712"));
        },
        met: Refused("id-data-changed"),
    },
    Rule {
        name: "no identity",
        applies: not_cardholder,
        change: |_, asking| asking.data.id_data = None,
        met: Refused("id-data-changed"),
    },
    Rule {
        name: "the identity of another class",
        applies: always,
        change: |_, asking| {
            let other = match asking.data.request_type.role() {
                Role::Merchant => Role::Gateway,
                _ => Role::Merchant,
            };
            asking.data.id_data = Some(id_data(other, BIN, "4711"));
        },
        met: Error(ErrorCode::UnspecifiedFailure),
    },
    Rule {
        name: "another rrpid than the wrapper's",
        applies: always,
        change: |_, asking| asking.data.rrpid = Rrpid::new([7; 20]),
        met: Error(ErrorCode::UnknownRrpid),
    },
    Rule {
        name: "another LID-EE",
        applies: always,
        change: |_, asking| asking.data.lid_ee = LocalId::new(&[7; 20]).unwrap(),
        met: Error(ErrorCode::UnknownLid),
    },
    Rule {
        name: "no LID-CA",
        applies: always,
        change: |_, asking| asking.data.lid_ca = None,
        met: Error(ErrorCode::UnknownLid),
    },
    Rule {
        name: "another chall-CA",
        applies: always,
        change: |_, asking| asking.data.chall_ca = Some(Challenge::new([7; 20])),
        met: Error(ErrorCode::ChallengeMismatch),
    },
    Rule {
        name: "a type of another class",
        applies: always,
        change: |_, asking| {
            asking.data.request_type = match asking.data.request_type.role() {
                Role::Merchant => RequestType::PgwyInitialSig,
                _ => RequestType::MerInitialSig,
            };
        },
        met: Error(ErrorCode::UnspecifiedFailure),
    },
    // MR-4; §4.6: what only cardholders send does not matter from others.
    Rule {
        name: "a back key that nobody needs",
        applies: not_cardholder,
        change: |_, asking| asking.data.ca_back_key_data = Some(back_key(asking.suite)),
        met: Complete,
    },
];
