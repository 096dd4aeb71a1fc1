//! Draws pictures in every style and size, and looks for two that are alike (CAP-12). Two other decoders must read
//! each PNG as it was drawn; of every tenth picture a WebP and a GIF, too.
//!
//! usage: alike [PICTURES]      100000, if not said
//!
//! A line a style, separated by tabs: style, pictures, how many of them are different, bytes on average.

#![allow(clippy::print_stdout, reason = "what it finds is for a terminal")]

use std::collections::HashSet;
use std::error::Error;
use std::io::Cursor;
use std::process::ExitCode;

use inkgate::encode::Format;
use inkgate::{Pen, Raster, Seed, Style, Styles, View};
use sha2::{Digest, Sha256};
use zune_png::PngDecoder;
use zune_png::zune_core::bytestream::ZCursor;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let pictures = match std::env::args().nth(1) {
        Some(count) => count.parse::<u32>()?,
        None => 100_000,
    };
    let styles = Styles::standard();
    let share = u32::div_ceil(pictures, styles.iter().count() as u32);
    let mut different = HashSet::new();
    for (style, byte) in styles.iter().zip(1..) {
        let before = different.len();
        // Styles that are near to one another may draw the same of the same seed.
        let seeds = Seed::from_bytes([byte; 32]);
        let bytes = draw(style, &seeds, share, &mut different)?;
        let found = different.len() - before;
        println!(
            "{}\t{share}\t{found}\t{}",
            style.name,
            bytes / share as usize
        );
    }
    let drawn = share as usize * styles.iter().count();
    println!("all\t{drawn}\t{}", different.len());
    Ok(ExitCode::from(u8::from(different.len() < drawn)))
}

/// Draws `count` pictures, adds their digests, and returns the sum of their bytes.
fn draw(
    style: &Style,
    seeds: &Seed,
    count: u32,
    digests: &mut HashSet<[u8; 32]>,
) -> Result<usize, Box<dyn Error>> {
    let sizes = style
        .sizes()
        .map(|[width, height]| style.sized(width, height));
    let sizes = sizes.collect::<Result<Vec<_>, _>>()?;
    let mut pen = Pen::new();
    let mut bytes = 0;
    for number in 0..count {
        let seed = seeds.nth(number);
        let sized = &sizes[number as usize % sizes.len()];
        let raster = pen.draw(&style.choose_from(&seed)?, sized, &seed, View::default())?;
        let file = Format::Png.to_vec(raster);
        let mut read = vec![png(&file)?, zune(&file)?];
        if number % 10 == 0 {
            read.push(webp(&Format::Webp.to_vec(raster))?);
            read.push(gif(&Format::Gif.to_vec(raster))?);
        }
        let drawn = colours(raster);
        if read.iter().any(|read| *read != drawn) {
            return Err(format!("{} {number}: a decoder reads another picture", style.name).into());
        }
        digests.insert(Sha256::digest(&file).into());
        bytes += file.len();
    }
    Ok(bytes)
}

fn colours(raster: &Raster) -> Vec<u8> {
    let palette = raster.palette();
    let pixels = raster.pixels();
    let colours = pixels.iter().map(|&index| palette[usize::from(index)]);
    colours.flatten().collect()
}

fn png(file: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("too large")?];
    reader.next_frame(&mut bytes)?;
    reader.finish()?;
    Ok(bytes)
}

fn zune(file: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let read = PngDecoder::new(ZCursor::new(file)).decode_raw();
    read.map_err(|error| format!("{error:?}").into())
}

fn webp(file: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file))?;
    let mut bytes = vec![0; decoder.output_buffer_size().ok_or("too large")?];
    decoder.read_image(&mut bytes)?;
    Ok(bytes)
}

fn gif(file: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut options = gif::DecodeOptions::new();
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(file)?;
    let palette = decoder.palette()?.to_vec();
    let frame = decoder.read_next_frame()?.ok_or("no frame")?;
    let colour = |&index: &u8| {
        let at = usize::from(index) * 3;
        palette[at..at + 3].to_vec()
    };
    Ok(frame.buffer.iter().flat_map(colour).collect())
}
