//! The table of headers (spec `set-crypto.md` §6.4), one line each.
//!
//! Spellings marked `[R]` and headers marked `[P]` there are open (§10 no. 16): a correction is one
//! line here.

use super::{InitiationError, MAX_VALUE};

/// How a header may stand in a registration initiation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    /// M.
    Mandatory,
    /// O.
    Optional,
    /// – : belongs to a payment, or to the answer to an initiation.
    Foreign,
}

/// One table for the enum, the names and the rules.
macro_rules! headers {
    ($($header:ident = $name:literal $presence:ident,)*) => {
        /// A header of the table.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(super) enum Header {
            $($header,)*
        }

        impl Header {
            /// All of them, in the order in which they are written.
            pub(super) const ALL: &[Self] = &[$(Self::$header),*];

            /// The spelling that is written.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$header => $name,)*
                }
            }

            /// M, O or –.
            pub(super) const fn presence(self) -> Presence {
                match self {
                    $(Self::$header => Presence::$presence,)*
                }
            }
        }
    };
}

headers! {
    MimeVersion = "MIME-Version" Optional,                     // [S:R3538]
    TransferEncoding = "Content-Transfer-Encoding" Mandatory,  // [S:R3538]
    ContentType = "Content-Type" Mandatory,                    // [S:R3538]
    InitiationType = "SET-Initiation-Type" Mandatory,          // [S:R3538], value [R]
    Version = "SET-Version" Mandatory,                         // [S:R3538]
    SetUrl = "SET-SET-URL" Mandatory,                          // [R]
    QueryUrl = "SET-Query-URL" Optional,                       // [R]
    SuccessUrl = "SET-Success-URL" Optional,                   // [R]
    FailureUrl = "SET-Failure-URL" Optional,                   // [R]
    CancelUrl = "SET-Cancel-URL" Optional,                     // [R]
    ServiceUrl = "SET-Service-URL" Optional,                   // [S:R3538]
    DiagnosticUrl = "SET-Diagnostic-URL" Optional,             // [R]
    Brand = "SET-Brand" Mandatory,                             // [S:R3538]
    CaUrl = "SET-CA-URL" Optional,                             // [P]
    Language = "SET-Language" Optional,                        // [P]
    RequestType = "SET-Request-Type" Optional,                 // [P]
    ExtOid = "SET-Ext-OID" Optional,                           // [S:R3538]
    ExtData = "SET-Ext-Data" Optional,                         // [S:R3538]
    ExtMandatory = "SET-Ext-Mandatory" Optional,               // [S:R3538]
    EchoInRequest = "SET-Echo-In-Request" Optional,            // [S:R3538]
    EchoInResponse = "SET-Echo-In-Response" Optional,          // [S:R3538]
    PurchAmt = "SET-PurchAmt" Foreign,                         // [S:R3538]
    LidM = "SET-LID-M" Foreign,                                // [S:R3538]
    InstallTotalTrans = "SET-InstallTotalTrans" Foreign,       // [S:R3538]
    Recurring = "SET-Recurring" Foreign,                       // [S:R3538]
    ErrorField = "SET-Error-Field" Foreign,                    // [S:R3538]
}

impl Header {
    /// The header of this name, letter case aside (RFC 5322 §1.2.2).
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|header| header.name().eq_ignore_ascii_case(name))
    }

    /// The one value it has in every registration initiation.
    pub(super) const fn fixed_value(self) -> Option<&'static str> {
        match self {
            Self::MimeVersion | Self::Version => Some("1.0"),
            Self::TransferEncoding => Some("binary"),
            Self::ContentType => Some("text/plain; charset=us-ascii"),
            Self::InitiationType => Some(REGISTRATION),
            _ => None,
        }
    }
}

/// Appends `Name: value`.
pub(super) fn write_header(
    text: &mut String,
    header: Header,
    value: &str,
) -> Result<(), InitiationError> {
    if !is_value(value) {
        return Err(InitiationError::Value(header.name()));
    }
    for part in [header.name(), ": ", value, "\r\n"] {
        text.push_str(part);
    }
    Ok(())
}

/// True for what comes back from a header line as it went in.
pub(super) fn is_value(text: &str) -> bool {
    let visible = text.bytes().all(|octet| (0x20..=0x7e).contains(&octet));
    visible && (1..=MAX_VALUE).contains(&text.len()) && text.trim_matches(' ') == text
}

/// SET-Initiation-Type of a registration; spelling `[R]`.
pub(super) const REGISTRATION: &str = "Registration-Initiation";
