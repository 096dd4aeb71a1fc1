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
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
