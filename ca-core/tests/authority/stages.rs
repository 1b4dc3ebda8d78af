//! What a watch is told of a request.

use std::sync::{Arc, Mutex};

use ca_core::authority::{Stage, StageWatch};

use crate::house::house;
use crate::messages::{Draft, form_run, post};

/// Writes the stages down as they nest: `Outer(Inner )`.
#[derive(Default)]
struct Trace(Mutex<String>);

impl Trace {
    fn write(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }

    /// The stages since last asked, each act with its own parentheses.
    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).replace("()", "")
    }
}

impl StageWatch for Trace {
    fn enter(&self, stage: Stage) {
        self.write(&format!(" {stage:?}("));
    }

    fn leave(&self, _: Stage) {
        self.write(")");
    }
}

#[test]
fn a_watch_sees_every_stage_of_an_issuance_in_the_order_of_the_flow() {
    // design.md: decode, open, decide, prepare, store, sign, seal, encode, store. A repeated
    // request is looked up before its message is read (set-messages.md §4.8).
    let house = house();
    let trace = Arc::new(Trace::default());
    let authority = house.reopened(|parts| parts.watch = Some(trace.clone()));
    let run = form_run(&authority, "run");
    let request = Draft::new(&run, "watched", authority.now()).octets(&authority);
    trace.take();
    post(&authority, &request);
    // What travels along: the BCI, and the CRLs of root, BCA, CCA, MCA and PCA.
    let lists = " Store".repeat(6);
    let expected = format!(
        " Decide( Decode Store Decode Decode Open Decode Store Verify Prepare Store Sign( Sign) \
         Gather({lists}) Encode Seal( Sign) Seal Encode Store)"
    );
    assert_eq!(trace.take(), expected);
}

#[test]
fn a_refused_request_leaves_every_stage_it_entered() {
    let house = house();
    let trace = Arc::new(Trace::default());
    let authority = house.reopened(|parts| parts.watch = Some(trace.clone()));
    trace.take();
    post(&authority, b"no message");
    assert_eq!(trace.take(), " Decide( Decode Encode)");
}
