//! PNG with a palette: IHDR, PLTE, IDAT, IEND, and nothing else (CAP-09).

use std::io::{self, Write};

use crate::raster::Raster;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// The most bytes in one stored block (RFC 1951, section 3.2.4).
const BLOCK: usize = 65_535;

/// Writes `raster` as a PNG file.
///
/// # Errors
/// Whatever `out` answers.
pub fn encode(raster: &Raster, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&to_vec(raster))
}

/// The bytes of `raster` as a PNG file.
pub fn to_vec(raster: &Raster) -> Vec<u8> {
    let depth = depth(raster.palette().len());
    let rows = pack(raster, depth);
    let mut file = Vec::with_capacity(rows.len() + 1024);
    file.extend_from_slice(SIGNATURE);
    chunk(&mut file, b"IHDR", |data| {
        data.extend_from_slice(&(raster.width() as u32).to_be_bytes());
        data.extend_from_slice(&(raster.height() as u32).to_be_bytes());
        data.extend_from_slice(&[depth, 3, 0, 0, 0]);
    });
    chunk(&mut file, b"PLTE", |data| {
        data.extend(raster.palette().iter().flatten())
    });
    chunk(&mut file, b"IDAT", |data| stored(&rows, data));
    chunk(&mut file, b"IEND", |_| ());
    file
}

/// How many bits name one of `colours`.
fn depth(colours: usize) -> u8 {
    match colours {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    }
}

/// Rows as PNG wants them: a filter byte (none), then the indices, the leftmost in the highest bits.
fn pack(raster: &Raster, depth: u8) -> Vec<u8> {
    let each = 8 / usize::from(depth);
    let mut rows = Vec::with_capacity((raster.width().div_ceil(each) + 1) * raster.height());
    for row in raster.pixels().chunks(raster.width().max(1)) {
        rows.push(0);
        rows.extend(row.chunks(each).map(|pixels| {
            let places = (0..each).rev().map(|place| place * usize::from(depth));
            pixels
                .iter()
                .zip(places)
                .fold(0, |byte, (&index, place)| byte | index << place)
        }));
    }
    rows
}

/// A zlib stream (RFC 1950) of stored blocks.
fn stored(rows: &[u8], data: &mut Vec<u8>) {
    data.extend_from_slice(&[0x78, 0x01]);
    let mut blocks = rows.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        data.push(u8::from(blocks.peek().is_none()));
        data.extend_from_slice(&(block.len() as u16).to_le_bytes());
        data.extend_from_slice(&(!(block.len() as u16)).to_le_bytes());
        data.extend_from_slice(block);
    }
    data.extend_from_slice(&simd_adler32::adler32(&rows).to_be_bytes());
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
