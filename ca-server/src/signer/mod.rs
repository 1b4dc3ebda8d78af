//! Key stores behind the `Signer` and `Decryptor` of `ca-core`.

pub mod key_file;
