//! Which extension stands in which SET certificate, and critical or not.

use const_oid::ObjectIdentifier;

use super::link::key_usage_text;
use super::set::type_text;
use super::{Checked, Finding, Step, broken};
use crate::path::ReasonCode;
use crate::path::facts::Facts;
use crate::profile::{KeyUsageBits, Role};
use crate::wire::oids;

/// A certificate has one use, and keyUsage says which (spec `set-certificates.md` §1.2, §3.3).
pub(in crate::path) fn check_key_usage_combination(step: &Step<'_, '_>) -> Checked {
    let facts = step.facts();
    let (Some(types), Some(usage)) = (facts.certificate_type, facts.key_usage) else {
        return Ok(());
    };
    if Column::of(facts).is_some() {
        return Ok(());
    }
    broken(
        ReasonCode::KeyUsageCombination,
        format!(
            "keyUsage {} in a certificate of type {}",
            key_usage_text(Some(usage)),
            type_text(types)
        ),
    )
}

/// Every row of the matrix against one certificate (spec `set-certificates.md` §3.11): a missing
/// required extension and a SET private extension in the wrong place are errors.
pub(in crate::path) fn check_presence(step: &Step<'_, '_>) -> Vec<Finding> {
    presence(step).into_iter().filter(|finding| !is_forgiven(step, finding)).collect()
}

/// What lenient settings forgive, for the trace.
pub(in crate::path) fn remark_on_presence(step: &Step<'_, '_>) -> Option<String> {
    let all = presence(step);
    let forgiven: Vec<&str> = all
        .iter()
        .filter(|finding| is_forgiven(step, finding))
        .map(|finding| finding.message.as_str())
        .collect();
    (!forgiven.is_empty()).then(|| format!("warning: {}", forgiven.join("; ")))
}

fn presence(step: &Step<'_, '_>) -> Vec<Finding> {
    let column = Column::of(step.facts());
    MATRIX.iter().filter_map(|row| row.check(step, column).err()).collect()
}

/// Lenient settings take either criticality, an extension in the wrong place (§3.11, §9 row 28) and
/// a root that announces no successor, as that of 1996 (§8.4).
fn is_forgiven(step: &Step<'_, '_>, finding: &Finding) -> bool {
    let no_successor =
        || step.facts().hashed_root_suite.is_none() && finding.message.starts_with(HASHED_ROOT_KEY);
    step.is_lenient()
        && match finding.code {
            ReasonCode::ForbiddenExtension | ReasonCode::WrongCriticality => true,
            ReasonCode::MissingExtension => no_successor(),
            _ => false,
        }
}

/// A column of the matrix: one kind of SET certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Column {
    CardSignature,
    MerchantSignature,
    MerchantEncryption,
    GatewaySignature,
    GatewayEncryption,
    CaMessageSignature,
    CaEncryption,
    CaSigning,
    Root,
}

impl Column {
    /// `None` if certificateType or keyUsage is missing, or the two make no SET certificate.
    fn of(facts: &Facts) -> Option<Self> {
        let (types, usage) = (facts.certificate_type?, facts.key_usage?);
        let signs_messages = usage == KeyUsageBits::DIGITAL_SIGNATURE;
        let encrypts = usage == KeyUsageBits::ENCIPHERMENT;
        let signs_certificates = usage == KeyUsageBits::KEY_CERT_SIGN || usage == CERT_AND_CRL_SIGN;
        let signs = signs_certificates || usage == KeyUsageBits::CRL_SIGN;
        let lowest_ca = [Role::Cca, Role::Mca, Role::Pca].iter().any(|role| types.contains(*role));
        let brand_ca = types.contains(Role::Bca) || types.contains(Role::Gca);
        let is = |role| types.contains(role);
        [
            (Self::CardSignature, is(Role::Cardholder) && signs_messages),
            (Self::MerchantSignature, is(Role::Merchant) && signs_messages),
            (Self::MerchantEncryption, is(Role::Merchant) && encrypts),
            (Self::GatewaySignature, is(Role::Gateway) && signs_messages),
            (Self::GatewayEncryption, is(Role::Gateway) && encrypts),
            (Self::CaMessageSignature, (lowest_ca || brand_ca) && signs_messages),
            (Self::CaEncryption, lowest_ca && encrypts),
            (Self::CaSigning, (lowest_ca || brand_ca) && signs),
            (Self::Root, is(Role::Rca) && signs_certificates),
        ]
        .into_iter()
        .find_map(|(column, fits)| fits.then_some(column))
    }
}

/// One extension across the columns.
struct Row {
    oid: ObjectIdentifier,
    name: &'static str,
    /// True if it must be critical (§3.1); one that need not be may be.
    critical: bool,
    cells: [Cell; 9],
}

/// What one cell of the matrix says.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Cell {
    /// Required.
    R,
    /// Optional.
    O,
    /// Must be absent.
    N,
}

impl Row {
    /// Without a column only what every column agrees on is checked.
    fn check(&self, step: &Step<'_, '_>, column: Option<Column>) -> Checked {
        let everywhere =
            || self.cells.first().filter(|first| self.cells.iter().all(|c| c == *first));
        let cell = column.map_or_else(everywhere, |column| self.cells.get(column as usize));
        match (cell.copied().unwrap_or(Cell::O), step.node.certificate.extension(self.oid)) {
            (Cell::R, None) => {
                broken(ReasonCode::MissingExtension, format!("{} is missing", self.name))
            }
            (Cell::N, Some(_)) => broken(
                ReasonCode::ForbiddenExtension,
                format!("{} must not stand in this certificate", self.name),
            ),
            (_, Some(extension)) if self.critical && !extension.critical => broken(
                ReasonCode::WrongCriticality,
                format!("{} is not critical and must be", self.name),
            ),
            _ => Ok(()),
        }
    }
}

const CERT_AND_CRL_SIGN: KeyUsageBits =
    KeyUsageBits(KeyUsageBits::KEY_CERT_SIGN.0 | KeyUsageBits::CRL_SIGN.0);

const HASHED_ROOT_KEY: &str = "hashedRootKey";

use Cell::{N, O, R};

/// Spec `set-certificates.md` §3.11, columns in the order of [`Column`]. What is `-` there for an
/// extension that is not SET's own is `O` here: only SET's own are errors in a wrong place.
const MATRIX: [Row; 11] = [
    Row {
        oid: oids::AUTHORITY_KEY_IDENTIFIER,
        name: "authorityKeyIdentifier",
        critical: false,
        cells: [R, R, R, R, R, R, R, R, O],
    },
    Row { oid: oids::KEY_USAGE, name: "keyUsage", critical: true, cells: [R; 9] },
    Row {
        oid: oids::PRIVATE_KEY_USAGE_PERIOD,
        name: "privateKeyUsagePeriod",
        critical: false,
        cells: [R, R, O, R, O, R, O, R, R],
    },
    Row {
        oid: oids::CERTIFICATE_POLICIES,
        name: "certificatePolicies",
        critical: true,
        cells: [R; 9],
    },
    Row { oid: oids::BASIC_CONSTRAINTS, name: "basicConstraints", critical: true, cells: [R; 9] },
    Row {
        oid: oids::HASHED_ROOT_KEY,
        name: HASHED_ROOT_KEY,
        critical: true,
        cells: [N, N, N, N, N, N, N, N, R],
    },
    // Its absence is a rule of its own.
    Row { oid: oids::CERTIFICATE_TYPE, name: "certificateType", critical: true, cells: [O; 9] },
    Row {
        oid: oids::MERCHANT_DATA,
        name: "merchantData",
        critical: false,
        cells: [N, R, R, N, N, N, N, N, N],
    },
    Row {
        oid: oids::CARD_CERT_REQUIRED,
        name: "cardCertRequired",
        critical: false,
        cells: [N, N, N, N, R, N, N, N, N],
    },
    Row {
        oid: oids::TUNNELING,
        name: "tunneling",
        critical: false,
        cells: [N, N, N, N, R, N, O, N, N],
    },
    Row {
        oid: oids::SET_EXTENSIONS,
        name: "setExtensions",
        critical: false,
        cells: [N, N, N, N, O, N, N, N, N],
    },
];
