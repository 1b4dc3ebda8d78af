//! The store in a real PostgreSQL.

mod contract;
