//! Every CertStatusCode and every ErrorCode through `POST /set` of a running service (spec
//! `set-messages.md` §2.11, §2.13, §4.11). README's table says which test reaches which.

mod errors;
mod posted;
mod status;
mod told_later;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use ca_core::wire::{CertResData, ErrorCode, ErrorMsg, MessageWrapper};
use e2e::forge::{Cca, Draft, FormDraft, Heard, Secrecy, Signature};
use e2e::wallet::SET_REGISTRATION;
use e2e::{Answer, Hierarchy, Service};
use x509_cert::der::Encode as _;

/// A running service and its CCA.
struct Site {
    cca: Cca,
    service: Service,
    hierarchy: Hierarchy,
}

impl Site {
    /// One for all tests that run at the same time: nothing here needs one to itself, and whoever
    /// is the last to leave stops it.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Site>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let site = Arc::new(Self::open());
            *shared = Arc::downgrade(&site);
            site
        })
    }

    fn open() -> Self {
        let hierarchy = Hierarchy::new();
        let service = hierarchy.serve();
        let root = hierarchy.root_certificate();
        let cca = Cca::met(&root, |request| set(&service, request).body);
        Self { cca, service, hierarchy }
    }

    fn post(&self, message: &MessageWrapper) -> Answer {
        set(&self.service, &message.to_der().unwrap())
    }

    /// A good CertReq, the form asked for.
    fn draft(&self) -> Draft {
        let form = FormDraft::new();
        let answer = self.post(&form.wrapped(&self.cca));
        Draft::new(&self.cca, &form, &answer.body)
    }

    /// What CertRes says to it.
    fn result(&self, draft: &Draft) -> (CertResData, Secrecy) {
        match self.cca.heard(&self.post(&draft.wrapped(&self.cca)).body) {
            Heard::Result(data, secrecy) => (*data, secrecy),
            other => panic!("no CertRes: {other:?}"),
        }
    }

    /// The Error about a message that has a header, and who signed it.
    fn error(&self, message: &MessageWrapper) -> (ErrorCode, Signature) {
        match self.cca.heard(&self.post(message).body) {
            Heard::Error(tbs, signature) => {
                assert_eq!(tbs.error_msg, ErrorMsg::MessageHeader(message.header.clone()));
                (tbs.error_code, signature)
            }
            other => panic!("no Error: {other:?}"),
        }
    }
}

/// Posts a message that is answered by one.
fn set(service: &Service, octets: &[u8]) -> Answer {
    let answer = service.post("/set", SET_REGISTRATION, octets);
    assert_eq!((answer.status, answer.header("content-type")), (200, SET_REGISTRATION));
    answer
}
