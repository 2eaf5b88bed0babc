//! The one provider of cryptography.

/// Makes aws-lc-rs the process's provider for rustls and for jsonwebtoken.
///
/// Both libraries panic at first use when a dependency has switched on a second provider and none was chosen. A second
/// call changes nothing; nor does a first one where the process chose a provider of its own before.
/// [`IdTokenVerifier::new`](crate::IdTokenVerifier::new) and its like call it, so only a process that uses TLS without
/// verifying tokens needs to call it itself.
pub fn install_crypto() {
    // an error says that a provider is there already
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_call_changes_nothing() {
        install_crypto();
        install_crypto();
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }
}
