//! The store in a real PostgreSQL.

mod audit;
mod contract;
mod damage;
mod faults;
mod many;
mod moving;
mod opening;
mod together;
