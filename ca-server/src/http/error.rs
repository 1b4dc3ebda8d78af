//! Errors outside SET and OCSP, as `application/problem+json` (RFC 9457) with a stable `code`.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use ca_core::authority::{self, DeskError, RevokeError, ValidateError};
use ca_core::store::StoreError;
use serde::Serialize;

/// Why a request has no ordinary answer. Says nothing about causes on our side: those are logged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The body could not be read.
    #[error("the request body could not be read")]
    BadBody,
    /// A message for an end entity does not fit.
    #[error("a message for the end entity has 1 to 128 characters and no control characters")]
    BadMessage,
    /// An object in a question does not decode, or the question cannot be meant.
    #[error("{0}")]
    BadQuestion(String),
    /// A query parameter cannot be meant.
    #[error("the query is not understood: {0}")]
    BadQuery(&'static str),
    /// A revocation that cannot be meant.
    #[error("{0}")]
    BadRevocation(String),
    /// The body is longer than this many octets.
    #[error("the request body is longer than {0} octets")]
    BodyTooLarge(usize),
    /// A message of another CA that does not decode or verify.
    #[error("the message is not taken: the log of this service says why")]
    CaMessageRefused,
    /// Somebody decided before.
    #[error("a decision on this registration was made before, and is final")]
    Decided,
    /// There is no body.
    #[error("the request body is empty")]
    EmptyBody,
    /// The token is of nobody who may use the path.
    #[error("this token is not for this path")]
    Forbidden,
    /// We failed.
    #[error("the request could not be carried out")]
    Internal,
    /// The path does not take this method.
    #[error("this path does not take this method")]
    MethodNotAllowed,
    /// There is nothing here.
    #[error("there is nothing here")]
    NotFound,
    /// It was approved, but cannot be granted any more: it is now refused.
    #[error("the registration was approved too late and is refused now")]
    NotGrantable,
    /// Nothing in the registration waits for a decision.
    #[error("nothing in this registration waits for a decision")]
    NotOpen,
    /// The body did not arrive in time.
    #[error("the request body did not arrive in time")]
    RequestTimeout,
    /// The token's owner may not do this to this certificate.
    #[error("{0}")]
    RevocationRefused(String),
    /// It is revoked for good, for another reason.
    #[error("{0}")]
    Revoked(String),
    /// No token was shown.
    #[error("show your token: Authorization: Bearer TOKEN")]
    Unauthorized,
    /// There is no such certificate.
    #[error("there is no such certificate")]
    UnknownCertificate,
    /// There is no such registration.
    #[error("there is no such registration")]
    UnknownRegistration,
    /// Try again later.
    #[error("the service cannot answer now, try again later")]
    Unavailable,
    /// The body is of another media type than this path takes.
    #[error("the body must be {0}")]
    UnsupportedMediaType(&'static str),
}

impl ApiError {
    /// The stable name of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.parts().1
    }

    const fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadBody => (StatusCode::BAD_REQUEST, "bad-body", "Bad body"),
            Self::BadMessage => (StatusCode::BAD_REQUEST, "bad-message", "Bad message"),
            Self::BadQuestion(_) => (StatusCode::BAD_REQUEST, "bad-question", "Bad question"),
            Self::BadQuery(_) => (StatusCode::BAD_REQUEST, "bad-query", "Bad query"),
            Self::BadRevocation(_) => (StatusCode::BAD_REQUEST, "bad-revocation", "Bad revocation"),
            Self::BodyTooLarge(_) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "Body too large")
            }
            Self::CaMessageRefused => {
                (StatusCode::BAD_REQUEST, "ca-message-refused", "Message refused")
            }
            Self::Decided => (StatusCode::CONFLICT, "decided", "Decided before"),
            Self::EmptyBody => (StatusCode::BAD_REQUEST, "empty-body", "Empty body"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Forbidden"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::NotGrantable => (StatusCode::CONFLICT, "not-grantable", "Refused, too late"),
            Self::NotOpen => (StatusCode::CONFLICT, "not-open", "Nothing waits"),
            Self::RequestTimeout => {
                (StatusCode::REQUEST_TIMEOUT, "request-timeout", "Request timeout")
            }
            Self::RevocationRefused(_) => {
                (StatusCode::FORBIDDEN, "revocation-refused", "Not yours to decide")
            }
            Self::Revoked(_) => (StatusCode::CONFLICT, "revoked", "Revoked for good"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized"),
            Self::UnknownCertificate => {
                (StatusCode::NOT_FOUND, "unknown-certificate", "Unknown certificate")
            }
            Self::UnknownRegistration => {
                (StatusCode::NOT_FOUND, "unknown-registration", "Unknown registration")
            }
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Unavailable"),
            Self::UnsupportedMediaType(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Unsupported media type",
            ),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, title) = self.parts();
        let problem = Problem { title, status: status.as_u16(), code, detail: self.to_string() };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"setca\""));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }
}

/// All of these are our fault: in full in the log, outside only "try again".
impl From<authority::Error> for ApiError {
    fn from(error: authority::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "request failed");
        Self::Unavailable
    }
}

/// As for the authority.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        authority::Error::Store(error).into()
    }
}

/// What the desk may hear of a decision that did not happen; our own faults are logged.
impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Decided { .. } => Self::Decided,
            DeskError::Message(_) => Self::BadMessage,
            DeskError::NotOpen { .. } => Self::NotOpen,
            DeskError::Refused { .. } => Self::NotGrantable,
            DeskError::Unknown(_) => Self::UnknownRegistration,
            error => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "decision not carried out");
                Self::Unavailable
            }
        }
    }
}

/// What whoever revokes may hear; our own faults are logged.
impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Cause(why) => Self::BadRevocation(why),
            RevokeError::Ours(error) => error.into(),
            RevokeError::Refused(refusal) => Self::RevocationRefused(refusal.to_string()),
            stands @ RevokeError::Stands { .. } => Self::Revoked(stands.to_string()),
            RevokeError::Unknown { .. } => Self::UnknownCertificate,
            // Asked again, it has an answer.
            _ => Self::Unavailable,
        }
    }
}

/// What is wrong with a question is the asker's to hear.
impl From<ValidateError> for ApiError {
    fn from(error: ValidateError) -> Self {
        match error {
            ValidateError::Ours(error) => error.into(),
            question => Self::BadQuestion(question.to_string()),
        }
    }
}

/// RFC 9457 §3; `type` is left out, which means `about:blank`.
#[derive(Serialize)]
struct Problem {
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
}

/// A locked store or a busy machine is usually over by then.
const RETRY_SECONDS: &str = "5";
