//! What was granted: everything the certificates of one request are made of.
//!
//! A grant is whole: nonceCCA is drawn and the name computed when the CertReq comes, so that a
//! request that waits for people needs no account number afterwards. [`Grant::encode`] gives the
//! octets for `Registration::sealed`; they hold secrets and never stand anywhere in clear.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, OctetString};
use der::{Decode, Encode, Sequence};
use zeroize::Zeroizing;

use super::Error;
use crate::UnixTime;
use crate::issue::SubjectName;
use crate::profile::{KeyUse, Role};
use crate::store::SerialNumber;
use crate::wire::extensions::MerchantData;
use crate::wire::{BackKeyData, CaMsg, Secret};

/// The certificates that a request may have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Grant {
    /// Role of the subject: cardholder, merchant or gateway.
    pub(super) role: Role,
    /// One certificate each, signature before encryption.
    pub(super) keys: Vec<GrantedKey>,
    /// subject; a cardholder's name is blinded already (spec `set-messages.md` §4.9).
    pub(super) subject: SubjectName,
    /// Latest notAfter: the last second of the card.
    pub(super) not_after_cap: Option<UnixTime>,
    /// merchantData: merchants.
    pub(super) merchant_data: Option<MerchantData>,
    /// What the acquirer's entry says of its gateways.
    pub(super) gateway_terms: Option<GatewayTerms>,
    /// The form as it was answered, label and value: for whoever decides.
    pub(super) answers: Vec<(String, String)>,
    /// What goes into the answer beside the certificates.
    pub(super) reply: Reply,
}

/// A key to certify.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct GrantedKey {
    /// MessageSignature or Encryption.
    pub(super) key_use: KeyUse,
    /// DER SubjectPublicKeyInfo.
    pub(super) spki: Vec<u8>,
    /// The certificate of the same CA that this one replaces.
    pub(super) renews: Option<SerialNumber>,
}

/// Extensions of a gateway's encryption certificate (spec `set-certificates.md` §3.10).
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(super) struct GatewayTerms {
    /// cardCertRequired: payments only from cardholders with a certificate.
    pub(super) card_cert_required: bool,
    /// setExtensions: message extensions the gateway supports.
    pub(super) set_extensions: Vec<ObjectIdentifier>,
}

/// What a complete answer says beside the certificates (spec `set-messages.md` §2.11).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Reply {
    /// The CA's half of PANSecret: cardholders.
    pub(super) nonce_cca: Option<Secret>,
    /// The key the answer is encrypted under: cardholders.
    pub(super) back_key: Option<BackKeyData>,
    /// Extras for the cardholder.
    pub(super) ca_msg: Option<CaMsg>,
}

impl Grant {
    /// The octets to seal and keep. They hold nonceCCA and the back key.
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let name = self.subject.to_der().map_err(|fault| Error::Policy(fault.to_string()))?;
        let keys = self.keys.iter().map(StoredKey::of).collect::<der::Result<_>>()?;
        let stored = StoredGrant {
            role: role_number(self.role),
            keys,
            subject: Any::from_der(&name)?,
            not_after_cap: self.not_after_cap.map(UnixTime::as_secs),
            merchant_data: self.merchant_data.clone(),
            gateway_terms: self.gateway_terms.clone(),
            nonce_cca: self.reply.nonce_cca.clone(),
            back_key: self.reply.back_key.clone(),
            ca_msg: self.reply.ca_msg.clone(),
            answers: self.answers.iter().map(StoredAnswer::of).collect(),
        };
        let mut octets =
            Zeroizing::new(Vec::with_capacity(usize::try_from(stored.encoded_len()?)?));
        stored.encode_to_vec(&mut octets)?;
        Ok(octets)
    }

    /// Reads what [`Grant::encode`] wrote.
    ///
    /// # Errors
    /// [`Error::Hierarchy`] if the stored octets are something else.
    pub(super) fn decode(octets: &[u8]) -> Result<Self, Error> {
        let odd = || Error::Hierarchy("a stored grant is not one".to_owned());
        let stored = StoredGrant::from_der(octets).map_err(|_| odd())?;
        let keys = stored.keys.iter().map(StoredKey::read).collect::<Option<_>>();
        let subject = SubjectName::from_der(&stored.subject.to_der()?).map_err(|_| odd())?;
        Ok(Self {
            role: role_of(stored.role).ok_or_else(odd)?,
            keys: keys.ok_or_else(odd)?,
            subject,
            not_after_cap: stored.not_after_cap.map(UnixTime::from_secs),
            merchant_data: stored.merchant_data,
            gateway_terms: stored.gateway_terms,
            answers: stored.answers.into_iter().map(StoredAnswer::read).collect(),
            reply: Reply {
                nonce_cca: stored.nonce_cca,
                back_key: stored.back_key,
                ca_msg: stored.ca_msg,
            },
        })
    }
}

/// A grant as it rests, our own format and never on the wire.
///
/// ```text
/// Grant ::= SEQUENCE {
///     role              INTEGER,
///     keys              SEQUENCE OF GrantedKey,
///     subject           Name,
///     notAfterCap   [0] EXPLICIT INTEGER OPTIONAL,
///     merchantData  [1] EXPLICIT MerchantDataSyntax OPTIONAL,
///     gatewayTerms  [2] EXPLICIT GatewayTerms OPTIONAL,
///     nonceCCA      [3] EXPLICIT Secret OPTIONAL,
///     backKey       [4] EXPLICIT BackKeyData OPTIONAL,
///     caMsg         [5] EXPLICIT CAMsg OPTIONAL,
///     answers           SEQUENCE OF SEQUENCE { label UTF8String, value UTF8String } }
/// ```
#[derive(Sequence)]
struct StoredGrant {
    role: u8,
    keys: Vec<StoredKey>,
    subject: Any,
    #[asn1(context_specific = "0", optional = "true")]
    not_after_cap: Option<u64>,
    #[asn1(context_specific = "1", optional = "true")]
    merchant_data: Option<MerchantData>,
    #[asn1(context_specific = "2", optional = "true")]
    gateway_terms: Option<GatewayTerms>,
    #[asn1(context_specific = "3", optional = "true")]
    nonce_cca: Option<Secret>,
    #[asn1(context_specific = "4", optional = "true")]
    back_key: Option<BackKeyData>,
    #[asn1(context_specific = "5", optional = "true")]
    ca_msg: Option<CaMsg>,
    answers: Vec<StoredAnswer>,
}

/// `SEQUENCE { encryption BOOLEAN, spki SubjectPublicKeyInfo, renews OCTET STRING OPTIONAL }`.
#[derive(Sequence)]
struct StoredKey {
    encryption: bool,
    spki: Any,
    #[asn1(optional = "true")]
    renews: Option<OctetString>,
}

impl StoredKey {
    fn of(key: &GrantedKey) -> der::Result<Self> {
        let renews = key.renews.as_ref().map(|serial| OctetString::new(serial.as_octets()));
        Ok(Self {
            encryption: key.key_use == KeyUse::Encryption,
            spki: Any::from_der(&key.spki)?,
            renews: renews.transpose()?,
        })
    }

    fn read(&self) -> Option<GrantedKey> {
        let key_use = if self.encryption { KeyUse::Encryption } else { KeyUse::MessageSignature };
        let renews = match &self.renews {
            Some(octets) => Some(SerialNumber::from_octets(octets.as_bytes())?),
            None => None,
        };
        Some(GrantedKey { key_use, spki: self.spki.to_der().ok()?, renews })
    }
}

#[derive(Sequence)]
struct StoredAnswer {
    label: String,
    value: String,
}

impl StoredAnswer {
    fn of((label, value): &(String, String)) -> Self {
        Self { label: label.clone(), value: value.clone() }
    }

    fn read(self) -> (String, String) {
        (self.label, self.value)
    }
}

/// The bit of certificateType names an end entity in one octet.
fn role_number(role: Role) -> u8 {
    role.certificate_type_bit().unwrap_or(u8::MAX)
}

fn role_of(number: u8) -> Option<Role> {
    [Role::Cardholder, Role::Merchant, Role::Gateway]
        .into_iter()
        .find(|role| role_number(*role) == number)
}

#[cfg(test)]
mod tests {
    use spki::AlgorithmIdentifierOwned;

    use super::*;
    use crate::unhex;
    use crate::wire::extensions::MerName;
    use crate::wire::{BackKey, Bin, MerchantId, SetString, Url, oids};

    /// RFC 8410 §10.1: the Ed25519 public key of the example.
    const SPKI: &str =
        "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

    fn bare(role: Role) -> Grant {
        Grant {
            role,
            keys: vec![GrantedKey {
                key_use: KeyUse::Encryption,
                spki: unhex(SPKI).unwrap(),
                renews: None,
            }],
            subject: SubjectName {
                country: "DE".to_owned(),
                organization: "Brand".to_owned(),
                units: vec!["Bank".to_owned()],
                common_name: None,
            },
            not_after_cap: None,
            merchant_data: None,
            gateway_terms: None,
            answers: Vec::new(),
            reply: Reply::default(),
        }
    }

    fn full() -> Grant {
        let signature = GrantedKey {
            key_use: KeyUse::MessageSignature,
            spki: unhex(SPKI).unwrap(),
            renews: SerialNumber::from_octets(&[7; 16]),
        };
        let mut grant = bare(Role::Cardholder);
        grant.keys.insert(0, signature);
        grant.subject.common_name = Some("Café 7_*".to_owned());
        grant.not_after_cap = Some(UnixTime::from_secs(1_900_000_000));
        grant.merchant_data = Some(MerchantData {
            mer_id: MerchantId::new("M1").unwrap(),
            mer_acquirer_bin: Bin::new("411111").unwrap(),
            mer_name_seq: vec![MerName {
                language: None,
                name: SetString::new("Shop").unwrap(),
                city: SetString::new("Bonn").unwrap(),
                state_province: None,
                postal_code: None,
                country_name: SetString::new("DE").unwrap(),
            }],
            mer_country: 276,
            mer_auth_flag: false,
        });
        grant.gateway_terms =
            Some(GatewayTerms { card_cert_required: true, set_extensions: vec![oids::DES_CBC] });
        grant.answers = vec![("Straße".to_owned(), "Weg 1".to_owned())];
        grant.reply = Reply {
            nonce_cca: Some(Secret::new(&[9; 32]).unwrap()),
            back_key: Some(BackKeyData {
                back_alg_id: AlgorithmIdentifierOwned { oid: oids::AES_256_GCM, parameters: None },
                back_key: BackKey::new(&[3; 32]).unwrap(),
            }),
            ca_msg: Some(CaMsg {
                card_logo_url: Some(Url::new("https://x.example").unwrap()),
                brand_logo_url: None,
                card_currency: None,
                cardholder_msg: None,
            }),
        };
        grant
    }

    #[test]
    fn a_grant_comes_back_as_it_was_kept() {
        for grant in [bare(Role::Gateway), bare(Role::Merchant), full()] {
            let octets = grant.encode().unwrap();
            assert_eq!(Grant::decode(&octets).unwrap(), grant);
        }
    }

    #[test]
    fn octets_that_are_no_grant_are_refused() {
        let octets = full().encode().unwrap();
        for end in 0..octets.len() {
            assert!(Grant::decode(&octets[..end]).is_err(), "cut at {end}");
        }
        let mut other = bare(Role::Gateway).encode().unwrap();
        // role is the first INTEGER: 30 len 02 01 role.
        other[4] = 3;
        assert!(Grant::decode(&other).is_err());
    }

    #[test]
    fn a_grant_does_not_show_its_secrets() {
        let shown = format!("{:?}", full());
        assert!(!shown.contains("9, 9, 9") && !shown.contains("3, 3, 3"), "{shown}");
    }
}
