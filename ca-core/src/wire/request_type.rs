//! RequestType: who asks, for which certificates, for the first time or again (spec §3.1).

use super::enumeration::enumeration;
use crate::profile::Role;

enumeration! {
    /// What is asked for (S:ALV1, S:CAM).
    ///
    /// 2, 3, 11 and 12 are reserved, because cardholders have no encryption certificates, and fail
    /// to decode like every number not listed.
    RequestType {
        /// Cardholder, first signature certificate.
        CardInitialSig = 1 "cardInitialSig";
        /// Merchant, first signature certificate.
        MerInitialSig = 4 "merInitialSig";
        /// Merchant, first encryption certificate.
        MerInitialEnc = 5 "merInitialEnc";
        /// Merchant, first certificates of both kinds.
        MerInitialBoth = 6 "merInitialBoth";
        /// Payment gateway, first signature certificate.
        PgwyInitialSig = 7 "pgwyInitialSig";
        /// Payment gateway, first encryption certificate.
        PgwyInitialEnc = 8 "pgwyInitialEnc";
        /// Payment gateway, first certificates of both kinds.
        PgwyInitialBoth = 9 "pgwyInitialBoth";
        /// Cardholder, renewal of the signature certificate.
        CardRenewalSig = 10 "cardRenewalSig";
        /// Merchant, renewal of the signature certificate.
        MerRenewalSig = 13 "merRenewalSig";
        /// Merchant, renewal of the encryption certificate.
        MerRenewalEnc = 14 "merRenewalEnc";
        /// Merchant, renewal of both certificates.
        MerRenewalBoth = 15 "merRenewalBoth";
        /// Payment gateway, renewal of the signature certificate.
        PgwyRenewalSig = 16 "pgwyRenewalSig";
        /// Payment gateway, renewal of the encryption certificate.
        PgwyRenewalEnc = 17 "pgwyRenewalEnc";
        /// Payment gateway, renewal of both certificates.
        PgwyRenewalBoth = 18 "pgwyRenewalBoth";
    }
}

impl RequestType {
    /// The end entity that asks: cardholder, merchant or gateway.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::CardInitialSig | Self::CardRenewalSig => Role::Cardholder,
            Self::MerInitialSig
            | Self::MerInitialEnc
            | Self::MerInitialBoth
            | Self::MerRenewalSig
            | Self::MerRenewalEnc
            | Self::MerRenewalBoth => Role::Merchant,
            Self::PgwyInitialSig
            | Self::PgwyInitialEnc
            | Self::PgwyInitialBoth
            | Self::PgwyRenewalSig
            | Self::PgwyRenewalEnc
            | Self::PgwyRenewalBoth => Role::Gateway,
        }
    }

    /// True if a certificate of the same kind is replaced.
    #[must_use]
    pub const fn is_renewal(self) -> bool {
        self.number() >= Self::CardRenewalSig.number()
    }

    /// True if a signature certificate is asked for.
    #[must_use]
    pub const fn wants_signature(self) -> bool {
        !matches!(
            self,
            Self::MerInitialEnc | Self::MerRenewalEnc | Self::PgwyInitialEnc | Self::PgwyRenewalEnc
        )
    }

    /// True if an encryption certificate is asked for.
    #[must_use]
    pub const fn wants_encryption(self) -> bool {
        !matches!(
            self,
            Self::CardInitialSig
                | Self::CardRenewalSig
                | Self::MerInitialSig
                | Self::MerRenewalSig
                | Self::PgwyInitialSig
                | Self::PgwyRenewalSig
        )
    }
}

#[cfg(test)]
mod tests {
    use der::Decode;

    use super::*;

    #[test]
    fn fourteen_values_decode_and_reserved_ones_do_not() {
        let legal: Vec<u8> =
            (0..=255).filter(|n| RequestType::from_der(&[0x0A, 0x01, *n]).is_ok()).collect();
        assert_eq!(legal, [1, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18]);
        assert_eq!(RequestType::ALL.len(), 14);
    }

    #[test]
    fn helpers_agree_with_the_names() {
        for request in RequestType::ALL {
            let name = request.name();
            let prefix = match request.role() {
                Role::Cardholder => "card",
                Role::Merchant => "mer",
                _ => "pgwy",
            };
            assert!(name.starts_with(prefix), "{name}");
            assert_eq!(request.is_renewal(), name.contains("Renewal"), "{name}");
            assert_eq!(request.wants_signature(), !name.ends_with("Enc"), "{name}");
            assert_eq!(request.wants_encryption(), !name.ends_with("Sig"), "{name}");
        }
    }
}
