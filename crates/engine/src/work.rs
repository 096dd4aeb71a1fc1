//! Work: what a visitor's machine does instead of the visitor reading a picture, or besides.
//!
//! A machine is given puzzles, each of which takes many tries to solve and one to check. How hard they are is
//! sealed in the ticket, and what they are about is derived from it, so that no proof is good for another one.

use std::fmt;

use pbkdf2::pbkdf2_hmac_array;
use sha2::{Digest, Sha256};

use crate::{Error, Seed};

/// How much a machine is to work.
///
/// ```
/// use inkgate::{Scheme, Work};
///
/// let work = Scheme::Inkgate.work(1_000_000);
/// assert_eq!((work.puzzles, work.cost, work.bits), (4, 250, 10));
/// assert_eq!(work.effort(), 1_024_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Work {
    /// What the puzzles are like.
    pub scheme: Scheme,
    /// How many there are, at most [`MOST_PUZZLES`]. Many small ones take nearly the same time for everybody;
    /// one large one takes some people four times as long as others.
    pub puzzles: u8,
    /// Iterations of the hash in one try, at most [`MOST_COST`]; 1 for [`Scheme::Cap`].
    pub cost: u16,
    /// So many leading bits of a try have to be zero, at most [`MOST_BITS`]; a multiple of four for the schemes
    /// that count hexadecimal digits.
    pub bits: u8,
}

/// The most puzzles of one ticket.
pub const MOST_PUZZLES: u8 = 200;
/// The most iterations of one try.
pub const MOST_COST: u16 = 1_000;
/// The most leading bits of a try that have to be zero.
pub const MOST_BITS: u8 = 24;
/// The most iterations that checking all puzzles of a ticket may take, so that it stays below a millisecond.
pub const MOST_CHECKED: u32 = 1_000;

/// What puzzles are like, and so who can solve them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Ours: PBKDF2-HMAC-SHA-256 (RFC 8018), its password the nonce and the number of the puzzle, one byte, its
    /// salt the counter, four bytes, big endian. Browsers compute it at nearly the speed of native code
    /// (WebCrypto), so an attacker gains little by leaving the browser.
    Inkgate,
    /// That of ALTCHA 3, `PBKDF2/SHA-256`: its password the nonce and the counter, four bytes, big endian.
    Altcha,
    /// That of Cap: SHA-256 of a salt and the counter in decimal digits.
    Cap,
}

impl Scheme {
    /// Its word in texts for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inkgate => "inkgate",
            Self::Altcha => "altcha",
            Self::Cap => "cap",
        }
    }

    /// The work of this scheme that takes a browser about as long as so many iterations of PBKDF2-HMAC-SHA-256.
    pub fn work(self, effort: u32) -> Work {
        match self {
            Self::Inkgate => own(effort),
            Self::Altcha => altcha(effort),
            Self::Cap => cap(effort),
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Inkgate => 1,
            Self::Altcha => 2,
            Self::Cap => 3,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Inkgate),
            2 => Some(Self::Altcha),
            3 => Some(Self::Cap),
            _ => None,
        }
    }
}

/// Four puzzles spread by half their mean. More iterations would spare a slow page ways into WebCrypto, each of which
/// costs it some; but checking all of them has to stay below a millisecond where no processor helps with SHA-256.
fn own(effort: u32) -> Work {
    let (puzzles, cost) = (4, 250);
    let tries = f64::from(effort.max(1)) / (f64::from(puzzles) * f64::from(cost));
    Work {
        scheme: Scheme::Inkgate,
        puzzles,
        cost,
        bits: (tries.log2().round() as u8).clamp(1, MOST_BITS),
    }
}

/// One puzzle; its prefix is as many whole digits as leave a try at most [`MOST_COST`] iterations.
fn altcha(effort: u32) -> Work {
    let fits = |bits: &u8| effort >> bits <= u32::from(MOST_COST);
    let bits = (4..MOST_BITS).step_by(4).find(fits).unwrap_or(MOST_BITS);
    let cost = (effort >> bits).clamp(1, u32::from(MOST_COST));
    Work {
        scheme: Scheme::Altcha,
        puzzles: 1,
        cost: cost as u16,
        bits,
    }
}

/// Cap's widget has WebAssembly of its own, which hashes half as fast as WebCrypto iterates. As many puzzles as
/// it takes, of as many digits as leave ten of them.
fn cap(effort: u32) -> Work {
    let tries = effort / 2;
    let leaves_ten = |bits: &u8| tries >> bits >= 10;
    let bits = (4..=16).step_by(4).rev().find(leaves_ten).unwrap_or(4);
    let puzzles = tries.div_ceil(1 << bits);
    Work {
        scheme: Scheme::Cap,
        puzzles: puzzles.clamp(1, u32::from(MOST_PUZZLES)) as u8,
        cost: 1,
        bits,
    }
}

impl Work {
    /// How many iterations it takes on the average.
    pub fn effort(&self) -> u64 {
        (u64::from(self.puzzles) * u64::from(self.cost)) << self.bits
    }

    /// Whether it is work at all, and within the bounds of its fields.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let in_digits = match self.scheme {
            Scheme::Inkgate => true,
            Scheme::Altcha => self.puzzles == 1 && self.bits.is_multiple_of(4),
            Scheme::Cap => self.cost == 1 && self.bits.is_multiple_of(4),
        };
        let is_within = (1..=MOST_PUZZLES).contains(&self.puzzles)
            && (1..=MOST_COST).contains(&self.cost)
            && (1..=MOST_BITS).contains(&self.bits)
            && u32::from(self.puzzles) * u32::from(self.cost) <= MOST_CHECKED;
        if in_digits && is_within {
            return Ok(());
        }
        Err(Error::Work)
    }

    pub(crate) fn encode(&self) -> [u8; 5] {
        let [high, low] = self.cost.to_be_bytes();
        [self.scheme.code(), self.puzzles, high, low, self.bits]
    }

    pub(crate) fn decode([scheme, puzzles, high, low, bits]: [u8; 5]) -> Option<Self> {
        let work = Self {
            scheme: Scheme::from_code(scheme)?,
            puzzles,
            cost: u16::from_be_bytes([high, low]),
            bits,
        };
        work.check().is_ok().then_some(work)
    }
}

/// The puzzles of one ticket: what a machine is told, and what its proof is checked against.
///
/// A proof is a counter for each puzzle, in their order. Checking costs as many iterations as all puzzles have,
/// less if it is wrong: the first wrong counter ends it.
///
/// ```
/// # use inkgate::{Puzzles, Scheme, Seed};
/// # fn main() -> Result<(), inkgate::Error> {
/// let puzzles = Puzzles::new(Scheme::Inkgate.work(4_000), &Seed::random()?);
/// let proof = puzzles.solve();
/// assert!(puzzles.are_solved_by(&proof));
/// assert!(!puzzles.are_solved_by(&[]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Puzzles {
    work: Work,
    nonce: Nonce,
}

/// What makes the puzzles of one ticket differ from those of all others.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Nonce([u8; 16]);

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}

impl Puzzles {
    /// The puzzles that belong to a seed. Whoever is told them learns nothing of the seed.
    pub fn new(work: Work, seed: &Seed) -> Self {
        let nonce = seed.derive("inkgate 1 work");
        Self {
            work,
            nonce: Nonce(nonce),
        }
    }

    /// How much work they are.
    pub fn work(&self) -> Work {
        self.work
    }

    /// What their solver is told besides.
    pub fn nonce(&self) -> &[u8; 16] {
        &self.nonce.0
    }

    /// The salt of a puzzle, for the schemes that have one.
    pub fn salt(&self, puzzle: u8) -> [u8; 16] {
        let digest = Sha256::new()
            .chain_update(b"inkgate 1 work: salt")
            .chain_update(self.nonce.0)
            .chain_update([puzzle]);
        let mut salt = [0; 16];
        salt.copy_from_slice(&digest.finalize()[..16]);
        salt
    }

    /// What a counter gives in a puzzle.
    pub fn attempt(&self, puzzle: u8, counter: u32) -> [u8; 32] {
        let cost = self.work.cost.into();
        let counter_bytes = counter.to_be_bytes();
        match self.work.scheme {
            Scheme::Inkgate => {
                let password = [&self.nonce.0[..], &[puzzle]].concat();
                pbkdf2_hmac_array::<Sha256, 32>(&password, &counter_bytes, cost)
            }
            Scheme::Altcha => {
                let password = [&self.nonce.0[..], &counter_bytes].concat();
                pbkdf2_hmac_array::<Sha256, 32>(&password, &self.salt(puzzle), cost)
            }
            Scheme::Cap => Sha256::new()
                .chain_update(hex(&self.salt(puzzle)))
                .chain_update(counter.to_string())
                .finalize()
                .into(),
        }
    }

    /// Whether this is a counter for each of the puzzles that solves it.
    pub fn are_solved_by(&self, proof: &[u32]) -> bool {
        proof.len() == usize::from(self.work.puzzles)
            && (0..)
                .zip(proof)
                .all(|(puzzle, &counter)| self.is_solved(puzzle, counter))
    }

    /// A proof, found by trying: for programs that need one, and for tests.
    pub fn solve(&self) -> Vec<u32> {
        let first = |puzzle| (0..=u32::MAX).find(|&counter| self.is_solved(puzzle, counter));
        (0..self.work.puzzles).filter_map(first).collect()
    }

    /// Whether a counter solves a puzzle.
    pub fn is_solved(&self, puzzle: u8, counter: u32) -> bool {
        let attempt = self.attempt(puzzle, counter);
        let (head, _) = attempt
            .split_first_chunk()
            .expect("32 bytes are more than 4");
        u32::from_be_bytes(*head).leading_zeros() >= self.work.bits.into()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
