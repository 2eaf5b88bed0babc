//! Texts that are no token.

use super::{Row, row};
use crate::world::World;

const SEGMENTS: &str = "token: not three segments";
const SIGNATURE: &str = "signature: not made with the key of that `kid`";

pub(in super::super) fn segments(world: &World) -> Vec<Row> {
    let good = world.token();
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("three")
    };
    let padding = world.draft().claim("padding", "x".repeat(8192)).sign();
    let edge = format!("{good}{}", "A".repeat(8193 - good.len()));
    vec![
        row("empty", "", SEGMENTS),
        row("one word", "hunter2", SEGMENTS),
        row("one dot", ".", SEGMENTS),
        row("two dots", "..", "header: no JSON object of the expected shape"),
        row("two segments", format!("{header}.{claims}"), SEGMENTS),
        row("four segments", format!("{good}.{signature}"), SEGMENTS),
        row(
            "five segments, as an encrypted token",
            format!("{good}.{claims}.{signature}"),
            SEGMENTS,
        ),
        row("dots only", ".".repeat(8192), SEGMENTS),
        row("too long", padding, "token: longer than 8192 bytes"),
        row("one byte too long", edge, "token: longer than 8192 bytes"),
        row("megabytes", "a".repeat(4 << 20), "token: longer than 8192 bytes"),
        row("no signature", format!("{header}.{claims}."), SIGNATURE),
        row(
            "a signature of one byte",
            format!("{header}.{claims}.AA"),
            SIGNATURE,
        ),
        row(
            "half a signature",
            format!("{header}.{claims}.{}", &signature[..171]),
            SIGNATURE,
        ),
        row(
            "a signature of zeros",
            format!("{header}.{claims}.{}", "A".repeat(342)),
            SIGNATURE,
        ),
        row("a signature with padding", format!("{good}=="), SIGNATURE),
        row("a signature and a line feed", format!("{good}\n"), SIGNATURE),
        row("a signature and a space", format!("{good} "), SIGNATURE),
        row(
            "another's signature",
            other_signature(world, header, claims),
            SIGNATURE,
        ),
        row(
            "claims of another token",
            other_claims(world, header, signature),
            SIGNATURE,
        ),
        row(
            "header with padding",
            format!("{header}=.{claims}.{signature}"),
            "header: not base64url without padding",
        ),
        row(
            "claims with padding",
            format!("{header}.{claims}==.{signature}"),
            "claims: not base64url without padding",
        ),
        row(
            "claims in plain base64",
            format!("{header}.+/+/.{signature}"),
            "claims: not base64url without padding",
        ),
        row(
            "header in plain text",
            format!("{{}}.{claims}.{signature}"),
            "header: not base64url without padding",
        ),
        row(
            "a space before",
            format!(" {good}"),
            "header: not base64url without padding",
        ),
        row(
            "twice the scheme",
            format!("Bearer {good}"),
            "header: not base64url without padding",
        ),
        row(
            "a null byte",
            format!("{header}\0.{claims}.{signature}"),
            "header: not base64url without padding",
        ),
        row(
            "no claims",
            format!("{header}..{signature}"),
            "claims: no JSON object of the expected shape",
        ),
    ]
}

fn other_signature(world: &World, header: &str, claims: &str) -> String {
    let other = world.draft().claim("sub", "bob").sign();
    let signature = other.rsplit('.').next().unwrap();
    format!("{header}.{claims}.{signature}")
}

fn other_claims(world: &World, header: &str, signature: &str) -> String {
    let other = world.draft().claim("sub", "bob").sign();
    let claims = other.split('.').nth(1).unwrap();
    format!("{header}.{claims}.{signature}")
}

pub(in super::super) fn json(world: &World) -> Vec<Row> {
    let claims = |rewrite: fn(String) -> Vec<u8>| world.draft().rewrite_claims(rewrite).sign();
    let header = |rewrite: fn(String) -> Vec<u8>| world.draft().rewrite_header(rewrite).sign();
    let shape = "claims: no JSON object of the expected shape";
    vec![
        row(
            "claims are an array by position",
            claims(|_| by_position()),
            shape,
        ),
        row("claims are null", claims(|_| b"null".into()), shape),
        row("claims are a string", claims(|_| b"\"sub\"".into()), shape),
        row(
            "claims are cut off",
            claims(|text| text.as_bytes()[..text.len() - 1].into()),
            shape,
        ),
        row(
            "claims with something after them",
            claims(|text| (text + "{}").into()),
            shape,
        ),
        row(
            "claims with a byte order mark",
            claims(|text| format!("\u{feff}{text}").into()),
            shape,
        ),
        row(
            "claims in Latin-1",
            claims(|text| latin(&text)),
            "claims: not UTF-8",
        ),
        row("claims in UTF-16", claims(|text| utf_16(&text)), shape),
        row(
            "claims with a comment",
            claims(|text| format!("/**/{text}").into()),
            shape,
        ),
        row(
            "claims nested without end",
            claims(|_| "{\"firebase\":".repeat(300).into()),
            shape,
        ),
        row(
            "arrays nested without end",
            claims(|_| format!("{{\"x\":{}", "[".repeat(3000)).into()),
            shape,
        ),
        row(
            "header is an array by position",
            header(|_| b"[\"RS256\",\"JWT\",\"k\"]".into()),
            "header: no JSON object of the expected shape",
        ),
        row(
            "header is no JSON",
            header(|_| b"alg=RS256".into()),
            "header: no JSON object of the expected shape",
        ),
        row(
            "header in Latin-1",
            header(|text| latin(&text)),
            "header: not UTF-8",
        ),
    ]
}

/// What a derived struct takes for claims: their values in the order of its fields.
fn by_position() -> Vec<u8> {
    let now = jiff::Timestamp::now().as_second();
    let (issuer, exp) = ("https://securetoken.google.com/demo-trips", now + 600);
    format!("[\"{issuer}\",\"demo-trips\",\"alice\",{exp},{now},{now},{now},{{\"tenant\":\"T-free\"}}]")
        .into()
}

fn latin(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let end = bytes.len() - 1;
    // in a member that nobody reads
    bytes.splice(end..end, *b",\"name\":\"\xe9\"");
    bytes
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
