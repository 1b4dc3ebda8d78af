//! Institutions that are asked: at once, and again.

use super::*;

#[test]
fn an_institution_that_answers_at_once_is_heard_at_once() {
    let house = house();
    let authority = &house.authority;
    house.approver.answers(ApprovalAnswer::Approve { by: "list.txt".to_owned() });
    let known = Customer::new(authority, LISTED, "known");
    known.assert_served(&known.heard(authority));
    assert_eq!(known.registration(authority).decision.unwrap().by, "list.txt");
    let message = Some("You are not a customer of ours.".to_owned());
    house.approver.answers(ApprovalAnswer::Refuse { by: "list.txt".to_owned(), message });
    let unknown = Customer::new(authority, LISTED, "unknown");
    let heard = unknown.heard(authority);
    assert_eq!(heard.status(), CertStatusCode::RejectedByIssuer);
    let message = heard.data().cert_status.ee_message.as_ref().unwrap();
    assert_eq!(message.as_str(), "You are not a customer of ours.");
    let refused = unknown.ask(authority, "one");
    assert_eq!(refused.data().cert_status, heard.data().cert_status);
    house.approver.answers(ApprovalAnswer::ByHand);
    let odd = Customer::new(authority, LISTED, "odd");
    assert_eq!(odd.heard(authority).status(), CertStatusCode::RequestPended);
}

#[test]
fn an_institution_learns_enough_to_decide_and_no_account_number() {
    let house = house();
    let customer = Customer::new(&house.authority, LISTED, "ada");
    let registration = customer.registration(&house.authority);
    let [case] = &house.approver.asked()[..] else { panic!("asked once") };
    assert_eq!(case.lid_ca, customer.lid_ca());
    assert_eq!((case.brand.as_str(), case.role), ("Sample", Role::Cardholder));
    assert_eq!(case.institution, "Example List Bank");
    assert_eq!(case.bin.as_deref(), Some("430000"));
    assert_eq!(case.pan_tail.as_deref(), Some("7896"));
    assert_eq!(case.pan_hash, registration.pan_hash);
    let answers: Vec<(&str, &str)> =
        case.answers.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect();
    assert_eq!(answers, [("Full name", "Ada Lovelace"), ("Town", "London")]);
}

#[test]
fn who_does_not_answer_yet_is_asked_again() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, LISTED, "ada");
    assert_eq!(customer.heard(authority).status(), CertStatusCode::RequestInProgress);
    assert_eq!(customer.retry_after, Some(300));
    let settled = authority.settle_in_progress().unwrap();
    assert_eq!((settled.waiting, settled.approved), (1, 0));
    assert_eq!(customer.ask(authority, "one").status(), CertStatusCode::RequestInProgress);
    house.approver.answers(ApprovalAnswer::Approve { by: "bank.example".to_owned() });
    let settled = house.reopened(|_| ()).settle_in_progress().unwrap();
    assert_eq!((settled.waiting, settled.approved), (0, 1));
    customer.assert_served(&customer.ask(authority, "two"));
    let decision = customer.registration(authority).decision.unwrap();
    assert_eq!((decision.by.as_str(), decision.approved), ("bank.example", true));
    // Three times: with the request, and twice since. Each time about the same case.
    let asked = house.approver.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|case| *case == asked[0]));
    assert_eq!(authority.settle_in_progress().unwrap().approved, 0, "nothing is left");
}

#[test]
fn an_institution_that_refuses_later_refuses() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, LISTED, "ada");
    let message = Some("No.".to_owned());
    house.approver.answers(ApprovalAnswer::Refuse { by: "bank.example".to_owned(), message });
    assert_eq!(authority.settle_in_progress().unwrap().refused, 1);
    let heard = customer.ask(authority, "one");
    assert_eq!(heard.status(), CertStatusCode::RejectedByIssuer);
    assert_eq!(heard.data().cert_status.ee_message.as_ref().unwrap().as_str(), "No.");
}

#[test]
fn an_institution_may_leave_it_to_people_and_people_need_not_wait_for_it() {
    let house = house();
    let authority = &house.authority;
    let [ada, bob] = ["ada", "bob"].map(|label| Customer::new(authority, LISTED, label));
    // bob's bank never answers: an operator decides.
    authority.decide_registration(bob.lid_ca(), yes("grace")).unwrap();
    bob.assert_served(&bob.ask(authority, "bob"));
    house.approver.answers(ApprovalAnswer::ByHand);
    let settled = authority.settle_in_progress().unwrap();
    assert_eq!((settled.pended, settled.failed.len()), (1, 0));
    assert_eq!(ada.ask(authority, "one").status(), CertStatusCode::RequestPended);
    authority.decide_registration(ada.lid_ca(), yes("grace")).unwrap();
    ada.assert_served(&ada.ask(authority, "two"));
}

#[test]
fn more_than_a_page_of_requests_is_settled() {
    let house = house();
    let authority = &house.authority;
    let customers: Vec<Customer> =
        (0..103).map(|n| Customer::new(authority, LISTED, &format!("customer {n}"))).collect();
    house.approver.answers(ApprovalAnswer::Approve { by: "bank.example".to_owned() });
    let settled = authority.settle_in_progress().unwrap();
    assert_eq!((settled.approved, settled.failed.len()), (103, 0));
    let last = customers.last().unwrap();
    last.assert_served(&last.ask(authority, "last"));
}
