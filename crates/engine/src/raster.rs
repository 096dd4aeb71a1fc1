//! Raster: width, height, a palette of at most 256 colours, and one index a pixel.

use crate::colour::Colour;

/// A picture as numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raster {
    width: usize,
    height: usize,
    palette: Vec<Colour>,
    pixels: Vec<u8>,
}

impl Raster {
    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The colours that the pixels name.
    pub fn palette(&self) -> &[Colour] {
        &self.palette
    }

    /// The palette index of each pixel, row by row from the top. Every one of them is in the palette.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The colour at `x`, `y`, or nothing outside the picture.
    pub fn colour(&self, x: usize, y: usize) -> Option<Colour> {
        let index = if x < self.width {
            self.pixels.get(y * self.width + x)?
        } else {
            return None;
        };
        self.palette.get(usize::from(*index)).copied()
    }

    /// Starts a picture: every pixel shows the first colour of `palette`.
    pub(crate) fn start(&mut self, width: usize, height: usize, palette: &[Colour]) {
        (self.width, self.height) = (width, height);
        self.palette.clear();
        self.palette
            .extend_from_slice(&palette[..palette.len().min(256)]);
        self.pixels.clear();
        self.pixels.resize(width * height, 0);
    }

    pub(crate) fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }
}
