//! Tokens: the proof of a pass, sealed like a ticket and redeemed once.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::fields::{Reader, Writer};
use crate::seal::Purpose;
use crate::ticket::{
    LONGEST_ACTION, LONGEST_CDATA, LONGEST_HOST, LONGEST_SITE, SKEW, check_life, check_valid,
};
use crate::{Error, FirstUse, Keyring, Mark, Refusal, Timestamp};

/// That a visitor solved a challenge: what a token holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// What is remembered when the token is redeemed.
    pub mark: Mark,
    /// The site key of the challenge.
    pub site: String,
    /// What the visitor was about to do.
    pub action: String,
    /// The page's own text.
    pub cdata: String,
    /// The host that the page was on.
    pub host: String,
    /// In which way it was solved.
    pub via: Via,
    /// When it was solved.
    pub solved: Timestamp,
    /// The first moment at which it is no longer valid, at most [`LONGEST_LIFE`](crate::LONGEST_LIFE) later.
    pub expires: Timestamp,
}

/// In which way a challenge was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Via {
    /// By reading a picture.
    Picture,
    /// By a machine's work.
    Work,
    /// By both.
    PictureAndWork,
}

impl Via {
    /// Its word in texts for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Work => "work",
            Self::PictureAndWork => "picture and work",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Picture => 1,
            Self::Work => 2,
            Self::PictureAndWork => 3,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Picture),
            2 => Some(Self::Work),
            3 => Some(Self::PictureAndWork),
            _ => None,
        }
    }
}

impl Keyring {
    /// Seals a pass. The text is its token: at most [`LONGEST_TOKEN`](crate::LONGEST_TOKEN) characters of
    /// `A-Z a-z 0-9 - _`.
    ///
    /// # Errors
    /// [`Error::TooLong`] or [`Error::Life`] if the pass is not as its fields say, [`Error::Generator`] if the
    /// operating system gives no random bytes.
    pub fn seal_token(&self, pass: &Pass, now: Timestamp) -> Result<String, Error> {
        check_life(pass.solved, pass.expires)?;
        self.seal(Purpose::Token, pass.encode()?, now)
    }

    /// Opens a token that is valid now. Whether it was redeemed, only a store can tell.
    ///
    /// # Errors
    /// A [`Refusal`] for every text that is no such token.
    pub fn open_token(&self, text: &str, now: Timestamp) -> Result<OpenToken, Refusal> {
        let pass = self.decode_token(text)?;
        check_valid(pass.solved, pass.expires, now)?;
        Ok(OpenToken(pass))
    }

    pub(crate) fn decode_token(&self, text: &str) -> Result<Pass, Refusal> {
        let opened = self.open(Purpose::Token, text)?;
        Pass::decode(&opened.payload).ok_or(Refusal::Unreadable)
    }
}

/// A valid token, which may have been redeemed. For whom and for what it is valid, it says once it is consumed.
#[derive(Debug)]
pub struct OpenToken(Pass);

impl OpenToken {
    /// What to remember when it is redeemed.
    pub fn mark(&self) -> &Mark {
        &self.0.mark
    }

    /// Whether it was made before the moment since which a store surely remembers: it may have been redeemed
    /// then, and counts as expired.
    pub fn issued_before(&self, fence: Timestamp) -> bool {
        self.0.solved < fence
    }

    /// How long its mark has to be remembered: the rest of its life, and [`SKEW`].
    pub fn mark_life(&self, now: Timestamp) -> Duration {
        self.0.expires.saturating_sub(now) + SKEW
    }

    /// Exchanges a token and the witness of its first use for what it holds.
    ///
    /// # Errors
    /// [`Error::Mark`] if the witness is that of another token.
    pub fn consume(self, first: FirstUse) -> Result<Pass, Error> {
        if first.0 != self.0.mark {
            return Err(Error::Mark);
        }
        Ok(self.0)
    }
}

impl Pass {
    fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut fields = Writer::new();
        fields.bytes(1, &self.mark.0);
        fields.text(2, "site", &self.site, LONGEST_SITE)?;
        fields.text(3, "action", &self.action, LONGEST_ACTION)?;
        fields.text(4, "cdata", &self.cdata, LONGEST_CDATA)?;
        fields.text(5, "host", &self.host, LONGEST_HOST)?;
        fields.bytes(6, &[self.via.code()]);
        fields.bytes(7, &self.solved.as_millis().to_be_bytes());
        fields.bytes(8, &self.expires.as_millis().to_be_bytes());
        Ok(fields.finish())
    }

    fn decode(payload: &[u8]) -> Option<Self> {
        let mut fields = Reader::new(payload);
        let pass = Self {
            mark: Mark(fields.array(1)?),
            site: fields.text(2)?.to_owned(),
            action: fields.text(3)?.to_owned(),
            cdata: fields.text(4)?.to_owned(),
            host: fields.text(5)?.to_owned(),
            via: Via::from_code(fields.array::<1>(6)?[0])?,
            solved: Timestamp::from_millis(u64::from_be_bytes(fields.array(7)?)),
            expires: Timestamp::from_millis(u64::from_be_bytes(fields.array(8)?)),
        };
        fields.is_at_end().then_some(pass)
    }
}
