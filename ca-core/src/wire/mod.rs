//! DER types of SET messages, the SET dialect of PKCS#7, certificates, CRLs, BCI and OCSP.
//!
//! Nothing here knows keys or policy. Every decoder is bounded ([`bounds`]), refuses what is not
//! DER and keeps the received octets of whatever a signature or a thumbprint covers.

mod account;
pub mod bci;
pub mod bounds;
mod ca_message;
mod card_c_init;
mod cert_inq;
mod cert_req;
mod cert_res;
mod certificate;
mod crl;
mod date;
mod draft;
mod early;
mod enumeration;
mod error;
mod error_message;
pub mod extensions;
mod id_data;
pub mod initiation;
mod keys;
mod list;
mod me_aq_c_init;
mod message;
pub mod ocsp;
mod octets;
pub mod oids;
pub mod pkcs7;
mod raw;
mod reg_form;
mod request_type;
mod signed;
mod strings;
pub mod tags;
mod thumbs;
mod wrapper;

pub use account::{AcctData, AcctInfo, CardExpiry, Pan, PanData0, PanOnly};
pub use bci::BrandCrlIdentifier;
pub use ca_message::{
    BciDistributionTbs, CaMessage, CaMessageKind, CrlNotificationResTbs, CrlNotificationTbs,
};
pub use card_c_init::{BrandId, CardCInitReq, CardCInitResTbs};
pub use cert_inq::CertInqReqTbs;
pub use cert_req::{CertReq, CertReqData, FieldOctets, FieldValue, RegFormItem};
pub use cert_res::{
    CaMsg, CertRes, CertResData, CertStatus, CertStatusCode, Currency, FailedItem, ItemNumber,
};
pub use certificate::Cert;
pub use crl::{Crl, CrlEntry, CrlNumber, RevokedInfo, SetCrl, SetCrlFault};
pub use date::Date;
pub use error::{DecodeError, DecodeErrorKind, decode};
pub use error_message::{BadWrapper, ErrorCode, ErrorMessage, ErrorMsg, ErrorTbs};
pub use id_data::{AcquirerId, Bin, IdData, MerchantAcquirerId, MerchantId};
pub use keys::{BackKeyData, PublicKeySorE};
pub use list::{NonEmpty, RangedInt};
pub use me_aq_c_init::{MeAqCInitReq, MeAqCInitResTbs};
pub use message::Message;
pub use octets::{BackKey, Challenge, Digest, LocalId, Nonce, Rrpid, Secret, Xid};
pub use raw::{
    BrandCrlIdentifierOctets, EncryptedDataOctets, EnvelopedDataOctets, SignedDataOctets,
};
pub use reg_form::{
    FieldLen, FieldName, Language, PolicyText, ReferralData, RegField, RegFormData,
    RegFormOrReferral, RegFormReqData, RegFormResTbs, RegTemplate, Url,
};
pub use request_type::RequestType;
pub use strings::{NumericString, SetString, ValueError, VisibleString};
pub use thumbs::{CertThumb, Thumbs};
pub use wrapper::{MessageHeader, MessageIds, MessageOctets, MessageWrapper, SwIdent};
