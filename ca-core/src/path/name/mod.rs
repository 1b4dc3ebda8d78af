//! Names: as text, as what is compared, and the forms that stand in subjectAltName.

mod general;
mod host;
mod key;
mod mailbox;
mod prepare;
mod text;
mod uri;

pub(super) use general::{Element, Form, GeneralName, Malformed, alternative_names, elements};
pub(super) use host::{DnsName, host, is_at_or_under};
pub(super) use key::{comparison_key, der_key, key};
pub(super) use mailbox::Mailbox;
pub(super) use text::{brand, directory_string as attribute_text, name_text};
