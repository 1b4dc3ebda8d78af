//! Whatever octets are posted: an answer, no panic, and no registration moved.

use ca_core::authority::SetReply;
use ca_core::store::{CertificateQuery, Registration};
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{Message, MessageWrapper};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use crate::house::{House, house};
use crate::messages::{Draft, FormDraft, FormRun, form_run, init_req, message_of, post, wrapped};

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1997),
        ..ProptestConfig::default()
    })
}

/// A house with one registration complete and one open, and the requests that made them.
struct Scene {
    house: House,
    runs: [FormRun; 2],
    requests: Vec<Vec<u8>>,
}

fn scene() -> Scene {
    let house = house();
    let authority = &house.authority;
    let init = init_req("hostile", "Sample");
    let rrpid = init.rrpid;
    let form = FormDraft::new("complete");
    let mut requests =
        vec![wrapped(&Message::CardCInitReq(init), rrpid, authority.now()), form.octets(authority)];
    let complete = form.run(authority);
    let open = form_run(authority, "open");
    let draft = Draft::new(&complete, "complete", authority.now());
    requests.push(draft.octets(authority));
    let refused = Draft::new(&open, "refused", authority.now()).with(|d| d.data.reg_form = None);
    requests.push(refused.octets(authority));
    for request in &requests {
        post(authority, request);
    }
    Scene { house, runs: [complete, open], requests }
}

impl Scene {
    fn registrations(&self) -> Vec<Registration> {
        let store = self.house.authority.store();
        let found = self.runs.iter().map(|run| store.registration(run.lid_ca.as_bytes()));
        found.map(|found| found.unwrap().unwrap()).collect()
    }

    fn certificates(&self) -> usize {
        let query = CertificateQuery { limit: 1000, ..CertificateQuery::default() };
        self.house.authority.store().certificates(&query).unwrap().items.len()
    }

    /// Posts the octets and looks that nothing moved.
    fn post(&self, octets: &[u8]) -> Result<(), TestCaseError> {
        let before = (self.registrations(), self.certificates());
        match self.house.authority.respond(octets) {
            Ok(SetReply::Answer { octets: answer, .. }) => {
                let wrapper = MessageWrapper::from_der(&answer);
                let message = wrapper.as_ref().map(Message::from_wrapper);
                prop_assert!(matches!(message, Ok(Ok(_))), "no message came back");
            }
            Ok(SetReply::Nothing) => {}
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
        let after = (self.registrations(), self.certificates());
        prop_assert!(after == before, "something moved");
        Ok(())
    }
}

#[test]
fn random_octets_are_answered_and_move_nothing() {
    let scene = scene();
    let octets = prop::collection::vec(any::<u8>(), 0..600);
    runner(300).run(&octets, |octets| scene.post(&octets)).unwrap();
}

#[test]
fn mutated_requests_are_answered_and_move_nothing() {
    let scene = scene();
    let count = scene.requests.len();
    let change = (0..count, any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    runner(600)
        .run(&change, |(which, at, octet, kind)| {
            let mut octets = scene.requests[which].clone();
            let at = at.index(octets.len());
            match kind {
                0 => octets[at] = octet,
                1 => octets.truncate(at),
                2 => octets.insert(at, octet),
                _ => drop(octets.remove(at)),
            }
            scene.post(&octets)
        })
        .unwrap();
}

#[test]
fn octets_changed_inside_a_new_request_are_answered_and_move_nothing() {
    // Not answered before, so every stage up to the signature is reached.
    let scene = scene();
    let authority = &scene.house.authority;
    let fresh = [
        FormDraft::new("fresh").octets(authority),
        Draft::new(&scene.runs[1], "fresh", authority.now()).octets(authority),
    ];
    let change = (0..fresh.len(), any::<prop::sample::Index>(), 1..=255_u8);
    runner(400)
        .run(&change, |(which, at, flip)| {
            let mut wrapper = MessageWrapper::from_der(&fresh[which]).unwrap();
            let mut octets = wrapper.message.as_der().to_vec();
            let at = at.index(octets.len());
            // The label that was sent is not looked at (decisions.md 1).
            let label = octets.windows(LABEL.len()).position(|w| w == LABEL).unwrap();
            prop_assume!(!(label..label + LABEL_LENGTH).contains(&at));
            octets[at] ^= flip;
            // A change of the outer tag or length is for the tests above.
            prop_assume!(der::Decode::from_der(&octets).map(|m| wrapper.message = m).is_ok());
            scene.post(&der::Encode::to_der(&wrapper).unwrap())
        })
        .unwrap();
    for request in &fresh {
        assert!(matches!(
            message_of(&post(authority, request)),
            Message::RegFormRes(_) | Message::CertRes(_)
        ));
    }
}

/// Label of an envelope: this and a content type.
const LABEL: &[u8] = b"set-modern-1:";
const LABEL_LENGTH: usize = "set-modern-1:2.23.42.0.76".len();

#[test]
fn messages_under_other_tags_are_answered_and_move_nothing() {
    let scene = scene();
    let change = (0..scene.requests.len(), 0..64_u8);
    runner(200)
        .run(&change, |(which, tag)| {
            let mut wrapper = MessageWrapper::from_der(&scene.requests[which]).unwrap();
            let mut octets = wrapper.message.as_der().to_vec();
            // [22] to [28] have a short tag; so have all up to [30].
            octets[0] = 0xa0 | (tag % 31);
            wrapper.message = der::Decode::from_der(&octets).unwrap();
            scene.post(&der::Encode::to_der(&wrapper).unwrap())
        })
        .unwrap();
}

#[test]
fn every_prefix_of_a_request_is_answered_and_moves_nothing() {
    let scene = scene();
    for request in &scene.requests {
        for length in (0..request.len()).step_by(7) {
            scene.post(&request[..length]).unwrap();
        }
    }
}

#[test]
fn the_largest_message_is_decoded_and_one_octet_more_is_not() {
    let scene = scene();
    let nested = [0x30_u8, 0x80].repeat(MAX_MESSAGE / 2);
    for octets in [&nested[..], &[&nested[..], &[0]].concat()] {
        scene.post(octets).unwrap();
    }
}
