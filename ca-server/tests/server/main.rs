//! The service from outside: data folder, routes, connections. One binary, so that the data folder
//! with its RSA keys is made once.

mod approver;

mod audit;

mod bank;

mod certificates;

mod common;

mod desk;

mod folder;

mod inventory;

mod limits;

mod lists;

mod routes;

mod validate;
