//! What an object says: octets in, one tree out.
//!
//! Each renderer gives a [`Tree`], from which the text and the JSON come. Nothing here judges: that
//! is `setca verify`. Hostile octets are bounded by the file size and by what the decoders allow.

pub(crate) mod certificate;
mod content;
mod crl;
mod der;
mod extensions;
mod key;
mod message;
pub(crate) mod names;
pub(crate) mod ocsp;
mod pkcs7;

use ca_core::pem;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl, DecodeError};

use crate::input::Object;
use crate::tree::Tree;

/// The tree of one object, or what keeps it from being one.
pub(crate) fn tree(object: &Object) -> Result<Tree, String> {
    match object {
        Object::Secret(label) => Ok(Tree::new()
            .with("kind", "private key")
            .with("label", label.as_str())
            .with("note", "a private key is named, never shown")),
        Object::Pem(label, octets) => labelled(label, octets),
        Object::Der(octets) => sniffed(octets),
    }
}

/// A PEM block is what its label says; only an unknown label is guessed at.
fn labelled(label: &str, octets: &[u8]) -> Result<Tree, String> {
    let outcome = match label {
        pem::CERTIFICATE => certificate(octets),
        pem::CRL => crl(octets),
        pem::BCI => bci(octets),
        _ => return sniffed(octets),
    };
    outcome.map_err(|e| format!("PEM block {label}: {e}"))
}

/// DER does not say what it is: each known structure is tried, the plain dump last.
fn sniffed(octets: &[u8]) -> Result<Tree, String> {
    let renderers: [Renderer; 9] = [
        |octets| certificate(octets).ok(),
        |octets| crl(octets).ok(),
        |octets| bci(octets).ok(),
        ocsp::response,
        ocsp::request,
        message::tree,
        message::ca_message,
        key::tree,
        |octets| Some(Tree::new().with("kind", "unknown DER").with("value", der::dump(octets)?)),
    ];
    renderers
        .iter()
        .find_map(|render| render(octets))
        .ok_or_else(|| "neither PEM nor one whole DER value".to_owned())
}

type Renderer = fn(&[u8]) -> Option<Tree>;

fn certificate(octets: &[u8]) -> Result<Tree, DecodeError> {
    Cert::from_der_lenient(octets).map(|found| certificate::tree(&found))
}

fn crl(octets: &[u8]) -> Result<Tree, DecodeError> {
    Crl::from_der(octets).map(|found| crl::tree(&found))
}

fn bci(octets: &[u8]) -> Result<Tree, DecodeError> {
    BrandCrlIdentifier::from_der(octets).map(|found| crl::bci(&found))
}
