//! Who says yes: the card issuer or the acquirer, outside SET (spec `set-messages.md` §4.6 step
//! 14).
//!
//! The rule is the institution's, from the policies. A list and an endpoint are read elsewhere:
//! this room only says what is asked and what may be answered.

use core::fmt;

use crate::profile::{Approval, Role};
use crate::store::CaId;
use crate::wire::RequestType;

/// Asks an institution that keeps a list of its customers or an endpoint of its own.
pub trait Approver: Send + Sync {
    /// Asks about one registration; called for [`Approval::List`] and [`Approval::Ask`] alone.
    ///
    /// Blocks at most as long as the rule says. Whatever goes wrong is
    /// [`ApprovalAnswer::Later`]: a registration is never lost and never refused because its bank
    /// could not be reached.
    fn ask(&self, rule: &Approval, case: &Case) -> ApprovalAnswer;
}

/// What an institution learns of a registration: no account number, and no secret.
#[derive(Clone, Eq, PartialEq)]
pub struct Case {
    /// LID-CA: names the registration, and so the question when it is asked again.
    pub lid_ca: Vec<u8>,
    /// LID-EE.
    pub lid_ee: Vec<u8>,
    /// The CA that serves it.
    pub ca: CaId,
    /// BrandID.
    pub brand: String,
    /// The card issuer or the acquirer, by its name in the policies.
    pub institution: String,
    /// Who registers.
    pub role: Role,
    /// What is asked for.
    pub request_type: RequestType,
    /// First six digits of the account number, or the acquirer's BIN.
    pub bin: Option<String>,
    /// Keyed hash of a cardholder's account number (HMAC-SHA-256 under the CA's account key).
    pub pan_hash: Option<[u8; 32]>,
    /// Last four digits of a cardholder's account number.
    pub pan_tail: Option<String>,
    /// merchantID of a merchant, acquirerBusinessID of a gateway.
    pub business_id: Option<String>,
    /// Answers to the form in its order: the first label of each field, and the value.
    pub answers: Vec<(String, String)>,
}

/// Without the answers, which are about a person.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("lid_ca", &crate::hex(&self.lid_ca))
            .field("ca", &self.ca)
            .field("brand", &self.brand)
            .field("institution", &self.institution)
            .field("role", &self.role)
            .field("request_type", &self.request_type)
            .finish_non_exhaustive()
    }
}

/// What an institution says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApprovalAnswer {
    /// Yes.
    Approve {
        /// Who said so: the file of the list, the host of the endpoint.
        by: String,
    },
    /// No, for good.
    Refuse {
        /// Who said so.
        by: String,
        /// For the end entity (eeMessage).
        message: Option<String>,
    },
    /// Not yet, or nobody answered: ask again (requestInProgress).
    Later,
    /// Somebody has to look at it (requestPended).
    ByHand,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_does_not_show_what_the_form_told() {
        let case = Case {
            lid_ca: vec![0xab],
            lid_ee: vec![1],
            ca: CaId::new("sample-cca").unwrap(),
            brand: "Sample".to_owned(),
            institution: "Example Issuer".to_owned(),
            role: Role::Cardholder,
            request_type: RequestType::CardInitialSig,
            bin: Some("400001".to_owned()),
            pan_hash: Some([3; 32]),
            pan_tail: Some("9999".to_owned()),
            business_id: None,
            answers: vec![("Name".to_owned(), "Ada Lovelace".to_owned())],
        };
        let shown = format!("{case:?}");
        assert!(!shown.contains("Ada") && !shown.contains("9999") && !shown.contains("03, 03"));
        assert!(shown.contains("lid_ca: \"ab\""), "{shown}");
    }
}
