//! IDData: who a merchant or a payment gateway says it is (spec §3.2, tags S:ALV1).

use der::{Choice, Sequence};

use super::bounds::{BIN_LEN, UB_ACQ_BUSINESS_ID, UB_MERCHANT_ID};
use super::strings::{NumericString, SetString};

/// First six digits of an account number: names a bank.
pub type Bin = NumericString<BIN_LEN, BIN_LEN>;
/// Name of a merchant, assigned by its acquirer.
pub type MerchantId = SetString<UB_MERCHANT_ID>;

/// Identity of a merchant or of an acquirer; cardholders have none.
///
/// ```text
/// IDData ::= CHOICE {
///     merchantAcquirerID  [0] MerchantAcquirerID,
///     acquirerID          [1] AcquirerID }
/// ```
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
pub enum IdData {
    /// Merchant types.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    Merchant(MerchantAcquirerId),
    /// Gateway types.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Acquirer(AcquirerId),
}

/// Identity of a merchant.
///
/// ```text
/// MerchantAcquirerID ::= SEQUENCE { merchantBIN BIN, merchantID MerchantID }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MerchantAcquirerId {
    /// BIN of the merchant's acquirer.
    pub merchant_bin: Bin,
    /// Name agreed with the acquirer.
    pub merchant_id: MerchantId,
}

/// Identity of an acquirer, for its gateway.
///
/// ```text
/// AcquirerID ::= SEQUENCE {
///     acquirerBIN         BIN,
///     acquirerBusinessID  NumericString (SIZE(1..ub-acqBusinessID)) OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct AcquirerId {
    /// BIN of the acquirer.
    pub acquirer_bin: Bin,
    /// Business number of the acquirer.
    #[asn1(optional = "true")]
    pub acquirer_business_id: Option<NumericString<1, UB_ACQ_BUSINESS_ID>>,
}
