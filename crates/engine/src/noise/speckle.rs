//! Speckle: points anywhere, in random colours of the palette.

use rand_core::Rng;

use crate::raster::Raster;

/// How many points.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Speckle {
    /// Points drawn. Some fall on one another.
    pub points: u32,
}

impl Speckle {
    pub(crate) fn apply(
        &self,
        raster: &mut Raster,
        spare: usize,
        scale: usize,
        rng: &mut impl Rng,
    ) {
        let scale = scale.max(1);
        let (width, height) = (raster.width(), raster.height());
        let (columns, rows) = (width / scale, height / scale);
        let colours = raster.palette().len().saturating_sub(spare) as u64;
        let places = (columns * rows) as u64;
        let pixels = raster.pixels_mut();
        for _ in 0..self.points {
            let drawn = u64::from(rng.next_u32());
            // The place comes from the upper end of the number, the colour from what is left below.
            let scaled = drawn * places;
            let place = (scaled >> 32) as usize;
            let index = spare as u8 + (((scaled & 0xFFFF_FFFF) * colours) >> 32) as u8;
            if scale == 1 {
                pixels[place] = index;
            } else {
                let (x, y) = (place % columns * scale, place / columns * scale);
                for row in y..y + scale {
                    pixels[row * width + x..][..scale].fill(index);
                }
            }
        }
    }
}
