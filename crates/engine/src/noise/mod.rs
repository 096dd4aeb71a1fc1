//! Noises: what is done to pixels after the shapes are drawn.

use rand_core::Rng;

use crate::raster::Raster;

pub mod speckle;

pub use speckle::Speckle;

/// The noises there are.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Points in random colours.
    Speckle(Speckle),
}

impl Noise {
    /// Adds the noise, in the palette's colours from `spare` on. `scale` is the side, in pixels, of one pixel of the
    /// style's own size.
    pub(crate) fn apply(
        &self,
        raster: &mut Raster,
        spare: usize,
        scale: usize,
        rng: &mut impl Rng,
    ) {
        match self {
            Self::Speckle(speckle) => speckle.apply(raster, spare, scale, rng),
        }
    }
}
