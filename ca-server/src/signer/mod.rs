//! Key stores behind the `Signer` and `Decryptor` of `ca-core`.

pub mod key_file;
mod key_folder;

pub use key_folder::KeyFolder;
