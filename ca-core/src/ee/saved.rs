//! A waiting request as octets: what a crash must not lose (spec `set-messages.md` §4.8).
//!
//! The octets hold private keys, the account number and CardSecret: the caller encrypts them. They
//! are ours alone and no message, so they carry a version instead of a promise.
//!
//! ```text
//! SavedRun ::= SEQUENCE { version INTEGER (1), run OCTET STRING }   -- DER of Run
//! ```

use der::asn1::OctetString;
use der::{Choice, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Sequence};
use der::{Tag, Writer};
use zeroize::Zeroizing;

use super::kept::{Kept, KeptCard, KeptHolder, KeptKey};
use super::request::Pair;
use super::wallet::{Labels, Session};
use super::{Cache, EeError, PanData, Pending, Requesting};
use crate::Suite;
use crate::path::RootHash;
use crate::signer::PrivateKey;
use crate::wire::bounds::MAX_CRL;
use crate::wire::{
    BackKeyData, BrandCrlIdentifier, BrandId, CardExpiry, Cert, CertStatusCode, Challenge, Crl,
    DecodeError, IdData, Language, LocalId, Pan, RequestType, Rrpid, Secret, Thumbs, decode,
};

/// A request brought back from octets.
#[derive(Debug)]
pub enum Saved {
    /// It was saved with its answer outstanding.
    Requesting(Requesting),
    /// It was saved undecided.
    Pending(Pending),
}

impl Saved {
    /// Reads what [`Requesting::save`] or [`Pending::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] for another version, and for octets that are none of ours.
    pub fn restore(octets: &[u8]) -> Result<Self, RestoreError> {
        let envelope: Versioned = decode(octets, MAX_SAVED)?;
        if envelope.version != VERSION {
            return Err(RestoreError::Version(envelope.version));
        }
        let run: Run = decode(&envelope.run.0, MAX_SAVED)?;
        run.restored()
    }
}

/// Octets that are no saved request of this version.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// Not what we write.
    #[error("the saved request is damaged: {0}")]
    Damaged(#[from] DecodeError),
    /// A certificate, list or key in it cannot be read, or the suite is unknown.
    #[error("the saved request is damaged: {0} in it cannot be read")]
    Part(&'static str),
    /// Written by another version of this software.
    #[error("the saved request has version {0}, this software reads 1")]
    Version(u8),
}

impl Requesting {
    /// The request as octets, secrets and the message sent included.
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn save(&self) -> Result<Zeroizing<Vec<u8>>, EeError> {
        let state = State::Requesting(SavedPair {
            rrpid: self.pair.rrpid,
            chall_ee3: self.pair.chall_ee3,
            message: OctetString::new(self.message.as_slice())?,
            thumbs: self.pair.thumbs.clone(),
        });
        saved(&self.kept, state)
    }
}

impl Pending {
    /// The request as octets, secrets included.
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn save(&self) -> Result<Zeroizing<Vec<u8>>, EeError> {
        let (status, message) = (self.status, self.message.clone());
        saved(&self.kept, State::Pending(SavedStatus { status, message }))
    }
}

fn saved(kept: &Kept, state: State) -> Result<Zeroizing<Vec<u8>>, EeError> {
    let run = Zeroizing::new(Run::of(kept, state)?.to_der()?);
    let envelope = Versioned { version: VERSION, run: SecretOctets(run) };
    Ok(Zeroizing::new(envelope.to_der()?))
}

#[derive(Sequence)]
struct Versioned {
    version: u8,
    run: SecretOctets,
}

#[derive(Sequence)]
struct Run {
    suite: String,
    brand: BrandId,
    language: Language,
    request_type: RequestType,
    lid_ee: LocalId,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    lid_ca: Option<LocalId>,
    #[asn1(context_specific = "1", optional = "true")]
    id_data: Option<IdData>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    signature_key: Option<SecretOctets>,
    #[asn1(context_specific = "3", tag_mode = "IMPLICIT", optional = "true")]
    encryption_key: Option<SecretOctets>,
    #[asn1(context_specific = "4", tag_mode = "IMPLICIT", optional = "true")]
    holder: Option<SavedHolder>,
    #[asn1(context_specific = "5", tag_mode = "IMPLICIT", optional = "true")]
    card: Option<SavedCard>,
    anchors: Vec<OctetString>,
    certificates: Vec<OctetString>,
    crls: Vec<OctetString>,
    #[asn1(context_specific = "6", tag_mode = "IMPLICIT", optional = "true")]
    bci: Option<OctetString>,
    #[asn1(context_specific = "9", optional = "true")]
    root_hash: Option<String>,
    state: State,
}

impl Run {
    fn of(kept: &Kept, state: State) -> der::Result<Self> {
        let session = &kept.session;
        let octets = |der: &[u8]| OctetString::new(der);
        let certificates = |list: &[Cert]| -> der::Result<Vec<OctetString>> {
            list.iter().map(|certificate| octets(certificate.der())).collect()
        };
        let key = |key: &KeptKey| SecretOctets(key.pkcs8.clone());
        let holder = |holder: &KeptHolder| -> der::Result<SavedHolder> {
            let certificate = octets(holder.certificate.der())?;
            Ok(SavedHolder { certificate, key: key(&holder.key) })
        };
        let cache = &session.cache;
        Ok(Self {
            suite: session.suite.name().to_owned(),
            brand: session.brand.clone(),
            language: session.language.clone(),
            request_type: kept.request_type,
            lid_ee: kept.labels.lid_ee.clone(),
            lid_ca: kept.labels.lid_ca.clone(),
            id_data: kept.id_data.clone(),
            signature_key: kept.signature_key.as_ref().map(key),
            encryption_key: kept.encryption_key.as_ref().map(key),
            holder: kept.holder.as_ref().map(holder).transpose()?,
            card: kept.card.as_ref().map(SavedCard::of),
            anchors: certificates(&session.anchors)?,
            certificates: certificates(&cache.certificates)?,
            crls: cache.crls.iter().map(|crl| octets(crl.der())).collect::<Result<_, _>>()?,
            bci: cache.bci.as_ref().map(|bci| octets(bci.der())).transpose()?,
            root_hash: session.root_hash.as_ref().map(ToString::to_string),
            state,
        })
    }

    fn restored(self) -> Result<Saved, RestoreError> {
        let suite: Suite = self.suite.parse().map_err(|_| RestoreError::Part("the suite"))?;
        let cache = Cache {
            certificates: self.certificates.iter().map(certificate).collect::<Result<_, _>>()?,
            crls: self.crls.iter().map(crl).collect::<Result<_, _>>()?,
            bci: self.bci.as_ref().map(bci).transpose()?,
        };
        let session = Session {
            suite,
            brand: self.brand,
            language: self.language,
            role: self.request_type.role(),
            anchors: self.anchors.iter().map(certificate).collect::<Result<_, _>>()?,
            root_hash: self
                .root_hash
                .map(|text| RootHash::parse(&text).map_err(|_| RestoreError::Part("a root's hash")))
                .transpose()?,
            cache,
        };
        let kept = Kept {
            session,
            labels: Labels { lid_ee: self.lid_ee, lid_ca: self.lid_ca },
            request_type: self.request_type,
            id_data: self.id_data,
            signature_key: self.signature_key.map(key).transpose()?,
            encryption_key: self.encryption_key.map(key).transpose()?,
            holder: self.holder.map(SavedHolder::restored).transpose()?,
            card: self.card.map(SavedCard::restored),
        };
        self.state.restored(kept)
    }
}

#[derive(Choice)]
enum State {
    #[asn1(context_specific = "7", tag_mode = "IMPLICIT", constructed = "true")]
    Requesting(SavedPair),
    #[asn1(context_specific = "8", tag_mode = "IMPLICIT", constructed = "true")]
    Pending(SavedStatus),
}

impl State {
    fn restored(self, kept: Kept) -> Result<Saved, RestoreError> {
        match self {
            Self::Requesting(saved) => {
                let SavedPair { rrpid, chall_ee3, message, thumbs } = saved;
                let message = message.into_bytes().to_vec();
                let pair = Pair { rrpid, chall_ee3, thumbs };
                Ok(Saved::Requesting(Requesting { kept, pair, message }))
            }
            Self::Pending(SavedStatus { status, message }) => {
                let lid_ca = kept.labels.lid_ca.clone().ok_or(RestoreError::Part("the label"))?;
                Ok(Saved::Pending(Pending { kept, lid_ca, status, message }))
            }
        }
    }
}

#[derive(Sequence)]
struct SavedPair {
    rrpid: Rrpid,
    chall_ee3: Challenge,
    message: OctetString,
    #[asn1(optional = "true")]
    thumbs: Option<Thumbs>,
}

#[derive(Sequence)]
struct SavedStatus {
    status: CertStatusCode,
    #[asn1(optional = "true")]
    message: Option<String>,
}

#[derive(Sequence)]
struct SavedHolder {
    certificate: OctetString,
    key: SecretOctets,
}

impl SavedHolder {
    fn restored(self) -> Result<KeptHolder, RestoreError> {
        Ok(KeptHolder { certificate: certificate(&self.certificate)?, key: key(self.key)? })
    }
}

#[derive(Sequence)]
struct SavedCard {
    pan: Pan,
    expiry: CardExpiry,
    card_secret: Secret,
    back_key: BackKeyData,
}

impl SavedCard {
    fn of(card: &KeptCard) -> Self {
        let PanData { pan, expiry } = card.data.clone();
        let (card_secret, back_key) = (card.card_secret.clone(), card.back_key.clone());
        Self { pan, expiry, card_secret, back_key }
    }

    fn restored(self) -> KeptCard {
        let Self { pan, expiry, card_secret, back_key } = self;
        KeptCard { data: PanData { pan, expiry }, card_secret, back_key }
    }
}

/// An OCTET STRING that is wiped when dropped.
struct SecretOctets(Zeroizing<Vec<u8>>);

impl<'a> DecodeValue<'a> for SecretOctets {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        Ok(Self(Zeroizing::new(reader.read_vec(header.length())?)))
    }
}

impl EncodeValue for SecretOctets {
    fn value_len(&self) -> der::Result<Length> {
        self.0.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(&self.0)
    }
}

impl FixedTag for SecretOctets {
    const TAG: Tag = Tag::OctetString;
}

fn certificate(octets: &OctetString) -> Result<Cert, RestoreError> {
    Cert::from_der(octets.as_bytes()).map_err(|_| RestoreError::Part("a certificate"))
}

fn crl(octets: &OctetString) -> Result<Crl, RestoreError> {
    Crl::from_der_set(octets.as_bytes()).map_err(|_| RestoreError::Part("a CRL"))
}

fn bci(octets: &OctetString) -> Result<BrandCrlIdentifier, RestoreError> {
    BrandCrlIdentifier::from_der(octets.as_bytes()).map_err(|_| RestoreError::Part("the BCI"))
}

fn key(octets: SecretOctets) -> Result<KeptKey, RestoreError> {
    let key = PrivateKey::from_pkcs8(&octets.0).map_err(|_| RestoreError::Part("a key"))?;
    Ok(KeptKey { pkcs8: octets.0, spki: key.spki_der().to_vec() })
}

/// The layout above.
const VERSION: u8 = 1;
/// Octets that are read: the lists of a brand may be long.
const MAX_SAVED: usize = 2 * MAX_CRL;
