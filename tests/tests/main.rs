//! setca from outside: the real binary, judged by the real OpenSSL. One file a subject.

mod crash;
mod demo;
mod faults;
mod graceful;
mod hierarchy;
mod hostile;
mod readme;
mod registration;
mod secrets;
mod status;
