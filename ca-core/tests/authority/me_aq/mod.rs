//! Merchants and payment gateways: their form, their certificates, their renewals (spec
//! `set-messages.md` §4.5 to §4.7, `set-certificates.md` §2.1, §3.9, §3.10).

mod certificates;
mod contact;
mod renewals;

use ca_core::wire::{Cert, CertStatusCode};

use crate::entities::*;
use crate::house::House;
use crate::messages::{Heard, post};

pub(super) fn complete(house: &House, asking: &Asking) -> Vec<Cert> {
    let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
    assert_eq!(heard.status(), CertStatusCode::RequestComplete, "{heard:?}");
    heard.issued_all()
}
