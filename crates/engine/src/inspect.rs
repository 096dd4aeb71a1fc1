//! Looking into a ticket or token, for whoever holds the keys.

use crate::{Challenge, Keyring, Pass, Refusal};

/// What a sealed text holds.
#[derive(Clone, Debug)]
pub enum Contents {
    /// It is a ticket.
    Ticket(Challenge),
    /// It is a token.
    Token(Pass),
}

impl Keyring {
    /// Opens a ticket or token, valid or not, answer and all. For an operator's eyes, never for a service.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] if it is neither, or if no key of the ring opens it.
    pub fn inspect(&self, text: &str) -> Result<Contents, Refusal> {
        self.decode_ticket(text)
            .map(|(challenge, _)| Contents::Ticket(challenge))
            .or_else(|_| self.decode_token(text).map(Contents::Token))
    }
}
