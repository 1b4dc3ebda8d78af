//! setca from outside: the real binary, judged by the real OpenSSL. One file a subject.

mod acceptors;
mod ca_life;
mod ca_messages;
mod chaos;
mod codes;
mod conformance;
mod crash;
mod crypto_1997;
mod demo;
mod desk;
mod faults;
mod graceful;
mod health;
mod hierarchy;
mod hostile;
mod initiation;
mod lists;
mod pkilint;
mod protocol;
mod readme;
mod registration;
mod revocation;
mod secrets;
mod set_1997;
mod status;
