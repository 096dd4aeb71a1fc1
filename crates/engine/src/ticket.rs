//! Tickets: a challenge, sealed, is its own id. Nothing is stored until one is used.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::fields::{Reader, Writer};
use crate::seal::Purpose;
use crate::token::{Pass, Via};
use crate::{Answer, Error, Keyring, Look, Matching, Puzzles, Refusal, Seed, Timestamp, Work};

/// The longest life of a ticket or token. A retired key is kept so long (see [`Keyring::prune`]).
pub const LONGEST_LIFE: Duration = Duration::from_secs(3_600);

/// How far the clocks of two nodes may be apart.
pub const SKEW: Duration = Duration::from_secs(60);

/// The longest name of a style, in bytes.
pub const LONGEST_STYLE: usize = 32;
/// The longest site key, in bytes.
pub const LONGEST_SITE: usize = 64;
/// The longest action, in bytes.
pub const LONGEST_ACTION: usize = 32;
/// The longest text that a page adds to a challenge, in bytes.
pub const LONGEST_CDATA: usize = 255;
/// The longest host name, in bytes (RFC 1035).
pub const LONGEST_HOST: usize = 253;

/// One puzzle for one visitor: what a ticket holds.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What is remembered when this challenge is used. Challenges that share it are used together.
    pub mark: Mark,
    /// What it asks for.
    pub kind: Kind,
    /// The name of the style, at most [`LONGEST_STYLE`] bytes.
    pub style: String,
    /// How the style looked when the challenge was issued.
    pub look: Look,
    /// What the visitor has to find out.
    pub answer: Answer,
    /// How a solution is compared with the answer.
    pub matching: Matching,
    /// The site key, at most [`LONGEST_SITE`] bytes.
    pub site: String,
    /// What the visitor is about to do there, at most [`LONGEST_ACTION`] bytes.
    pub action: String,
    /// The page's own text, at most [`LONGEST_CDATA`] bytes.
    pub cdata: String,
    /// The host that the page was on, at most [`LONGEST_HOST`] bytes.
    pub host: String,
    /// To whom it was issued.
    pub binding: Binding,
    /// When it was issued.
    pub issued: Timestamp,
    /// The first moment at which it is no longer valid, at most [`LONGEST_LIFE`] later.
    pub expires: Timestamp,
}

impl Keyring {
    /// Seals a challenge. The text is its ticket: at most [`LONGEST_TICKET`](crate::LONGEST_TICKET)
    /// characters of `A-Z a-z 0-9 - _`.
    ///
    /// # Errors
    /// [`Error::TooLong`] or [`Error::Life`] if the challenge is not as its fields say, [`Error::Generator`] if
    /// the operating system gives no random bytes.
    pub fn seal_ticket(&self, challenge: &Challenge, now: Timestamp) -> Result<String, Error> {
        check_life(challenge.issued, challenge.expires)?;
        self.seal(Purpose::Ticket, challenge.encode()?, now)
    }

    /// Seals a challenge that is drawn at once: its ticket, and what opening that gives, without opening it.
    ///
    /// # Errors
    /// As [`Keyring::seal_ticket`].
    pub fn seal_open_ticket(
        &self,
        challenge: Challenge,
        now: Timestamp,
    ) -> Result<(String, OpenTicket), Error> {
        check_life(challenge.issued, challenge.expires)?;
        let (text, seed) = self.seal_with_seed(Purpose::Ticket, challenge.encode()?, now)?;
        Ok((text, OpenTicket { challenge, seed }))
    }

    /// Opens a ticket that is valid now. Whether it was used, only a store can tell.
    ///
    /// # Errors
    /// A [`Refusal`] for every text that is no such ticket.
    pub fn open_ticket(&self, text: &str, now: Timestamp) -> Result<OpenTicket, Refusal> {
        let (challenge, seed) = self.decode_ticket(text)?;
        check_valid(challenge.issued, challenge.expires, now)?;
        Ok(OpenTicket { challenge, seed })
    }

    pub(crate) fn decode_ticket(&self, text: &str) -> Result<(Challenge, Seed), Refusal> {
        let opened = self.open(Purpose::Ticket, text)?;
        let challenge = Challenge::decode(&opened.payload).ok_or(Refusal::Unreadable)?;
        Ok((challenge, opened.seed))
    }
}

/// A valid ticket, which may have been used.
///
/// It has a mark and a life and can be drawn, but it cannot say whether a solution is right. Consume it
/// first, whatever the solution:
///
/// ```
/// # use std::time::Duration;
/// # use inkgate::*;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = Timestamp::from_millis(0);
/// # let keyring = Keyring::generate(now)?;
/// # let challenge = Challenge {
/// #     mark: Mark::random()?, kind: Kind::Picture, style: String::new(), look: Look::from_bytes([0; 16]),
/// #     answer: Answer::new("AB34")?, matching: Matching::default(), site: String::new(), action: String::new(),
/// #     cdata: String::new(), host: String::new(), binding: Binding::None, issued: now,
/// #     expires: now + Duration::from_secs(300),
/// # };
/// # let text = keyring.seal_ticket(&challenge, now)?;
/// let mut marks = std::collections::HashSet::new();   // a store that remembers; this one forgets nothing
///
/// let ticket = keyring.open_ticket(&text, now)?;
/// let mark = *ticket.mark();
/// assert!(marks.insert(mark));                        // `false` here: it was used, so the answer is no
/// let consumed = ticket.consume(FirstUse::of(mark))?;
/// assert!(consumed.matches("ab34"));
/// # Ok(())
/// # }
/// ```
///
/// The other way round does not compile (CAP-04):
///
/// ```compile_fail
/// # use inkgate::*;
/// fn check(ticket: OpenTicket) -> bool {
///     ticket.matches("ab34")
/// }
/// ```
///
/// Nor does using one ticket twice:
///
/// ```compile_fail
/// # use inkgate::*;
/// fn check(ticket: OpenTicket, mark: Mark) -> Result<(), Error> {
///     ticket.consume(FirstUse::of(mark))?;
///     ticket.consume(FirstUse::of(mark))?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct OpenTicket {
    challenge: Challenge,
    seed: Seed,
}

impl OpenTicket {
    /// What to remember when it is used.
    pub fn mark(&self) -> &Mark {
        &self.challenge.mark
    }

    /// What it asks for.
    pub fn kind(&self) -> Kind {
        self.challenge.kind
    }

    /// The name of its style.
    pub fn style(&self) -> &str {
        &self.challenge.style
    }

    /// How its style looked where it was issued.
    pub fn look(&self) -> Look {
        self.challenge.look
    }

    /// The site key.
    pub fn site(&self) -> &str {
        &self.challenge.site
    }

    /// What the visitor is about to do.
    pub fn action(&self) -> &str {
        &self.challenge.action
    }

    /// The page's own text.
    pub fn cdata(&self) -> &str {
        &self.challenge.cdata
    }

    /// The host that the page was on.
    pub fn host(&self) -> &str {
        &self.challenge.host
    }

    /// To whom it was issued.
    pub fn binding(&self) -> &Binding {
        &self.challenge.binding
    }

    /// When it was issued.
    pub fn issued(&self) -> Timestamp {
        self.challenge.issued
    }

    /// The first moment at which it is no longer valid.
    pub fn expires(&self) -> Timestamp {
        self.challenge.expires
    }

    /// Whether it was issued before the moment since which a store surely remembers: it may have been used
    /// then, and counts as expired.
    pub fn issued_before(&self, fence: Timestamp) -> bool {
        self.issued() < fence
    }

    /// How long its mark has to be remembered: the rest of its life, and [`SKEW`].
    pub fn mark_life(&self, now: Timestamp) -> Duration {
        self.expires().saturating_sub(now) + SKEW
    }

    /// The seed of its picture: the same for the same ticket, on every node that has the keys (CAP-11).
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The puzzles of its work, if it asks for any: the same for the same ticket, and no other's.
    pub fn puzzles(&self) -> Option<Puzzles> {
        puzzles(&self.challenge, &self.seed)
    }

    /// Whoever draws needs the answer; whoever checks a solution consumes the ticket.
    pub(crate) fn answer(&self) -> &Answer {
        &self.challenge.answer
    }

    /// Exchanges a ticket and the witness of its first use for the right to compare.
    ///
    /// # Errors
    /// [`Error::Mark`] if the witness is that of another ticket.
    pub fn consume(self, first: FirstUse) -> Result<Consumed, Error> {
        if first.0 != self.challenge.mark {
            return Err(Error::Mark);
        }
        let puzzles = self.puzzles();
        Ok(Consumed {
            challenge: self.challenge,
            puzzles,
        })
    }
}

/// The word of whoever stored a mark that it was not there before.
///
/// Make it only after an atomic insert that would have failed for a mark already there.
#[derive(Debug)]
pub struct FirstUse(pub(crate) Mark);

impl FirstUse {
    /// This mark has just been stored, for the first time.
    pub fn of(mark: Mark) -> Self {
        Self(mark)
    }
}

/// A ticket that can never be used again.
#[derive(Debug)]
pub struct Consumed {
    challenge: Challenge,
    puzzles: Option<Puzzles>,
}

impl Consumed {
    /// Whether the solution says what the answer says (CAP-19: in constant time).
    pub fn matches(&self, solution: &str) -> bool {
        let Challenge {
            matching, answer, ..
        } = &self.challenge;
        matching.accepts(answer, solution)
    }

    /// What it asked for.
    pub fn kind(&self) -> Kind {
        self.challenge.kind
    }

    /// The puzzles that a proof of its work has to solve, if it asked for any.
    pub fn puzzles(&self) -> Option<&Puzzles> {
        self.puzzles.as_ref()
    }

    /// What a right solution earns, valid for `life` from now. Seal it with [`Keyring::seal_token`].
    ///
    /// Its mark comes from the ticket's: tickets that are used together earn one token between them.
    pub fn pass(&self, via: Via, now: Timestamp, life: Duration) -> Pass {
        Pass {
            mark: self.challenge.mark.of_token(),
            site: self.challenge.site.clone(),
            action: self.challenge.action.clone(),
            cdata: self.challenge.cdata.clone(),
            host: self.challenge.host.clone(),
            via,
            solved: now,
            expires: now + life,
        }
    }
}

/// What a store remembers of a used ticket or token: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark(pub(crate) [u8; 16]);

impl Mark {
    /// A new mark from the operating system's generator.
    ///
    /// # Errors
    /// [`Error::Generator`] if it gives no random bytes.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn of_token(&self) -> Self {
        let digest = Sha256::new()
            .chain_update(b"inkgate 1 mark: token")
            .chain_update(self.0);
        let mut mark = [0; 16];
        mark.copy_from_slice(&digest.finalize()[..16]);
        Self(mark)
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark")
    }
}

/// What a challenge asks for.
///
/// Every challenge has a picture. Where work is asked for alone, whoever's machine cannot do it may read the
/// picture instead, if the server lets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The answer that its picture shows.
    Picture,
    /// A machine's work.
    Work(Work),
    /// The answer that its picture shows, and a machine's work.
    PictureAndWork(Work),
}

impl Kind {
    /// Its word in texts for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Work(_) => "work",
            Self::PictureAndWork(_) => "picture and work",
        }
    }

    /// The work that it asks for.
    pub const fn work(self) -> Option<Work> {
        match self {
            Self::Picture => None,
            Self::Work(work) | Self::PictureAndWork(work) => Some(work),
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Picture => 1,
            Self::Work(_) => 2,
            Self::PictureAndWork(_) => 3,
        }
    }
}

/// To whom a challenge was issued. Nobody else's solution counts.
#[derive(Clone, PartialEq, Eq)]
pub enum Binding {
    /// To anybody.
    None,
    /// To the session with this digest.
    Session([u8; 32]),
    /// To a network.
    Prefix(Prefix),
}

impl Binding {
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::None => vec![0],
            Self::Session(digest) => [&[1], &digest[..]].concat(),
            Self::Prefix(Prefix::V4(bytes)) => [&[2], &bytes[..]].concat(),
            Self::Prefix(Prefix::V6(bytes)) => [&[3], &bytes[..]].concat(),
        })
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (code, rest) = bytes.split_first()?;
        match code {
            0 => rest.is_empty().then_some(Self::None),
            1 => rest.try_into().map(Self::Session).ok(),
            2 => rest
                .try_into()
                .map(|bytes| Self::Prefix(Prefix::V4(bytes)))
                .ok(),
            3 => rest
                .try_into()
                .map(|bytes| Self::Prefix(Prefix::V6(bytes)))
                .ok(),
            _ => None,
        }
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Session(_) => "Session",
            Self::Prefix(_) => "Prefix",
        })
    }
}

/// The network that an address belongs to, as far as its owner is likely to stay in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// The first 24 bits of an IPv4 address.
    V4([u8; 3]),
    /// The first 56 bits of an IPv6 address.
    V6([u8; 7]),
}

impl Prefix {
    /// The network of an address. An IPv4 address written as IPv6 counts as IPv4.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g])
            }
        }
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prefix")
    }
}

fn puzzles(challenge: &Challenge, seed: &Seed) -> Option<Puzzles> {
    Some(Puzzles::new(challenge.kind.work()?, seed))
}

/// Room for the longest answer, and for the longest binding, each after its length.
const ANSWER_ROOM: usize = 1 + crate::LONGEST_ANSWER;
const BINDING_ROOM: usize = 1 + 1 + 32;

impl Challenge {
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut fields = Writer::new();
        fields.bytes(1, &self.mark.0);
        fields.bytes(2, &[self.kind.code()]);
        fields.text(3, "style", &self.style, LONGEST_STYLE)?;
        fields.bytes(4, self.look.as_bytes());
        fields.hidden::<ANSWER_ROOM>(5, self.answer.reveal().as_bytes());
        fields.text(
            6,
            "matching",
            self.matching.as_str(),
            crate::LONGEST_MATCHING,
        )?;
        fields.text(7, "site", &self.site, LONGEST_SITE)?;
        fields.text(8, "action", &self.action, LONGEST_ACTION)?;
        fields.text(9, "cdata", &self.cdata, LONGEST_CDATA)?;
        fields.text(10, "host", &self.host, LONGEST_HOST)?;
        fields.hidden::<BINDING_ROOM>(11, &self.binding.encode());
        fields.bytes(12, &self.issued.as_millis().to_be_bytes());
        fields.bytes(13, &self.expires.as_millis().to_be_bytes());
        if let Some(work) = self.kind.work() {
            work.check()?;
            fields.bytes(14, &work.encode());
        }
        Ok(fields.finish())
    }

    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        let mut fields = Reader::new(payload);
        let mark = Mark(fields.array(1)?);
        let [kind] = fields.array(2)?;
        // Struct fields are read in the order they are written here.
        let mut challenge = Self {
            mark,
            kind: Kind::Picture,
            style: fields.text(3)?.to_owned(),
            look: Look::from_bytes(fields.array(4)?),
            answer: Answer::new(std::str::from_utf8(fields.hidden::<ANSWER_ROOM>(5)?).ok()?)
                .ok()?,
            matching: read_matching(fields.text(6)?)?,
            site: fields.text(7)?.to_owned(),
            action: fields.text(8)?.to_owned(),
            cdata: fields.text(9)?.to_owned(),
            host: fields.text(10)?.to_owned(),
            binding: Binding::decode(fields.hidden::<BINDING_ROOM>(11)?)?,
            issued: Timestamp::from_millis(u64::from_be_bytes(fields.array(12)?)),
            expires: Timestamp::from_millis(u64::from_be_bytes(fields.array(13)?)),
        };
        let mut work = || Work::decode(fields.array(14)?);
        challenge.kind = match kind {
            1 => Kind::Picture,
            2 => Kind::Work(work()?),
            3 => Kind::PictureAndWork(work()?),
            _ => return None,
        };
        fields.is_at_end().then_some(challenge)
    }
}

/// A matching in the one spelling it is written in.
fn read_matching(text: &str) -> Option<Matching> {
    let matching = Matching::new(text).ok()?;
    (matching.as_str() == text).then_some(matching)
}

/// A life that ends after it begins, and before its key may be dropped.
pub(crate) fn check_life(begins: Timestamp, ends: Timestamp) -> Result<(), Error> {
    if begins < ends && ends.saturating_sub(begins) <= LONGEST_LIFE {
        return Ok(());
    }
    Err(Error::Life)
}

/// Valid from when it was made, give or take the clocks, until the moment it expires (CAP-05).
pub(crate) fn check_valid(
    made: Timestamp,
    expires: Timestamp,
    now: Timestamp,
) -> Result<(), Refusal> {
    if made.saturating_sub(now) > SKEW {
        return Err(Refusal::FromTheFuture);
    }
    if expires <= now {
        return Err(Refusal::Expired);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Scheme;

    fn challenge() -> Challenge {
        Challenge {
            mark: Mark([9; 16]),
            kind: Kind::Picture,
            style: "ink".to_owned(),
            look: Look::from_bytes([7; 16]),
            answer: Answer::new("XQ7KM").unwrap(),
            matching: Matching::new("0o 1il").unwrap(),
            site: "newpage".to_owned(),
            action: "sign-in".to_owned(),
            cdata: "order".to_owned(),
            host: "shop.example".to_owned(),
            binding: Binding::Session([3; 32]),
            issued: Timestamp::from_millis(1_000),
            expires: Timestamp::from_millis(301_000),
        }
    }

    fn encode(challenge: &Challenge) -> Vec<u8> {
        challenge.encode().unwrap().to_vec()
    }

    /// Where each field begins, and where the last one ends.
    fn boundaries(payload: &[u8]) -> Vec<usize> {
        let mut places = vec![0];
        for _ in 0..13 {
            let at = places[places.len() - 1];
            let length = u16::from_be_bytes([payload[at + 1], payload[at + 2]]);
            places.push(at + 3 + usize::from(length));
        }
        places
    }

    /// CAP-38, C-31: the bytes of all texts in a row are the same, and the payloads are not.
    #[test]
    fn a_byte_that_changes_its_field_changes_the_payload() {
        let texts = |site: &str, action: &str, cdata: &str, host: &str| {
            let (site, action, cdata, host) =
                (site.into(), action.into(), cdata.into(), host.into());
            encode(&Challenge {
                site,
                action,
                cdata,
                host,
                ..challenge()
            })
        };
        let payloads = [
            texts("abcd", "efgh", "ijkl", "mnop"),
            texts("abc", "defgh", "ijkl", "mnop"),
            texts("abcde", "fgh", "ijkl", "mnop"),
            texts("abcd", "efg", "hijkl", "mnop"),
            texts("abcd", "efghi", "jkl", "mnop"),
            texts("abcd", "efgh", "ijklm", "nop"),
            texts("", "abcdefgh", "ijkl", "mnop"),
            texts("abcdefgh", "", "", "ijklmnop"),
        ];
        let distinct: std::collections::HashSet<_> = payloads.iter().collect();
        assert_eq!(distinct.len(), payloads.len());
    }

    /// CAP-38: whatever is taken from the end of one field and given to the next, or the other way round, is not read
    /// as if nothing had happened.
    #[test]
    fn bytes_moved_across_a_boundary_are_not_read_as_before() {
        let original = encode(&challenge());
        let places = boundaries(&original);
        assert!(original[places[13]..].iter().all(|&byte| byte == 0));
        for pair in places.windows(3) {
            let [first, second, end] = [pair[0], pair[1], pair[2]];
            let header = original[second..second + 3].to_vec();
            for taken in 1..=(second - first - 3).min(4) {
                // The second header moves left, with and without the lengths being put right.
                let mut moved = original.clone();
                moved[second - taken..second + 3].rotate_right(3);
                assert_ne!(
                    Challenge::decode(&moved).map(|read| encode(&read)),
                    Some(original.clone())
                );
                let mut mended = moved.clone();
                mended[first + 2] -= taken as u8;
                let longer = u16::from_be_bytes([header[1], header[2]]) + taken as u16;
                mended[second - taken + 1..second - taken + 3]
                    .copy_from_slice(&longer.to_be_bytes());
                if let Some(read) = Challenge::decode(&mended) {
                    // Two texts side by side: another challenge, and written as another.
                    assert_eq!(encode(&read), mended);
                    assert_ne!(mended, original);
                }
            }
            // Two fields that change places are refused for their numbers.
            let mut swapped = original.clone();
            swapped[first..end].rotate_left(second - first);
            assert!(Challenge::decode(&swapped).is_none());
        }
    }

    #[test]
    fn filling_is_zero_and_less_than_a_block() {
        let payload = encode(&challenge());
        assert_eq!(payload.len() % 64, 0);
        let end = boundaries(&payload)[13];
        for place in end..payload.len() {
            let mut filled = payload.clone();
            filled[place] = 1;
            assert!(Challenge::decode(&filled).is_none());
        }
        let longer = [&payload[..], &[0; 64]].concat();
        assert!(Challenge::decode(&longer).is_none());
        for end in 0..payload.len() - 63 {
            assert!(Challenge::decode(&payload[..end]).is_none());
        }
    }

    #[test]
    fn a_prefix_is_the_network_of_an_address() {
        let of = |address: &str| Prefix::of(address.parse().unwrap());
        assert!(of("192.0.2.1") == Prefix::V4([192, 0, 2]));
        assert!(of("192.0.2.1") == of("::ffff:192.0.2.254"));
        assert!(of("2001:db8:1:2ff::1") == of("2001:db8:1:200:ffff::"));
        assert!(of("2001:db8:1:2ff::1") != of("2001:db8:1:300::1"));
    }

    prop_compose! {
        fn any_binding()(choice in 0..4, digest in any::<[u8; 32]>(), v4 in any::<[u8; 3]>(), v6 in any::<[u8; 7]>()) -> Binding {
            match choice {
                0 => Binding::None,
                1 => Binding::Session(digest),
                2 => Binding::Prefix(Prefix::V4(v4)),
                _ => Binding::Prefix(Prefix::V6(v6)),
            }
        }
    }

    fn any_kind() -> impl Strategy<Value = Kind> {
        let schemes = vec![Scheme::Inkgate, Scheme::Altcha, Scheme::Cap];
        let work = (prop::sample::select(schemes), 0..=27_u32)
            .prop_map(|(scheme, power)| scheme.work(1 << power));
        prop_oneof![
            Just(Kind::Picture),
            work.clone().prop_map(Kind::Work),
            work.prop_map(Kind::PictureAndWork),
        ]
    }

    prop_compose! {
        fn any_challenge()(
            kind in any_kind(),
            mark in any::<[u8; 16]>(),
            look in any::<[u8; 16]>(),
            style in "[a-z]{0,32}",
            answer in "[ -~]{0,63}[a-z]",
            groups in prop::sample::select(vec!["", "0o", "0o 1il", "中文 ab"]),
            (site, action) in ("\\PC{0,16}", "\\PC{0,8}"),
            (cdata, host) in ("\\PC{0,63}", "\\PC{0,63}"),
            binding in any_binding(),
            (issued, expires) in any::<(u64, u64)>(),
        ) -> Challenge {
            Challenge {
                mark: Mark(mark), kind, style, look: Look::from_bytes(look), answer: Answer::new(answer).unwrap(),
                matching: Matching::new(groups).unwrap(), site, action, cdata, host, binding,
                issued: Timestamp::from_millis(issued), expires: Timestamp::from_millis(expires),
            }
        }
    }

    proptest! {
        /// CAP-38: what is written is what is read, so no two challenges are written alike.
        #[test]
        fn a_challenge_reads_as_it_was_written(written in any_challenge()) {
            let read = Challenge::decode(&encode(&written)).unwrap();
            prop_assert_eq!(read.mark, written.mark);
            prop_assert_eq!(read.kind, written.kind);
            prop_assert_eq!(read.look, written.look);
            prop_assert_eq!(read.answer.reveal(), written.answer.reveal());
            prop_assert_eq!(&read.matching, &written.matching);
            prop_assert_eq!(
                [&read.style, &read.site, &read.action, &read.cdata, &read.host],
                [&written.style, &written.site, &written.action, &written.cdata, &written.host]
            );
            prop_assert!(read.binding == written.binding);
            prop_assert_eq!((read.issued, read.expires), (written.issued, written.expires));
        }

        /// And what reads at all is written just so: a payload has one spelling.
        #[test]
        fn a_payload_that_reads_has_one_spelling(written in any_challenge(), changes in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..4)) {
            let mut payload = encode(&written);
            for (place, byte) in changes {
                let place = place.index(payload.len());
                payload[place] = byte;
            }
            if let Some(read) = Challenge::decode(&payload) {
                prop_assert_eq!(encode(&read), payload);
            }
        }

        #[test]
        fn no_bytes_make_reading_panic(payload in prop::collection::vec(any::<u8>(), 0..1_100)) {
            prop_assert!(Challenge::decode(&payload).is_none());
        }
    }
}
