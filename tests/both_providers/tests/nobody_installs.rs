//! That the danger is real: the library can't choose, and panics at its first use.

use jsonwebtoken::{Algorithm, DecodingKey, crypto::verify};

#[test]
#[should_panic(expected = "CryptoProvider")]
fn a_program_that_installs_no_provider_panics() {
    let key = DecodingKey::from_rsa_raw_components(&[0xab; 256], &[1, 0, 1]);
    let _ = verify("AA", b"message", &key, Algorithm::RS256);
}
