//! What a check of the status can find.

use core::fmt;

use crate::UnixTime;
use crate::status::{Mismatch, Said};
use crate::store::{CaId, ListId, SerialNumber, Status};
use crate::wire::RevokedInfo;
use crate::wire::ocsp::CertStatus;

/// Two of the places that tell how a certificate stands say different things.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StatusMismatch {
    /// OCSP says something else than the store.
    Answer {
        /// The issuing CA.
        issuer: CaId,
        /// Serial number under that issuer.
        serial: SerialNumber,
        /// What OCSP says; none if it does not answer.
        answer: Option<CertStatus>,
        /// What the store says; none if it does not know the serial number.
        store: Option<Status>,
    },
    /// The deltas do not build upon the list they name.
    Base {
        /// The delta CRL.
        delta: ListId,
        /// The number it names.
        named: Option<u64>,
        /// The number of the list that was kept for it.
        kept: Option<u64>,
    },
    /// A BCI lists a CRL that was never published.
    Bci {
        /// The brand.
        brand: String,
        /// The CA of the CRL; none if no CA has the name that is listed.
        ca: Option<CaId>,
        /// The number listed.
        listed: u64,
        /// The number published.
        published: Option<u64>,
    },
    /// The delta makes another list of its base than the complete CRL of the same number.
    Delta {
        /// The CA.
        ca: CaId,
        /// The number of both.
        number: u64,
        /// Serial number under that CA.
        serial: SerialNumber,
        /// What the complete CRL says of it.
        complete: Option<RevokedInfo>,
        /// What base and delta say of it together.
        together: Option<RevokedInfo>,
    },
    /// The index says something else than the store.
    Index(Mismatch),
    /// A published list says something else than the store.
    List {
        /// The list.
        list: ListId,
        /// Its number.
        number: u64,
        /// Serial number under its CA.
        serial: SerialNumber,
        /// What the list says of it.
        listed: Option<RevokedInfo>,
        /// What the store says; none if it does not know the serial number.
        store: Option<Status>,
    },
    /// A shard lists what belongs to another one.
    Shard {
        /// The list.
        list: ListId,
        /// Its number.
        number: u64,
        /// Serial number under its CA.
        serial: SerialNumber,
    },
    /// A published list cannot be read, or is not what its record says.
    Unreadable {
        /// The list.
        list: ListId,
        /// Why.
        why: String,
    },
}

impl fmt::Display for StatusMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { issuer, serial, answer, store } => {
                let (answer, store) = (Answered(answer.as_ref()), Said(*store));
                write!(f, "{serial} of {issuer}: OCSP says {answer}, store says {store}")
            }
            Self::Base { delta, named, kept } => {
                let (named, kept) = (Numbered(*named), Numbered(*kept));
                write!(f, "{delta}: builds upon {named}, kept is {kept}")
            }
            Self::Bci { brand, ca, listed, published } => {
                let ca = ca.as_ref().map_or("nobody we know", CaId::as_str);
                let published = Numbered(*published);
                write!(f, "BCI of {brand}: lists number {listed} of {ca}, published is {published}")
            }
            Self::Delta { ca, number, serial, complete, together } => {
                let (complete, together) = (Listed(*complete), Listed(*together));
                write!(
                    f,
                    "{serial} of {ca}: CRL number {number} says {complete}, its base with the \
                     delta says {together}"
                )
            }
            Self::Index(mismatch) => mismatch.fmt(f),
            Self::List { list, number, serial, listed, store } => {
                let (listed, store) = (Listed(*listed), Said(*store));
                write!(f, "{serial}: {list} number {number} says {listed}, store says {store}")
            }
            Self::Shard { list, number, serial } => {
                write!(f, "{serial}: {list} number {number} lists it, and it is in another shard")
            }
            Self::Unreadable { list, why } => write!(f, "{list}: {why}"),
        }
    }
}

struct Numbered(Option<u64>);

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => write!(f, "number {number}"),
            None => f.write_str("none"),
        }
    }
}

struct Listed(Option<RevokedInfo>);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(RevokedInfo { at, reason }) => write_revoked(f, at, reason),
            None => f.write_str("nothing"),
        }
    }
}

struct Answered<'a>(Option<&'a CertStatus>);

impl fmt::Display for Answered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("nothing"),
            Some(CertStatus::Good) => f.write_str("good"),
            Some(CertStatus::Unknown) => f.write_str("unknown"),
            Some(CertStatus::Revoked(info)) => write_revoked(f, info.at, info.reason),
        }
    }
}

fn write_revoked(f: &mut fmt::Formatter<'_>, at: UnixTime, reason: Option<u8>) -> fmt::Result {
    write!(f, "revoked at {at}, reason {}", reason.unwrap_or_default())
}
