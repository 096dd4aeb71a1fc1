//! Our bytes, read back by another decoder.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use inkgate::{
    Answer, Colours, Noise, Pen, Raster, Seed, Style, Styles, View, encode, noise::Speckle,
};
use proptest::prelude::*;

/// What the `png` crate finds in a file, as colours, row by row.
fn decode(file: &[u8]) -> (u32, u32, Vec<[u8; 3]>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    decoder.ignore_checksums(false);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    reader.finish().unwrap();
    let pixels = bytes
        .chunks_exact(3)
        .map(|rgb| [rgb[0], rgb[1], rgb[2]])
        .collect();
    (info.width, info.height, pixels)
}

fn colours(raster: &Raster) -> Vec<[u8; 3]> {
    raster
        .pixels()
        .iter()
        .map(|&index| raster.palette()[usize::from(index)])
        .collect()
}

fn assert_roundtrip(raster: &Raster) {
    let file = encode::png::to_vec(raster);
    let (width, height, pixels) = decode(&file);
    assert_eq!(
        (width as usize, height as usize),
        (raster.width(), raster.height())
    );
    assert!(pixels == colours(raster), "the pixels differ");
}

/// The names of a file's chunks. Panics unless they follow one another to the last byte, check sums right.
fn chunks(file: &[u8]) -> Vec<[u8; 4]> {
    let mut rest = file
        .strip_prefix(b"\x89PNG\r\n\x1a\n")
        .expect("a PNG signature");
    let mut names = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let (chunk, sum) = (&rest[4..8 + length], &rest[8 + length..12 + length]);
        assert_eq!(crc32fast::hash(chunk).to_be_bytes(), sum);
        names.push(chunk[..4].try_into().unwrap());
        rest = &rest[12 + length..];
    }
    names
}

/// CAP-09
#[test]
fn a_file_holds_four_chunks_and_nothing_behind_them() {
    let mut pen = Pen::new();
    for style in Styles::standard().iter() {
        for index in 0..1_000 {
            let seed = Seed::from_bytes([9; 32]).nth(index);
            let answer = style.choose_from(&seed).unwrap();
            let file =
                encode::png::to_vec(pen.draw(&answer, style, &seed, View::default()).unwrap());
            assert_eq!(chunks(&file), [*b"IHDR", *b"PLTE", *b"IDAT", *b"IEND"]);
        }
    }
}

#[test]
fn every_style_size_and_view_is_read_back_as_drawn() {
    let mut pen = Pen::new();
    for style in Styles::standard().iter() {
        for [width, height] in style.sizes().chain([[32, 32], [33, 300], [1024, 1024]]) {
            let style = style.sized(width, height).unwrap();
            for view in
                [(1, false), (2, false), (1, true)].map(|(scale, dark)| View { scale, dark })
            {
                let seed = Seed::from_bytes([width as u8; 32]);
                let answer = Answer::new("A").unwrap();
                assert_roundtrip(pen.draw(&answer, &style, &seed, view).unwrap());
            }
        }
    }
}

#[test]
fn a_speckled_two_colour_picture_is_read_back_as_drawn() {
    let style = Style {
        noises: vec![Noise::Speckle(Speckle { points: 3_000 })],
        ..Style::default()
    };
    let seed = Seed::from_bytes([4; 32]);
    assert_roundtrip(
        Pen::new()
            .draw(&Answer::new("ACE").unwrap(), &style, &seed, View::default())
            .unwrap(),
    );
}

#[test]
fn a_picture_of_many_colours_without_noise_is_read_back_as_drawn() {
    let style = Style {
        colours: Colours::Scatter,
        ..Style::default()
    };
    let seed = Seed::from_bytes([5; 32]);
    assert_roundtrip(
        Pen::new()
            .draw(&Answer::new("ACE").unwrap(), &style, &seed, View::default())
            .unwrap(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_drawn_is_read_back(bytes: [u8; 32], width in 60u32..400, height in 60u32..300) {
        let style = Style::default().sized(width, height).unwrap();
        let seed = Seed::from_bytes(bytes);
        let answer = style.choose_from(&seed).unwrap();
        assert_roundtrip(Pen::new().draw(&answer, &style, &seed, View::default()).unwrap());
    }
}
