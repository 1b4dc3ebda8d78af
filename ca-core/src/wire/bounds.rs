//! Every upper bound of SET's messages, certificates and lists, in one place (spec
//! `set-messages.md` §1.4, `set-certificates.md` §3.5 and §3.9).
//!
//! Marks: [R-H], [R-M], [R-L] are recalled with high, medium, low confidence, not seen in a source;
//! `[BBN]` is seen in BBN's schema; D is our decision. They are decode limits: a correction is one
//! line here.

/// Characters of an AcctIdentification, [R-M].
pub const UB_ACCT_IDENTIFICATION: usize = 74;
/// Digits of an AcquirerBusinessID, [R-M] (name and module seen, S:ALV1).
pub const UB_ACQ_BUSINESS_ID: usize = 32;
/// Characters of RegField.fieldDesc, [R-M].
pub const UB_FIELD_DESC: usize = 200;
/// RegFields of a form, RegFormItems of an answer, labels of a field, [R-M].
pub const UB_FIELD_LIST: usize = 50;
/// Characters of one label, [R-M].
pub const UB_FIELD_NAME: usize = 128;
/// Characters or octets of a FieldValue, [R-M].
pub const UB_FIELD_VALUE: usize = 128;
/// Largest fieldLen, and its DEFAULT, [R-M].
pub const UB_FIELD_LEN: u16 = 128;
/// Largest FailedItem.itemNumber, [R-M].
pub const UB_ITEM_NUMBER: u16 = 50;
/// Characters of a PolicyText, [R-M].
pub const UB_POLICY_TEXT: usize = 20_000;
/// Characters of ReferralData.reason and FailedItem.itemReason, [R-M].
pub const UB_REASON: usize = 512;
/// Characters of CertStatus.eeMessage, [R-L].
pub const UB_EE_MESSAGE: usize = 128;
/// Characters of CAMsg.cardholderMsg, [R-L].
pub const UB_CARDHOLDER_MSG: usize = 128;
/// Characters of a URL, [R-H].
pub const UB_URL: usize = 512;
/// Characters of swIdent, [R-H].
pub const UB_SW_IDENT: usize = 256;
/// Characters of a BrandID, [R-H].
pub const UB_BRAND_ID: usize = 40;
/// Characters of a MerchantID, [R-H].
pub const UB_MERCHANT_ID: usize = 30;
/// Characters of a language tag, [R-H].
pub const UB_LANGUAGE: usize = 35;
/// Digits of an account number, [R-H].
pub const UB_PAN: usize = 19;
/// Digits of a BIN, [R-H].
pub const BIN_LEN: usize = 6;
/// Largest ISO 4217 numeric code, [R-H].
pub const UB_CURRENCY: u16 = 999;

/// Characters of merName and stateProvince that we write (ub-merName, ub-stateProvince), `[BBN]`.
pub const UB_MER_NAME: usize = 25;
/// The same in a foreign certificate that is only shown, as cryptlib has it (§9 row 23).
pub const UB_MER_NAME_LENIENT: usize = 50;
/// Languages of merNameSeq, `[BBN]`.
pub const UB_MER_NAME_LIST: usize = 32;
/// Characters of city and countryName (ub-cityName, ub-countryName), `[BBN]`.
pub const UB_CITY_NAME: usize = 50;
/// Characters of postalCode (ub-postalCode), `[BBN]`.
pub const UB_POSTAL_CODE: usize = 14;
/// Largest ISO 3166 numeric code, `[BBN]`.
pub const UB_COUNTRY: u16 = 999;
/// additionalPolicies: BCA, GCA, lowest CA, `[BBN]`.
pub const UB_ADDITIONAL_POLICIES: usize = 3;
/// Characters of terseStatement, `[BBN]`.
pub const UB_TERSE_STATEMENT: usize = 2048;
/// Policies read in one certificate: SET needs one, D.
pub const UB_POLICIES: usize = 16;

/// Octets of RRPID, XID, Challenge and Nonce, [R-H].
pub const NONCE_LEN: usize = 20;
/// Octets of a LocalID, [R-H].
pub const UB_LOCAL_ID: usize = 20;
/// Octets of a Digest: 20 in `set-1997`, widened for `modern` (spec §1.5), D.
pub const UB_DIGEST: usize = 64;
/// Octets of a BackKey: 24 in `set-1997`, widened for `modern` (spec §1.5), D.
pub const UB_BACK_KEY: usize = 32;
/// Digits of a fraction of a second in a Date that we read, D.
pub const UB_FRACTION: usize = 9;

/// Content octets of a certificate's serial number (spec `set-certificates.md` §2), D.
pub const MAX_SERIAL: u8 = 65;

/// Octets of a bad wrapper sent back in an Error: "at most 20 kilobytes" S:RUerr, figure [R-M].
pub const UB_BAD_WRAPPER: usize = 20_000;
/// Octets of a message that is read at all; above it Error messageTooBig, D.
pub const MAX_MESSAGE: usize = 128 * 1024;
/// Largest certificate read, in octets: the HTTP body limit leaves no room for a larger one, D.
pub const MAX_CERTIFICATE: usize = 256 * 1024;
/// Largest CRL read, in octets: a million entries with reasons have 45 MB, D.
pub const MAX_CRL: usize = 64 * 1024 * 1024;
/// Largest BCI read, in octets: some 2,000 CRLs, D.
pub const MAX_BCI: usize = 256 * 1024;
/// Largest message between CAs, in octets: the CRLs of a brand travel in one, 100,000 entries of
/// them, D.
pub const MAX_CA_MESSAGE: usize = 4 * 1024 * 1024;
