//! GIF 89a: one still frame in the raster's own palette. Header, graphic control, image, trailer: no comment, no
//! application block, nothing else (CAP-09).

use std::io::{self, Write};

use gif::{Encoder, Frame};

use crate::raster::Raster;

/// Writes `raster` as a GIF file.
///
/// # Errors
/// Whatever `out` answers.
pub fn encode(raster: &Raster, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&to_vec(raster))
}

/// The bytes of `raster` as a GIF file.
pub fn to_vec(raster: &Raster) -> Vec<u8> {
    let (width, height) = (raster.width() as u16, raster.height() as u16);
    let frame = Frame {
        width,
        height,
        buffer: raster.pixels(),
        ..Frame::default()
    };
    let palette = raster.palette().as_flattened();
    Encoder::new(Vec::new(), width, height, palette)
        .and_then(|mut encoder| {
            encoder.write_frame(&frame)?;
            encoder.into_inner()
        })
        .expect("a raster has at most 256 colours and a pixel for each place, and memory takes all")
}
