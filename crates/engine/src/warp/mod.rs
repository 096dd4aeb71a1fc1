//! Warps: smooth bends of the glyphs' points.

use rand_core::Rng;

use crate::outline::Point;

pub mod wave;

pub use wave::Wave;

/// The warps there are.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Warp {
    /// Sums of sines.
    Wave(Wave),
}

impl Warp {
    /// Moves `points`. Distances are in pixels of a canvas `unit` times as large as the warp was written for.
    pub(crate) fn bend(&self, points: &mut [Point], unit: f32, rng: &mut impl Rng) {
        match self {
            Self::Wave(wave) => wave.bend(points, unit, rng),
        }
    }
}
