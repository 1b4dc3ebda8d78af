//! What the envelope targets share: whom the envelopes are for, who signs in them, a stub in the
//! place of the RSA operation, and the layers put together here, so that hostile octets come to the
//! layer below.

mod bulk;
mod input;

use std::sync::LazyLock;

use ca_core::Suite;
use ca_core::envelope::{Attachments, SignerIdentity, encx_tbs, sign};
use ca_core::signer::{
    KeyAlgorithm, KeyId, PrivateKey, SeededRandom, SignatureAlgorithm, SoftwareKeys,
};
use ca_core::wire::Cert;
use der::Decode;
use der::asn1::{AnyRef, ObjectIdentifier};

pub use bulk::{CDMF_KEY, DES_KEY, GCM_KEY, encrypt};
pub use input::{Depth, EnvelopeInput};

/// Whom the envelopes of a suite are for and who signs in them: two different keys.
pub struct House {
    pub suite: Suite,
    /// Certificate of the RSA key that the vectors of `tests/vectors` are made for and by.
    pub certificate: Cert,
    vectors: &'static str,
    keys: SoftwareKeys,
    key: KeyId,
    algorithm: SignatureAlgorithm,
    /// SubjectPublicKeyInfo of the key that [`House::sign`] signs with.
    pub spki: Vec<u8>,
    /// t, and `{t, p}` of EncX: all that the vectors have signed with the key of `certificate`.
    pub signed: [Vec<u8>; 2],
}

impl House {
    fn new(
        suite: Suite,
        vectors: &'static str,
        kind: KeyAlgorithm,
        algorithm: SignatureAlgorithm,
    ) -> Self {
        let [certificate, t, p] =
            ["certificate", "t", "pan-data0"].map(|name| vector(vectors, name));
        let certificate = Cert::from_der(&certificate).expect("a constant");
        let tbs = encx_tbs(&t, &p).expect("a constant").to_vec();
        let key = PrivateKey::generate(kind, &SeededRandom::new(b"fuzz", suite.name()));
        let key = key.expect("a constant");
        let (id, spki) = (key.id(), key.spki_der().to_vec());
        let keys = [key].into_iter().collect();
        Self { suite, certificate, vectors, keys, key: id, algorithm, spki, signed: [t, tbs] }
    }

    pub fn of(suite: Suite) -> &'static Self {
        static MODERN: LazyLock<House> = LazyLock::new(|| {
            let vectors = include_str!("../../tests/vectors/envelope.txt");
            House::new(Suite::Modern, vectors, KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519)
        });
        static SET_1997: LazyLock<House> = LazyLock::new(|| {
            let vectors = include_str!("../../tests/vectors/envelope_1997.txt");
            House::new(
                Suite::Set1997,
                vectors,
                KeyAlgorithm::Rsa(1024),
                SignatureAlgorithm::RsaSha1,
            )
        });
        match suite {
            Suite::Modern => &MODERN,
            Suite::Set1997 => &SET_1997,
        }
    }

    /// A structure of the vectors, by the name that they have there.
    pub fn vector(&self, name: &str) -> Vec<u8> {
        vector(self.vectors, name)
    }

    /// S or SO of one signer; `None` if ca-core refuses to sign it.
    pub fn sign(
        &self,
        content_type: ObjectIdentifier,
        content: &[u8],
        attached: bool,
        attachments: Attachments,
    ) -> Option<Vec<u8>> {
        let identity =
            SignerIdentity { certificate: None, key: self.key, algorithm: self.algorithm };
        let signers = [identity];
        sign(self.suite, content_type, content, attached, &signers, attachments, &self.keys).ok()
    }
}

/// One line of a file in `tests/vectors`.
fn vector(vectors: &str, name: &str) -> Vec<u8> {
    let line = vectors.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    ca_core::unhex(line.expect("a constant")).expect("a constant")
}

/// The suite in bit 0 of the first octet.
pub fn suite_of(flags: u8) -> Suite {
    if flags & 1 == 0 { Suite::Modern } else { Suite::Set1997 }
}

/// True for exactly one DER element.
pub fn is_element(octets: &[u8]) -> bool {
    AnyRef::from_der(octets).is_ok()
}

/// An octet n, n octets, the rest.
pub fn split_by_length(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first()?;
    rest.split_at_checked(usize::from(*length))
}
