//! Passwords that nobody chose.

use std::io;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

use super::error::{ServerError, While};

/// 144 random bits, in characters that need no quoting in SQL, in a URL or in a file of settings.
pub(crate) fn random() -> Result<SecretString, ServerError> {
    let mut bytes = [0; 18];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| io::Error::other("no random numbers"))
        .during(|| "make a password".to_owned())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}
