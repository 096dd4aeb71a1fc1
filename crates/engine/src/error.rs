//! What can go wrong in the engine.

use std::convert::Infallible;

/// Why the engine could not do what it was asked.
///
/// A wrong solution or an expired ticket is an answer, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system gave no random bytes, so nothing secret can be made (CAP-15).
    #[error("the operating system gave no random bytes")]
    Generator(#[from] getrandom::Error),

    /// The text cannot be an answer.
    #[error("this text cannot be an answer: {0}")]
    Answer(&'static str),

    /// The symbols, or the look-alikes among them, cannot be an alphabet.
    #[error("this cannot be an alphabet: {0}")]
    Alphabet(String),

    /// The bytes are no TrueType or OpenType face.
    #[error("not a TrueType or OpenType font")]
    Font,

    /// A face of the style has no glyph with ink for a character (CAP-40).
    #[error("the style's faces have no glyph for {0:?}")]
    MissingGlyph(char),

    /// The text is too long for the canvas.
    #[error("no room for {0:?}")]
    NoRoom(char),

    /// The canvas is too small or too large (CAP-27).
    #[error("a picture is 16 to 1024 pixels wide and high, not {0}x{1}")]
    Size(u32, u32),

    /// There is no style of that name, or it cannot be used that way.
    #[error("no style named {0:?}")]
    Style(String),

    /// The text of a keyring cannot be used. Names the line and never repeats what is on it.
    #[error("{0}")]
    Keys(String),

    /// A text is too long to be sealed into a ticket or token.
    #[error("`{field}` is longer than {limit} bytes")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// The most it may have, in bytes of UTF-8.
        limit: usize,
    },

    /// A ticket or token would never be valid, or for longer than its key is surely kept.
    #[error("a ticket or token lives at least a millisecond and at most an hour")]
    Life,

    /// The work that a ticket should ask for is none, or is more than a server checks.
    #[error("work out of bounds")]
    Work,

    /// The witness of a first use is that of another ticket or token.
    #[error("the first use of another mark")]
    Mark,
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// Why a text does not open as a ticket or token that is valid now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Malformed, altered, sealed with a key we do not have or for another purpose: all alike (CAP-20).
    #[error("not one of ours")]
    Unreadable,

    /// Its life is over.
    #[error("expired")]
    Expired,

    /// It was issued more than [`SKEW`](crate::SKEW) from now.
    #[error("issued in the future")]
    FromTheFuture,
}
