//! CRLs and BCIs.

use ca_core::wire::extensions::AuthorityKeyIdentifier;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl, oids};
use ca_core::{Suite, UnixTime};
use der::Encode;

use super::certificate::*;
use super::tree::Tree;

/// Everything that stands in a CRL.
#[derive(Clone, Debug)]
pub(crate) struct CrlSpec {
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: UnixTime,
    pub(crate) next_update: UnixTime,
    /// Serial number, time and, if any, reason.
    pub(crate) revoked: Vec<(u8, UnixTime, Option<u8>)>,
    pub(crate) extensions: Vec<Ext>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) signer: String,
}

impl CrlSpec {
    /// The empty CRL number 5 of the week around noon, signed by the key of that label.
    pub(crate) fn of(issuer: &Cert, signer: &str) -> Self {
        let number = Ext { oid: oids::CRL_NUMBER, critical: false, value: vec![0x02, 0x01, 0x05] };
        let authority = AuthorityKeyIdentifier::naming(issuer, Suite::Modern);
        Self {
            issuer: issuer.subject_der().to_vec(),
            this_update: time("2026-06-12T00:00:00Z"),
            next_update: time("2026-06-19T00:00:00Z"),
            revoked: Vec::new(),
            extensions: vec![number, ext(false, &authority)],
            algorithm: ED25519.to_vec(),
            signer: signer.to_owned(),
        }
    }

    pub(crate) fn sign(&self) -> Crl {
        let utc = |t: UnixTime| t.to_x509().unwrap().to_der().unwrap();
        let mut tbs = [&[0x02, 0x01, 0x01], self.algorithm.as_slice(), &self.issuer].concat();
        tbs.extend(utc(self.this_update));
        tbs.extend(utc(self.next_update));
        if !self.revoked.is_empty() {
            let entry = |(serial, at, reason): &(u8, UnixTime, Option<u8>)| {
                let mut content = [integer(*serial), utc(*at)].concat();
                if let Some(reason) = reason {
                    let value = vec![0x0a, 0x01, *reason];
                    let one = Ext { oid: oids::CRL_REASON, critical: false, value };
                    content.extend(tlv(0x30, &write_extension(&one)));
                }
                tlv(0x30, &content)
            };
            tbs.extend(tlv(0x30, &self.revoked.iter().flat_map(entry).collect::<Vec<u8>>()));
        }
        let all: Vec<u8> = self.extensions.iter().flat_map(write_extension).collect();
        tbs.extend(tlv(0xa0, &tlv(0x30, &all)));
        let tbs = tlv(0x30, &tbs);
        let signer = key(&self.signer);
        let signature =
            signer.sign(signer.algorithm().default_signature(Suite::Modern), &tbs).unwrap();
        let bits = tlv(0x03, &[&[0], signature.as_slice()].concat());
        Crl::from_der(&tlv(0x30, &[tbs, self.algorithm.clone(), bits].concat())).unwrap()
    }
}

/// Everything that stands in a BCI.
#[derive(Clone, Debug)]
pub(crate) struct BciSpec {
    pub(crate) sequence: u8,
    pub(crate) brand: String,
    pub(crate) not_before: &'static str,
    pub(crate) not_after: &'static str,
    /// Issuer name and CRL number.
    pub(crate) crls: Vec<(Vec<u8>, u8)>,
    pub(crate) extensions: Vec<Ext>,
    pub(crate) signer: String,
}

impl BciSpec {
    /// BCI number 7 of the week around noon that lists CRL number 5 of the CCA.
    pub(crate) fn of(tree: &Tree) -> Self {
        Self {
            sequence: 7,
            brand: "Brand".to_owned(),
            not_before: "20260612000000Z",
            not_after: "20260619000000Z",
            crls: vec![(tree.cca.subject_der().to_vec(), 5)],
            extensions: vec![ext(false, &AuthorityKeyIdentifier::naming(&tree.bca, Suite::Modern))],
            signer: "bca".to_owned(),
        }
    }

    pub(crate) fn sign(&self) -> BrandCrlIdentifier {
        let mut tbs =
            [integer(0), integer(self.sequence), tlv(0x1a, self.brand.as_bytes())].concat();
        tbs.extend(tlv(0x18, self.not_before.as_bytes()));
        tbs.extend(tlv(0x18, self.not_after.as_bytes()));
        let one = |(issuer, number): &(Vec<u8>, u8)| {
            tlv(0x30, &[issuer.clone(), integer(*number)].concat())
        };
        tbs.extend(tlv(0xa0, &self.crls.iter().flat_map(one).collect::<Vec<u8>>()));
        let all: Vec<u8> = self.extensions.iter().flat_map(write_extension).collect();
        tbs.extend(tlv(0xa1, &all));
        let tbs = tlv(0x30, &tbs);
        let signer = key(&self.signer);
        let signature =
            signer.sign(signer.algorithm().default_signature(Suite::Modern), &tbs).unwrap();
        let bits = tlv(0x03, &[&[0], signature.as_slice()].concat());
        let bci = tlv(0x30, &[tbs, ED25519.to_vec(), bits].concat());
        BrandCrlIdentifier::from_der(&bci).unwrap()
    }
}
