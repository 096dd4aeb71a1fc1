//! Speckle: points anywhere, in random colours of the palette.

use rand_core::Rng;

use crate::raster::Raster;

/// How many points.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Speckle {
    /// Points drawn. Some fall on one another.
    pub points: u32,
}

/// Points whose random numbers are drawn at once.
const BATCH: usize = 256;

impl Speckle {
    pub(crate) fn apply(
        &self,
        raster: &mut Raster,
        spare: usize,
        scale: usize,
        rng: &mut impl Rng,
    ) {
        let (width, height) = (raster.width(), raster.height());
        let (columns, rows) = (width / scale.max(1), height / scale.max(1));
        let colours = raster.palette().len().saturating_sub(spare) as u64;
        let places = (columns * rows) as u64;
        let pixels = raster.pixels_mut();
        let mut numbers = [0; BATCH * 4];
        for batch in (0..self.points as usize).step_by(BATCH) {
            let points = BATCH.min(self.points as usize - batch);
            rng.fill_bytes(&mut numbers);
            let points = numbers.as_chunks().0.iter().take(points).map(|&number| {
                // The place comes from the upper end of the number, the colour from what is left below.
                let scaled = u64::from(u32::from_le_bytes(number)) * places;
                let colour = (u64::from(scaled as u32) * colours) >> 32;
                ((scaled >> 32) as usize, spare as u8 + colour as u8)
            });
            if scale > 1 {
                for (place, index) in points {
                    let corner = place / columns * scale * width + place % columns * scale;
                    block(pixels, corner, scale, width, index);
                }
            } else {
                for (place, index) in points {
                    if let Some(pixel) = pixels.get_mut(place) {
                        *pixel = index;
                    }
                }
            }
        }
    }
}

/// Fills a square of `side` pixels.
fn block(pixels: &mut [u8], corner: usize, side: usize, width: usize, index: u8) {
    for row in pixels[corner..].chunks_mut(width).take(side) {
        row[..side].fill(index);
    }
}
