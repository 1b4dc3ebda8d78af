//! Lists in memory: read once, shared by all who ask, and never older than the store's.

use std::sync::Arc;

use ca_core::authority::{Authority, Published};
use ca_core::store::ListId;

use crate::house::house;
use crate::messages::ca_id;

fn published(authority: &Authority, list: &ListId) -> Arc<Published> {
    authority.published(list).unwrap().unwrap()
}

#[test]
fn a_list_is_read_once() {
    let authority = house().reopened(|_| ());
    let list = ListId::Crl(ca_id("sample-cca"));
    let first = published(&authority, &list);
    assert!(Arc::ptr_eq(&first, &published(&authority, &list)));
}

#[test]
fn a_list_that_another_process_published_is_seen_at_once() {
    let house = house();
    let list = ListId::Crl(ca_id("sample-cca"));
    let before = published(&house.authority, &list);
    let made = house.reopened(|_| ()).publish_crl(&ca_id("sample-cca")).unwrap();
    assert_ne!(*before.list(), made);
    assert_eq!(*published(&house.authority, &list).list(), made);
}

#[test]
fn a_list_that_was_never_published_is_none() {
    let list = ListId::Bci("Nobody".to_owned());
    assert!(house().authority.published(&list).unwrap().is_none());
}
