//! The confused deputy: whoever holds a valid key tries everything that the key is not for.
//!
//! What a proof says is written by hand here, and signed with real keys; both algorithms run every row. Over HTTP, and with the
//! real signer, it is tried in the workspace's `tests`.

mod accounts;
mod arbitrary;
mod confusion;
mod envelopes;
mod grants;
mod jobs;
mod late;
mod outgoing;
mod parties;
mod refused;
mod rotation;
