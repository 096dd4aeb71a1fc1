//! PNG with a palette: IHDR, PLTE, IDAT, IEND, and nothing else (CAP-09).
//!
//! One byte a pixel and no filter: runs are what compresses here, and they stay visible. A picture of few colours
//! is deflated as runs, a speckled one is stored.

use std::io::{self, Write};

use super::runs;
use crate::raster::Raster;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// The most bytes in one stored block (RFC 1951, section 3.2.4).
const BLOCK: usize = 65_535;
/// The signature, four chunks' lengths, names and check sums, and what IHDR holds.
const FRAME: usize = 8 + 4 * 12 + 13;

/// Writes `raster` as a PNG file.
///
/// # Errors
/// Whatever `out` answers.
pub fn encode(raster: &Raster, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&to_vec(raster))
}

/// The bytes of `raster` as a PNG file.
pub fn to_vec(raster: &Raster) -> Vec<u8> {
    let mut file = Vec::new();
    append(raster, &mut file);
    file
}

/// Adds the bytes of `raster` as a PNG file to `file`.
pub fn append(raster: &Raster, file: &mut Vec<u8>) {
    file.reserve(FRAME + raster.palette().as_flattened().len() + room(raster));
    file.extend_from_slice(SIGNATURE);
    chunk(file, b"IHDR", |data| {
        data.extend_from_slice(&(raster.width() as u32).to_be_bytes());
        data.extend_from_slice(&(raster.height() as u32).to_be_bytes());
        // Eight bits a pixel, a palette, deflate, filters named row by row, not interlaced.
        data.extend_from_slice(&[8, 3, 0, 0, 0]);
    });
    chunk(file, b"PLTE", |data| {
        data.extend_from_slice(raster.palette().as_flattened())
    });
    chunk(file, b"IDAT", |data| {
        if raster.palette().len() <= runs::COLOURS {
            runs::deflate(raster, data);
        } else {
            store(raster, data);
        }
    });
    chunk(file, b"IEND", |_| ());
}

/// The most bytes that the zlib stream of `raster` takes while it is written.
fn room(raster: &Raster) -> usize {
    if raster.palette().len() <= runs::COLOURS {
        runs::room(raster)
    } else {
        let rows = (raster.width() + 1) * raster.height();
        rows + (rows / (BLOCK - raster.width()) + 1) * 5 + 6
    }
}

/// Adds a zlib stream (RFC 1950) of stored blocks, each of as many whole rows as fit.
fn store(raster: &Raster, data: &mut Vec<u8>) {
    let pixels = raster.pixels();
    let width = raster.width().max(1);
    let blocks = pixels.chunks((BLOCK / (width + 1)).max(1) * width);
    let last = blocks.len();
    let mut sum = simd_adler32::Adler32::new();
    data.extend_from_slice(&[0x78, 0x01]);
    for (number, block) in blocks.enumerate() {
        let length = (block.len() + block.len() / width) as u16;
        data.push(u8::from(number + 1 == last));
        data.extend_from_slice(&length.to_le_bytes());
        data.extend_from_slice(&(!length).to_le_bytes());
        let start = data.len();
        for row in block.chunks(width) {
            data.push(0);
            data.extend_from_slice(row);
        }
        sum.write(&data[start..]);
    }
    data.extend_from_slice(&sum.finish().to_be_bytes());
}

/// Adds a chunk: length, name, data, and the check sum over name and data.
fn chunk(file: &mut Vec<u8>, name: &[u8; 4], write: impl FnOnce(&mut Vec<u8>)) {
    let start = file.len();
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(name);
    write(file);
    let length = (file.len() - start - 8) as u32;
    file[start..start + 4].copy_from_slice(&length.to_be_bytes());
    let sum = crc32fast::hash(&file[start + 4..]);
    file.extend_from_slice(&sum.to_be_bytes());
}
