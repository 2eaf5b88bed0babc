//! The first user's password, told to the server by its hash: a command line would show it to everybody.

use std::io;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use secrecy::{ExposeSecret, SecretString};

use crate::machine::{ServerError, While};

/// The one user of a server that nobody has logged in to.
pub(super) const USER: &str = "neo4j";
/// How often the server hashes a password.
const ROUNDS: usize = 1024;

/// What `data/dbms/auth.ini` holds before the first start, as the server's own administration tool writes it.
pub(super) fn initial(password: &SecretString) -> Result<String, ServerError> {
    let mut salt = [0; 32];
    rand::fill(&mut salt)
        .map_err(|_| io::Error::other("no random numbers"))
        .during(|| "make a password's salt".to_owned())?;
    Ok(entry(&salt, password.expose_secret()))
}

fn entry(salt: &[u8], password: &str) -> String {
    let mut hash = digest(&SHA256, &[salt, password.as_bytes()].concat());
    for _ in 1..ROUNDS {
        hash = digest(&SHA256, hash.as_ref());
    }
    format!("{USER}:SHA-256,{},{},{ROUNDS}:\n", hex(hash.as_ref()), hex(salt))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_servers_own_tool_writes() {
        let salt = "5f9d0c13f56fd87f31cfbead8b58fdb9b50220c08886b6d4a64237a3d4c1366d";
        let bytes: Vec<u8> = (0..salt.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&salt[at..at + 2], 16).unwrap())
            .collect();
        let hash = "e30452f09a795cc588b510637bb1dc41953dda78a68fffd8bfa6624a9f0650c3";
        let expect = format!("neo4j:SHA-256,{hash},{salt},1024:\n");
        assert_eq!(entry(&bytes, "hunter2-hunter2"), expect);
    }
}
