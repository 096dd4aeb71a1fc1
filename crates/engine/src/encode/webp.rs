//! WebP, lossless: a RIFF file with one chunk, `VP8L` (RFC 9649), and nothing else (CAP-09).

use std::io::{self, Write};

use image_webp::{ColorType, WebPEncoder};

use crate::raster::Raster;

/// Writes `raster` as a WebP file.
///
/// # Errors
/// Whatever `out` answers.
pub fn encode(raster: &Raster, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&to_vec(raster))
}

/// The bytes of `raster` as a WebP file.
pub fn to_vec(raster: &Raster) -> Vec<u8> {
    let (width, height) = (raster.width() as u32, raster.height() as u32);
    let palette = raster.palette();
    let mut rgb = Vec::with_capacity(raster.width() * raster.height() * 3);
    for &index in &*raster.pixels() {
        rgb.extend_from_slice(&palette[usize::from(index)]);
    }
    let mut file = Vec::new();
    WebPEncoder::new(&mut file)
        .encode(&rgb, width, height, ColorType::Rgb8)
        .expect("a raster has a colour for each pixel, and memory takes all");
    file
}
