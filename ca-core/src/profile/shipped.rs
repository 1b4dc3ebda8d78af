//! The policies that ship with the program.

/// The files of `policies/`, path and text, in the order of their paths.
#[must_use]
pub fn shipped_files() -> &'static [(&'static str, &'static str)] {
    FILES
}

macro_rules! files {
    ($($path:literal,)*) => {
        &[$((concat!("policies/", $path), include_str!(concat!("../../../policies/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "brands/sample.toml",
    "forms/cardholder.toml",
    "forms/gateway.toml",
    "forms/merchant.toml",
    "lists.toml",
    "profiles/modern/bca-certificate-signing.toml",
    "profiles/modern/bca-message-signature.toml",
    "profiles/modern/cardholder-message-signature.toml",
    "profiles/modern/cca-certificate-signing.toml",
    "profiles/modern/cca-encryption.toml",
    "profiles/modern/cca-message-signature.toml",
    "profiles/modern/gateway-encryption.toml",
    "profiles/modern/gateway-message-signature.toml",
    "profiles/modern/gca-certificate-signing.toml",
    "profiles/modern/gca-message-signature.toml",
    "profiles/modern/mca-certificate-signing.toml",
    "profiles/modern/mca-encryption.toml",
    "profiles/modern/mca-message-signature.toml",
    "profiles/modern/merchant-encryption.toml",
    "profiles/modern/merchant-message-signature.toml",
    "profiles/modern/ocsp.toml",
    "profiles/modern/pca-certificate-signing.toml",
    "profiles/modern/pca-encryption.toml",
    "profiles/modern/pca-message-signature.toml",
    "profiles/modern/rca.toml",
    "profiles/set-1997/bca-certificate-signing.toml",
    "profiles/set-1997/bca-message-signature.toml",
    "profiles/set-1997/cardholder-message-signature.toml",
    "profiles/set-1997/cca-certificate-signing.toml",
    "profiles/set-1997/cca-encryption.toml",
    "profiles/set-1997/cca-message-signature.toml",
    "profiles/set-1997/gateway-encryption.toml",
    "profiles/set-1997/gateway-message-signature.toml",
    "profiles/set-1997/gca-certificate-signing.toml",
    "profiles/set-1997/gca-message-signature.toml",
    "profiles/set-1997/mca-certificate-signing.toml",
    "profiles/set-1997/mca-encryption.toml",
    "profiles/set-1997/mca-message-signature.toml",
    "profiles/set-1997/merchant-encryption.toml",
    "profiles/set-1997/merchant-message-signature.toml",
    "profiles/set-1997/pca-certificate-signing.toml",
    "profiles/set-1997/pca-encryption.toml",
    "profiles/set-1997/pca-message-signature.toml",
    "profiles/set-1997/rca.toml",
    "revocation.toml",
    "root.toml",
];
