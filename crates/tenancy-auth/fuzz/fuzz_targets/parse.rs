//! Reads any bytes as what a caller or a server may send.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tenancy_auth::fuzzing;

fuzz_target!(|input: &[u8]| {
    let Some((kind, rest)) = input.split_first() else {
        return;
    };
    match kind {
        b't' => fuzzing::token(rest),
        b'h' => fuzzing::header(rest),
        b'c' => fuzzing::claims(rest),
        b'k' => fuzzing::key_set(rest),
        b'a' => fuzzing::account(rest),
        _ => {}
    }
});
