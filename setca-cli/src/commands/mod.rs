//! One file per command: a clap struct whose doc comment is the help, and `run`.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod bci;
pub(crate) mod ca;
mod ca_message;
pub(crate) mod cert;
pub(crate) mod crl;
pub(crate) mod demo;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod institution;
pub(crate) mod ocsp;
mod output;
mod publish;
pub(crate) mod register;
pub(crate) mod registration;
pub(crate) mod restore;
pub(crate) mod selftest;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod up;
pub(crate) mod verify;
