//! Seeds: everything that varies in a picture comes from one of these.

use std::fmt;

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Error;

/// The 32 bytes that fix every random choice in one picture.
///
/// Whoever knows a picture's seed can take its noise away, so it is kept like a secret: it is wiped when
/// dropped and `Debug` does not show it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The seed of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new seed from the operating system's generator.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The seed of picture `index` in a series: SHA-256 of this seed and the index, big endian.
    pub fn nth(&self, index: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(index.to_be_bytes());
        Self(digest.finalize().into())
    }

    /// Bytes for another purpose, which tell nothing of the seed.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 16] {
        let digest = Sha256::new().chain_update(purpose).chain_update(self.0);
        let mut derived = [0; 16];
        derived.copy_from_slice(&digest.finalize()[..16]);
        derived
    }

    /// The generator that all variation of a picture is drawn from, at its beginning.
    ///
    /// ChaCha is named, and not left to a library's default, because the same seed must give the same
    /// picture everywhere and always. Eight rounds, the fewest, since a speckled picture draws tens of
    /// thousands of numbers and the best attack published reaches seven (Aumasson, "Too Much Crypto",
    /// IACR ePrint 2019/1492): pixels tell nothing about the rest of the stream.
    pub fn rng(&self) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.0)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::*;

    fn first(seed: &Seed) -> u64 {
        seed.rng().next_u64()
    }

    #[test]
    fn a_seed_gives_the_same_numbers_everywhere() {
        // ChaCha8 with the all-zero key: the first block of the estreamtest vectors.
        assert_eq!(
            first(&Seed::from_bytes([0; 32])),
            u64::from_le_bytes([0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6])
        );
    }

    #[test]
    fn the_nth_seed_is_a_digest_of_seed_and_index() {
        let seed = Seed::from_bytes([7; 32]);
        let mut input = vec![7; 32];
        input.extend([0, 0, 1, 2]);
        assert_eq!(seed.nth(258).0, <[u8; 32]>::from(Sha256::digest(&input)));
        assert_ne!(seed.nth(0).0, seed.0);
    }

    #[test]
    fn ten_thousand_indices_give_distinct_seeds() {
        let seed = Seed::from_bytes([1; 32]);
        let seeds: std::collections::HashSet<_> = (0..10_000).map(|i| seed.nth(i).0).collect();
        assert_eq!(seeds.len(), 10_000);
    }

    #[test]
    fn debug_shows_no_byte_of_a_seed() {
        assert_eq!(format!("{:?}", Seed::from_bytes([0xab; 32])), "Seed");
    }
}
