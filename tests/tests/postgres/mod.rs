//! The store in a real PostgreSQL.

mod audit;
mod contract;
mod damage;
mod faults;
mod many;
mod opening;
mod together;
