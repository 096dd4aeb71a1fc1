//! Variation: small draws from a picture's generator.
//!
//! These choose how a picture looks, never what it says. An answer is drawn elsewhere, uniformly and from a
//! generator fit for secrets.

use rand_core::Rng;

/// Draws of the shapes that layouts, grounds and noises ask for.
pub(crate) trait Vary: Rng {
    /// A number from 0 up to, but not including, 1, in steps of 2⁻²⁴.
    fn unit(&mut self) -> f32 {
        (self.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A number from `low` up to `high`.
    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A number at most `reach` away from zero, either side.
    fn spread(&mut self, reach: f32) -> f32 {
        self.between(-reach, reach)
    }

    /// A whole number below `bound`. The bias, at most `bound` in 2³², cannot be seen in a picture.
    fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    /// One of `choices`, or nothing when there are none.
    fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len() as u32) as usize)
    }

    /// Heads or tails.
    fn coin(&mut self) -> bool {
        self.next_u32() >> 31 == 1
    }

    /// A colour out of all there are.
    fn colour(&mut self) -> [u8; 3] {
        let [r, g, b, _] = self.next_u32().to_le_bytes();
        [r, g, b]
    }
}

impl<R: Rng + ?Sized> Vary for R {}
