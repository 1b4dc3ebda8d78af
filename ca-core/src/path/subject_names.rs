//! The names a certificate gives its subject, and those it allows below, read once.

use std::cell::OnceCell;
use std::rc::Rc;

use super::constraints::NameConstraints;
use super::name::{Form, GeneralName, Mailbox, Malformed, alternative_names, attribute_text};
use crate::wire::{Cert, oids};

/// Subject, subjectAltName and nameConstraints of a certificate.
#[derive(Debug)]
pub(super) struct SubjectNames {
    /// The names of subjectAltName, `None` if there is no such extension.
    pub(super) alternative: Result<Option<Vec<GeneralName>>, Malformed>,
    /// nameConstraints, `None` if there is no such extension.
    pub(super) constraints: Result<Option<Rc<NameConstraints>>, Malformed>,
    /// `None` if the subject is empty; read when a constraint asks for it.
    subject: OnceCell<Option<GeneralName>>,
    /// emailAddress attributes of the subject, if there is no subjectAltName.
    mailboxes: Vec<GeneralName>,
}

impl SubjectNames {
    pub(super) fn of(certificate: &Cert) -> Self {
        let value = |oid| certificate.extension(oid).map(|found| found.extn_value.as_bytes());
        let alternative = value(oids::SUBJECT_ALT_NAME).map(alternative_names).transpose();
        let constraints = value(oids::NAME_CONSTRAINTS).map(NameConstraints::parse).transpose();
        let mailboxes = match alternative {
            Ok(None) => mailboxes(certificate),
            _ => Vec::new(),
        };
        Self {
            alternative,
            constraints: constraints.map(|found| found.map(Rc::new)),
            subject: OnceCell::new(),
            mailboxes,
        }
    }

    /// Everything to which name constraints apply (RFC 5280 §4.2.1.10): a subject that is not
    /// empty, every alternative name, and emailAddress of the subject where no alternative name
    /// stands. commonName is no host name: none is matched against it (RFC 9525 §2).
    pub(super) fn constrained(&self, certificate: &Cert) -> Vec<&GeneralName> {
        let subject = certificate.tbs().subject();
        let directory = || (!subject.is_empty()).then(|| GeneralName::directory(subject));
        let subject = self.subject.get_or_init(directory);
        let alternative = self.alternative.as_ref().ok().and_then(Option::as_ref);
        let alternative = alternative.into_iter().flatten();
        subject.iter().chain(alternative).chain(&self.mailboxes).collect()
    }
}

/// One that is no mailbox stays a name of the form, with which nothing can be compared.
fn mailboxes(certificate: &Cert) -> Vec<GeneralName> {
    let attributes = certificate.tbs().subject().iter();
    attributes
        .filter(|attribute| attribute.oid == oids::EMAIL_ADDRESS)
        .map(|attribute| {
            let text = attribute_text(&attribute.value);
            let mailbox = text.as_deref().and_then(Mailbox::parse);
            mailbox.map_or(GeneralName::Other(Form::Mailbox), GeneralName::Mailbox)
        })
        .collect()
}
