//! BrandCRLIdentifiers (spec `set-certificates.md` §6.3).

use super::crl::{ListError, authority, check_dates, check_period, check_signer, check_suite};
use super::list::PreparedList;
use crate::signer::SignatureAlgorithm;
use crate::wire::bci::{CrlIdentifier, UnsignedBci};
use crate::wire::{BrandId, Cert};
use crate::{Suite, UnixTime};

/// One BCI to be made.
#[derive(Clone, Copy, Debug)]
pub struct BciOrder<'a> {
    /// Certificate of the brand CA's key that signs CRLs.
    pub issuer: &'a Cert,
    /// Suite of the hierarchy.
    pub suite: Suite,
    /// How the key signs.
    pub algorithm: SignatureAlgorithm,
    /// BrandID.
    pub brand: &'a str,
    /// sequenceNum: strictly increasing per brand.
    pub sequence_num: u64,
    /// notBefore.
    pub not_before: UnixTime,
    /// notAfter.
    pub not_after: UnixTime,
    /// The current CRL of every CA of the brand that has issued one, and of the root.
    pub crls: &'a [CrlIdentifier],
}

/// Makes the unsigned BCI.
///
/// # Errors
/// [`ListError`]: nothing was signed.
pub fn prepare_bci(order: &BciOrder<'_>) -> Result<PreparedList, ListError> {
    check_signer(order.issuer)?;
    check_suite(order.suite, order.algorithm)?;
    check_period(order.issuer, order.not_before)?;
    check_dates(order.not_before, order.not_after)?;
    let unencodable = |_| ListError::Encode(der::Tag::BmpString.value_error().into());
    let unsigned = UnsignedBci {
        sequence_num: order.sequence_num,
        brand_id: BrandId::new(order.brand).map_err(unencodable)?,
        not_before: order.not_before,
        not_after: order.not_after,
        crls: order.crls.to_vec(),
        extensions: vec![authority(order.issuer, order.suite).map_err(ListError::Encode)?],
    };
    let tbs = unsigned.to_der().map_err(ListError::Encode)?;
    PreparedList::new(order.issuer, order.algorithm, order.sequence_num, tbs.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::fixture::*;
    use crate::signer::{KeyId, verify};
    use crate::wire::bci::BrandCrlIdentifier;
    use crate::wire::extensions::AuthorityKeyIdentifier;

    fn bci_order<'a>(issuer: &'a Cert, crls: &'a [CrlIdentifier]) -> BciOrder<'a> {
        BciOrder {
            issuer,
            suite: Suite::Modern,
            algorithm: SignatureAlgorithm::EcdsaSha256,
            brand: "Brand",
            sequence_num: 7,
            not_before: begin(),
            not_after: begin().plus_days(7),
            crls,
        }
    }

    #[test]
    fn signed_bci_says_what_was_ordered_and_verifies() {
        let house = house();
        let cca = house.cca.subject_der().to_vec();
        let crls = [CrlIdentifier { issuer_der: cca.clone(), number: 5 }];
        let prepared = prepare_bci(&bci_order(&house.bca, &crls)).unwrap();
        let thumbprint = prepared.thumbprint(Suite::Modern);
        let key = KeyId::of_spki(house.bca.spki_der()).unwrap();
        let bci = prepared.sign(&key, &house.keys).unwrap();
        let bci = BrandCrlIdentifier::from_der(&bci.whole()).unwrap();
        assert_eq!(bci.thumbprint(Suite::Modern), thumbprint);
        let said = bci.unsigned();
        assert_eq!((said.sequence_num, said.brand_id.to_string()), (7, "Brand".to_owned()));
        assert_eq!((said.crl_number(&cca), said.crl_number(b"other")), (Some(5), None));
        let named = said.authority_key_identifier().unwrap().unwrap();
        assert_eq!(named, AuthorityKeyIdentifier::naming(&house.bca, Suite::Modern));
        let algorithm = SignatureAlgorithm::EcdsaSha256;
        verify(Suite::Modern, house.bca.spki_der(), algorithm, bci.tbs_der(), bci.signature())
            .unwrap();
    }

    #[test]
    fn first_bci_of_a_brand_lists_no_crl() {
        let house = house();
        let prepared = prepare_bci(&bci_order(&house.bca, &[])).unwrap();
        // sequenceNum 7, brandID, two dates of 17 octets, then [1] at once.
        let tbs = &prepared.tbs().whole();
        let dates_end = 3 + 3 + 3 + 7 + 34;
        assert_eq!((tbs[0], tbs[dates_end]), (0x30, 0xa1));
        assert_eq!(UnsignedBci::from_der(tbs).unwrap().crls, []);
    }

    #[test]
    fn brand_of_41_characters_is_refused() {
        let house = house();
        let brand = "x".repeat(41);
        let order = BciOrder { brand: &brand, ..bci_order(&house.bca, &[]) };
        assert!(matches!(prepare_bci(&order), Err(ListError::Encode(_))));
    }

    #[test]
    fn shortened_or_lengthened_bci_does_not_decode() {
        let house = house();
        let key = KeyId::of_spki(house.bca.spki_der()).unwrap();
        let prepared = prepare_bci(&bci_order(&house.bca, &[])).unwrap();
        let octets = prepared.sign(&key, &house.keys).unwrap().to_vec();
        for length in 0..octets.len() {
            assert!(BrandCrlIdentifier::from_der(&octets[..length]).is_err(), "{length} octets");
        }
        assert!(BrandCrlIdentifier::from_der(&[octets.as_slice(), &[0]].concat()).is_err());
    }
}
