//! Header and claims that are not the JSON that they should be.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Row, row};
use crate::world::World;

pub(in super::super) fn objects(world: &World) -> Vec<Row> {
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

/// Texts that some parsers of JSON take and others don't, signed by the right key.
pub(in super::super) fn texts(world: &World) -> Vec<Row> {
    let replace = |from: &'static str, to: &'static str| {
        world
            .draft()
            .rewrite_claims(move |text| text.replacen(from, to, 1))
            .sign()
    };
    let claims = |rewrite: fn(String) -> Vec<u8>| world.draft().rewrite_claims(rewrite).sign();
    let header = |rewrite: fn(String) -> Vec<u8>| world.draft().rewrite_header(rewrite).sign();
    let exp = |number: &'static str| {
        let draft = world.draft().claim("exp", "X");
        draft
            .rewrite_claims(move |text| text.replacen("\"X\"", number, 1))
            .sign()
    };
    let shape = "claims: no JSON object of the expected shape";
    let exp_shape = "claims: `exp` has the wrong shape";
    let sub_shape = "claims: `sub` has the wrong shape";
    vec![
        row(
            "a comma too many",
            claims(|text| format!("{},}}", text.trim_end_matches('}')).into()),
            shape,
        ),
        row(
            "single quotation marks",
            claims(|text| text.replace('"', "'").into()),
            shape,
        ),
        row("a name without quotation marks", replace("\"aud\"", "aud"), shape),
        row("a comma missing", replace(",\"", "\""), shape),
        row(
            "two objects",
            claims(|text| format!("{text}{text}").into()),
            shape,
        ),
        row(
            "an object in an array",
            claims(|text| format!("[{text}]").into()),
            shape,
        ),
        row(
            "an object in a text",
            claims(|text| format!("{text:?}").into()),
            shape,
        ),
        row("nothing but space", claims(|_| b"   ".into()), shape),
        row(
            "a null byte after",
            claims(|text| format!("{text}\0").into()),
            shape,
        ),
        row(
            "a line comment after",
            claims(|text| format!("{text}//").into()),
            shape,
        ),
        row(
            "sub deep, and closed again",
            claims(|text| deep(&text)),
            sub_shape,
        ),
        row(
            "a line feed in a text",
            replace("\"alice\"", "\"ali\nce\""),
            sub_shape,
        ),
        row(
            "half a surrogate pair",
            replace("\"alice\"", "\"\\ud800\""),
            sub_shape,
        ),
        row(
            "an escape that is none",
            replace("\"alice\"", "\"\\x61lice\""),
            sub_shape,
        ),
        row(
            "an overlong slash",
            claims(|text| overlong(&text)),
            "claims: not UTF-8",
        ),
        row(
            "a letter cut in two",
            claims(|text| cut(&text)),
            "claims: not UTF-8",
        ),
        row("exp with a leading zero", exp("04000000000"), exp_shape),
        row("exp with a sign", exp("+4000000000"), exp_shape),
        row("exp in hexadecimal", exp("0xee6b2800"), shape),
        row("exp not a number", exp("NaN"), exp_shape),
        row("exp infinite", exp("Infinity"), exp_shape),
        row("exp with a fraction", exp("4000000000.5"), exp_shape),
        row("exp with an exponent", exp("4e9"), exp_shape),
        row("exp with underscores", exp("4_000_000_000"), shape),
        row("exp below the range", exp("-9223372036854775809"), exp_shape),
        row(
            "header with a byte order mark",
            header(|text| format!("\u{feff}{text}").into()),
            "header: no JSON object of the expected shape",
        ),
        row(
            "header with something after it",
            header(|text| (text + ",").into()),
            "header: no JSON object of the expected shape",
        ),
        row(
            "header twice",
            header(|text| format!("{text}{text}").into()),
            "header: no JSON object of the expected shape",
        ),
        row(
            "header null",
            header(|_| b"null".into()),
            "header: no JSON object of the expected shape",
        ),
        row(
            "header empty",
            header(|_| b"{}".into()),
            "header: `alg` is not RS256",
        ),
        row(
            "claims empty",
            claims(|_| b"{}".into()),
            "claims: `iss` is missing",
        ),
        row(
            "claims encoded twice",
            claims(|text| URL_SAFE_NO_PAD.encode(text).into()),
            shape,
        ),
    ]
}

/// More levels than are followed.
fn deep(text: &str) -> Vec<u8> {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    text.replacen("\"alice\"", &deep, 1).into()
}

/// A slash in two bytes, which a careless decoder takes for one.
fn overlong(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let end = bytes.len() - 1;
    bytes.splice(end..end, *b",\"name\":\"\xc0\xaf\"");
    bytes
}

fn cut(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let end = bytes.len() - 1;
    bytes.splice(end..end, *b",\"name\":\"\xe2\x82\"");
    bytes
}
