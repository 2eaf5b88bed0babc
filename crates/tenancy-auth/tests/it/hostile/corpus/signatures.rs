//! Good tokens with something changed after they were signed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Row, row};
use crate::world::World;

const SIGNATURE: &str = "signature: not made with the key of that `kid`";

pub(in super::super) fn signatures(world: &World) -> Vec<Row> {
    let good = world.token();
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("three")
    };
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let with = |signature: &[u8]| format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature));
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        with(&bytes)
    };
    let modulus = URL_SAFE_NO_PAD
        .decode(world.mint.jwk()["n"].as_str().unwrap())
        .unwrap();
    let mut one = vec![0; 256];
    one[255] = 1;
    let claims_with = |name: &str, value: Value| {
        let mut read: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let path = format!("/{}", name.replace('.', "/"));
        *read.pointer_mut(&path).unwrap() = value;
        format!(
            "{header}.{}.{signature}",
            URL_SAFE_NO_PAD.encode(read.to_string())
        )
    };
    let header_with = |text: String| format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(text));
    let kid = world.mint.kid();
    vec![
        row("the first bit of the signature changed", flipped(0), SIGNATURE),
        row("the last bit of the signature changed", flipped(255), SIGNATURE),
        row(
            "a signature with a byte before",
            with(&[&[0], &bytes[..]].concat()),
            SIGNATURE,
        ),
        row(
            "a signature with a byte after",
            with(&[&bytes[..], &[0]].concat()),
            SIGNATURE,
        ),
        row("a signature without its first byte", with(&bytes[1..]), SIGNATURE),
        row(
            "a signature without its last byte",
            with(&bytes[..255]),
            SIGNATURE,
        ),
        row(
            "a signature twice",
            with(&[&bytes[..], &bytes[..]].concat()),
            SIGNATURE,
        ),
        row(
            "a signature backwards",
            with(&bytes.iter().rev().copied().collect::<Vec<_>>()),
            SIGNATURE,
        ),
        row("a signature that is one", with(&one), SIGNATURE),
        row("a signature that is the modulus", with(&modulus), SIGNATURE),
        row("a signature of all bits", with(&[0xff; 256]), SIGNATURE),
        row(
            "unused bits of the signature's last character",
            format!("{header}.{claims}.{}", &other_end(signature)),
            SIGNATURE,
        ),
        row(
            "a signature with a space within",
            format!("{header}.{claims}.{} {}", &signature[..9], &signature[9..]),
            SIGNATURE,
        ),
        row(
            "another tenant under the signature",
            claims_with("firebase.tenant", "T-other".into()),
            SIGNATURE,
        ),
        row(
            "another user under the signature",
            claims_with("sub", "mallory".into()),
            SIGNATURE,
        ),
        row(
            "a later end under the signature",
            claims_with("exp", (jiff::Timestamp::now().as_second() + 7200).into()),
            SIGNATURE,
        ),
        row(
            "another claim under the signature",
            claims_with("email", "bob@example.com".into()),
            SIGNATURE,
        ),
        row(
            "the header written anew",
            header_with(format!(
                "{{\"alg\":\"RS256\", \"kid\":\"{kid}\", \"typ\":\"JWT\"}}"
            )),
            SIGNATURE,
        ),
        row(
            "the header without `typ` under the signature",
            header_with(format!("{{\"alg\":\"RS256\",\"kid\":\"{kid}\"}}")),
            SIGNATURE,
        ),
        row(
            "the claims written anew",
            format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(spaced(claims))),
            SIGNATURE,
        ),
    ]
}

/// 256 bytes take 342 characters, of which the last has four bits that decode to nothing.
fn other_end(signature: &str) -> String {
    let (rest, last) = signature.split_at(signature.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap() + 1;
    format!("{rest}{}", &alphabet[at..=at])
}

fn spaced(claims: &str) -> String {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    text.replacen(':', ": ", 1)
}
