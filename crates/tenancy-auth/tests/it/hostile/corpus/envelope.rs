//! Texts that are no token.

use super::{Answer, Row, row};
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
        row("megabytes", "a".repeat(4 << 20), "token: longer than 8192 bytes").over_http(Answer::TooLong),
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
        row("a signature and a line feed", format!("{good}\n"), SIGNATURE).over_http(Answer::Mended),
        row("a signature and a space", format!("{good} "), SIGNATURE).over_http(Answer::Mended),
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
        )
        .over_http(Answer::NoHeader),
        row("two tokens", format!("{good},{good}"), SEGMENTS),
        row(
            "a token in quotation marks",
            format!("\"{good}\""),
            "header: not base64url without padding",
        ),
        row(
            "dots as an address escapes them",
            good.replace('.', "%2E"),
            SEGMENTS,
        ),
        row("full-width dots", good.replace('.', "\u{ff0e}"), SEGMENTS),
        row("commas for dots", good.replace('.', ","), SEGMENTS),
        row(
            "as a JSON object (RFC 7515 section 7.2)",
            format!("{{\"payload\":\"{claims}\",\"protected\":\"{header}\",\"signature\":\"{signature}\"}}"),
            SEGMENTS,
        ),
        row("a segment before", format!("{header}.{good}"), SEGMENTS),
        row("an empty segment before", format!(".{good}"), SEGMENTS),
        row(
            "an empty segment between",
            format!("{header}..{claims}.{signature}"),
            SEGMENTS,
        ),
        row(
            "a space within the claims",
            format!("{header}. {claims}.{signature}"),
            "claims: not base64url without padding",
        ),
        row(
            "a line break within the claims",
            format!("{header}.{claims}\r\n.{signature}"),
            "claims: not base64url without padding",
        )
        .over_http(Answer::NoHeader),
        row(
            "header and claims changed over",
            format!("{claims}.{header}.{signature}"),
            "header: `alg` is not RS256",
        ),
        row(
            "a password, as basic authentication has it",
            "YWxpY2U6aHVudGVyMg==",
            SEGMENTS,
        ),
        row("an opaque access token", "ya29.a0AfH6SMBx-notreal", SEGMENTS),
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
