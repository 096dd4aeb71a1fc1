use std::fmt::{self, Debug};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Error, Result};

/// Accounts, unique by the canonical form of their e-mail address.
///
/// Each verb is one atomic step, also between processes: the command line works beside a running server.
#[async_trait]
pub trait Members: Debug + Send + Sync + 'static {
    /// Adds a member.
    ///
    /// # Errors
    /// [`Conflict`](Error::Conflict) if another member has this e-mail address, in any spelling of it.
    async fn add(&self, member: NewMember) -> Result<Member>;

    /// Adds a member if there is none at all.
    ///
    /// # Errors
    /// [`Conflict`](Error::Conflict) if there is any member.
    async fn add_first(&self, member: NewMember) -> Result<Member>;

    /// The member with this e-mail address, in any spelling of it. Text that is no e-mail address has no member.
    async fn by_email(&self, email: &str) -> Result<Option<Member>>;

    /// The member with this number.
    async fn by_id(&self, id: MemberId) -> Result<Option<Member>>;

    /// Every member, oldest first.
    async fn list(&self) -> Result<Vec<Member>>;

    /// How many members there are.
    async fn count(&self) -> Result<u64>;

    /// Sets a password and raises the epoch. `false` if there is no such member.
    async fn set_password(&self, id: MemberId, password: PasswordHash) -> Result<bool>;

    /// Replaces one hash by another of the same password, and leaves the epoch alone. `false` if there is no such
    /// member, or the password has changed meanwhile.
    async fn rehash(&self, id: MemberId, old: &PasswordHash, new: PasswordHash) -> Result<bool>;

    /// Raises the epoch and changes nothing else: everything signed in before ends. `false` if there is no such
    /// member.
    async fn raise_epoch(&self, id: MemberId) -> Result<bool>;

    /// Disables a member, which raises the epoch, or enables one. `false` if there is no such member.
    async fn set_disabled(&self, id: MemberId, disabled: bool) -> Result<bool>;

    /// Removes a member for good; the number is never given again. `false` if there is no such member.
    async fn remove(&self, id: MemberId) -> Result<bool>;
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number that records of this member carry.
    pub id: MemberId,
    /// As it was typed, trimmed and in NFC.
    pub email: String,
    /// What to call this member.
    pub name: String,
    /// None until a one-time link has set it: such a member cannot sign in.
    pub password: Option<PasswordHash>,
    /// A disabled member cannot sign in.
    pub disabled: bool,
    /// Rises whenever everything signed in before must end. A session or remember-me record of an older epoch is dead.
    pub epoch: u64,
    /// Milliseconds since the Unix epoch.
    pub created: u64,
}

/// The number of a member. A removed member's is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub(crate) i64);

impl MemberId {
    /// As a number, for what refers to a member outside of a store.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A member to be added: checked text.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub(crate) email: Email,
    pub(crate) name: String,
    pub(crate) password: Option<PasswordHash>,
}

impl NewMember {
    /// A member with this e-mail address and name, with a password or without one yet.
    ///
    /// # Errors
    /// [`BadEmail`](Error::BadEmail) as [`Email::parse`] says; [`BadName`](Error::BadName) unless the trimmed name
    /// has 1 to 64 characters: spaces and what can be seen. Joiners and variation selectors, which some words and
    /// emoji are spelled with, may stand where they do something. Nothing else that is invisible, breaks the line or
    /// turns the direction of writing may: a name must show what it is, wherever it is shown.
    pub fn new(email: &str, name: &str, password: Option<PasswordHash>) -> Result<Self> {
        Ok(Self {
            email: Email::parse(email)?,
            name: checked_name(name)?,
            password,
        })
    }

    /// The same member with this password.
    #[must_use]
    pub fn with_password(self, password: PasswordHash) -> Self {
        Self {
            password: Some(password),
            ..self
        }
    }
}

fn checked_name(text: &str) -> Result<String> {
    let name: String = text.trim().nfc().collect();
    if name.is_empty() {
        return Err(Error::BadName("is empty"));
    }
    if name.chars().count() > 64 {
        return Err(Error::BadName("is longer than 64 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::BadName("has a control character"));
    }
    if has_invisible(&name) {
        return Err(Error::BadName("has an invisible character"));
    }
    Ok(name)
}

/// Whether something in a trimmed name cannot be seen and does nothing to its neighbours.
fn has_invisible(name: &str) -> bool {
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied().unwrap_or(' ');
        let is_well_placed = match letter {
            _ if is_joiner(letter) => {
                (is_visible(before) || is_selector(before)) && is_visible(after)
            }
            _ if is_selector(letter) => is_visible(before),
            _ => is_visible(letter) || is_space(letter),
        };
        if !is_well_placed {
            return true;
        }
        before = letter;
    }
    false
}

/// White space but the separators of lines and paragraphs.
fn is_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// Zero width non-joiner and joiner, which Persian, Indic scripts and emoji are spelled with.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Variation selectors, which choose between forms of the character before them.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_visible(c: char) -> bool {
    !is_unseen(c)
}

/// An e-mail address: something on both sides of one `@`. Whether mail arrives there is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    typed: String,
    canonical: String,
}

impl Email {
    /// The longest address, in bytes (RFC 5321 section 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Reads an address, trimmed and in NFC.
    ///
    /// # Errors
    /// [`BadEmail`](Error::BadEmail) unless it has exactly one `@`, something on both sides of it, at most
    /// [`MAX_BYTES`](Self::MAX_BYTES), and neither white space nor control characters nor characters that cannot be
    /// seen (two accounts must not look alike by one of those).
    pub fn parse(text: &str) -> Result<Self> {
        // White space aside, normalising makes no text three times shorter: a long one is refused before any work
        // is done on it.
        let text = text.trim();
        if text.len() > 3 * Self::MAX_BYTES {
            return Err(TOO_LONG);
        }
        let typed: String = text.nfc().collect();
        let canonical: String = typed.chars().flat_map(fold).nfc().collect();
        if typed.len().max(canonical.len()) > Self::MAX_BYTES {
            return Err(TOO_LONG);
        }
        if typed.chars().any(is_unseen) {
            return Err(Error::BadEmail("has white space or an invisible character"));
        }
        let (local, domain) = typed.split_once('@').ok_or(Error::BadEmail("has no @"))?;
        if domain.contains('@') {
            return Err(Error::BadEmail("has more than one @"));
        }
        if local.is_empty() || domain.is_empty() {
            return Err(Error::BadEmail("has nothing on one side of the @"));
        }
        Ok(Self { typed, canonical })
    }

    /// As it was typed, trimmed and in NFC.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The form in which two spellings of one address are equal: NFC and lower case.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

const TOO_LONG: Error = Error::BadEmail("is longer than 254 bytes");

/// Lower case, letter by letter: `str::to_lowercase` gives a sigma at a word's end another form, and the two must
/// be one.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let letter = if letter == 'ς' { 'σ' } else { letter };
    letter.to_lowercase()
}

/// White space, control characters, and what Unicode calls default ignorable (`DerivedCoreProperties.txt`).
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// A password hash in PHC text form (`$argon2id$v=19$…`). Its `Debug` is silent.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the text as it is: whoever hashes and verifies knows its form.
    #[must_use]
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The text.
    #[must_use]
    pub fn phc(&self) -> &str {
        &self.0
    }
}

impl Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        Email::parse(text).unwrap().canonical().to_owned()
    }

    /// AUT-14
    #[test]
    fn spellings_of_one_address_have_one_canonical_form() {
        assert_eq!(canonical(" Ann@Example.ORG\n"), "ann@example.org");
        assert_eq!(
            canonical("JOSE\u{301}@example.org"),
            canonical("josé@example.org")
        );
        assert_eq!(
            canonical("ΝΙΚΟΣ@example.org"),
            canonical("νικος@example.org")
        );
        assert_ne!(canonical("ann@example.org"), canonical("anna@example.org"));
    }

    #[test]
    fn an_address_is_shown_as_it_was_typed() {
        assert_eq!(
            Email::parse(" Ann@Example.org ").unwrap().as_str(),
            "Ann@Example.org"
        );
    }

    /// AUT-14
    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "@",
            "ann",
            "ann@",
            "@example.org",
            "a@b@c",
            "a n@b",
            "a@b\u{200b}",
            "a\u{0}@b",
            "a@\u{feff}b",
            "a\u{ad}@b",
            "a\t@b",
        ] {
            assert!(
                matches!(Email::parse(text), Err(Error::BadEmail(_))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_address_has_at_most_254_bytes() {
        let local = "a".repeat(254 - "@example.org".len());
        assert!(Email::parse(&format!("{local}@example.org")).is_ok());
        assert!(Email::parse(&format!("{local}a@example.org")).is_err());
        assert!(Email::parse(&"a@".repeat(1 << 20)).is_err());
    }

    #[test]
    fn a_name_has_1_to_64_characters_and_no_control_character() {
        let member = |name: &str| NewMember::new("ann@example.org", name, None);
        assert_eq!(member("  王小明 ").unwrap().name, "王小明");
        assert!(member(&"名".repeat(64)).is_ok());
        for name in ["", "  ", &"名".repeat(65), "a\u{7}b", "a\nb"] {
            assert!(matches!(member(name), Err(Error::BadName(_))), "{name:?}");
        }
    }

    #[test]
    fn a_name_shows_all_that_it_is() {
        let member = |name: &str| NewMember::new("ann@example.org", name, None);
        for name in [
            "A\u{202e}B",
            "A\u{2066}B\u{2069}",
            "A\u{61c}B",
            "A\u{200f}",
            "A\u{200b}B",
            "A\u{ad}B",
            "A\u{2060}B",
            "\u{feff}A",
            "A\u{e0041}",
            "\u{3164}",
            "A\u{2028}B",
            // Joiners and selectors that join and select nothing.
            "\u{200d}",
            "\u{200d}A",
            "A\u{200c}",
            "A \u{200c}B",
            "A\u{200c}\u{200c}B",
            "\u{fe0f}",
            "A \u{fe0f}",
            "A\u{fe0f}\u{fe0f}",
        ] {
            assert!(matches!(member(name), Err(Error::BadName(_))), "{name:?}");
        }
        for name in [
            "علی\u{200c}رضا",
            "ශ්\u{200d}රී",
            "Ann \u{2764}\u{fe0f}",
            "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} Ann",
            "葛\u{e0100}城",
            "王\u{3000}小明",
            "Ann\u{a0}Lee",
            "محمد",
        ] {
            assert_eq!(member(name).unwrap().name, name);
        }
    }

    #[test]
    fn a_password_hash_does_not_show_itself() {
        let hash = PasswordHash::new("$argon2id$secret".into());
        assert_eq!(format!("{hash:?}"), "PasswordHash");
    }

    proptest! {
        #[test]
        fn canonical_form_is_a_fixed_point(text in "\\PC{0,40}@\\PC{0,40}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(canonical(email.canonical()), email.canonical());
            }
        }
    }
}
