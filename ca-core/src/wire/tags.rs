//! Tags of the Message CHOICE (spec `set-messages.md` §1.2), in one table.
//!
//! 0 and 1 are seen (S:ALV0); 2 to 31 and 999 are recalled, [R-M]. The tags of fields stand in the
//! derive attributes of their types, which take no constants: each module repeats its recalled ones
//! in the table at its top, with the mark.

/// CardCInitReq, [R-M].
pub const CARD_C_INIT_REQ: u32 = 22;
/// CardCInitRes, [R-M].
pub const CARD_C_INIT_RES: u32 = 23;
/// Me-AqCInitReq, [R-M].
pub const ME_AQ_C_INIT_REQ: u32 = 24;
/// Me-AqCInitRes, [R-M].
pub const ME_AQ_C_INIT_RES: u32 = 25;
/// RegFormReq, [R-M].
pub const REG_FORM_REQ: u32 = 26;
/// RegFormRes, [R-M].
pub const REG_FORM_RES: u32 = 27;
/// CertReq, [R-M].
pub const CERT_REQ: u32 = 28;
/// CertRes, [R-M].
pub const CERT_RES: u32 = 29;
/// CertInqReq, [R-M].
pub const CERT_INQ_REQ: u32 = 30;
/// CertInqRes, [R-M].
pub const CERT_INQ_RES: u32 = 31;
/// Error, [R-M].
pub const ERROR: u32 = 999;

/// The type behind an alternative of Message, `None` for a number SET does not define.
#[must_use]
pub fn message_name(number: u32) -> Option<&'static str> {
    if number == ERROR {
        return Some("Error");
    }
    NAMES.get(usize::try_from(number).ok()?).copied()
}

/// Type names of the alternatives 0 to 31.
const NAMES: [&str; 32] = [
    "PInitReq",
    "PInitRes",
    "PReq",
    "PRes",
    "InqReq",
    "InqRes",
    "AuthReq",
    "AuthRes",
    "AuthRevReq",
    "AuthRevRes",
    "CapReq",
    "CapRes",
    "CapRevReq",
    "CapRevRes",
    "CredReq",
    "CredRes",
    "CredRevReq",
    "CredRevRes",
    "PCertReq",
    "PCertRes",
    "BatchAdminReq",
    "BatchAdminRes",
    "CardCInitReq",
    "CardCInitRes",
    "Me-AqCInitReq",
    "Me-AqCInitRes",
    "RegFormReq",
    "RegFormRes",
    "CertReq",
    "CertRes",
    "CertInqReq",
    "CertInqRes",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_names_agree() {
        assert_eq!(message_name(CARD_C_INIT_REQ), Some("CardCInitReq"));
        assert_eq!(message_name(ME_AQ_C_INIT_RES), Some("Me-AqCInitRes"));
        assert_eq!(message_name(CERT_INQ_RES), Some("CertInqRes"));
        assert_eq!(message_name(ERROR), Some("Error"));
        assert_eq!(message_name(32), None);
    }
}
