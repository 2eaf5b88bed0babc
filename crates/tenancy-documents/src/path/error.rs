//! Why a text names nothing.

/// Why a text is no id or path of documents. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePathError {
    /// Empty, or too long.
    #[error("a document id has 1 to 1500 bytes, a collection id 1 to 100, a path 5000 at most")]
    Length,
    /// A character outside of the alphabet.
    #[error(
        "an id is made of A-Z, a-z, 0-9, `-`, `_` and `.`; a collection's has no dot and begins with a letter"
    )]
    Alphabet,
    /// `.`, `..`, and names that some layer may shorten.
    #[error("a document id does not end with a dot")]
    FinalDot,
    /// A name of the database's own.
    #[error("an id does not begin with `__`, which the database keeps for itself")]
    Reserved,
    /// A path that names a document where a collection is meant, or the other way round.
    #[error(
        "a path alternates collections and documents: a collection's has an odd number of segments, a document's an even one"
    )]
    Parity,
    /// Nested too deep.
    #[error("collections nest 100 deep at most")]
    Depth,
}
