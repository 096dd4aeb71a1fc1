//! Our bytes, read back by other decoders.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::Cursor;

use inkgate::{
    Answer, Colours, Noise, Pen, Raster, Seed, Style, Styles, View, encode::Format, noise::Speckle,
};
use proptest::prelude::*;
use zune_png::PngDecoder;
use zune_png::zune_core::bytestream::ZCursor;
use zune_png::zune_core::options::DecoderOptions;

/// What a decoder finds in a file: width, height, and colours row by row.
type Decoded = (usize, usize, Vec<[u8; 3]>);

fn decode(file: &[u8], format: Format) -> Vec<Decoded> {
    match format {
        Format::Png => vec![png(file), zune(file)],
        Format::Webp => vec![webp(file)],
        Format::Gif => vec![gif(file)],
    }
}

fn png(file: &[u8]) -> Decoded {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    decoder.ignore_checksums(false);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    reader.finish().unwrap();
    (info.width as usize, info.height as usize, triples(&bytes))
}

fn zune(file: &[u8]) -> Decoded {
    let options = DecoderOptions::default()
        .png_set_confirm_crc(true)
        .inflate_set_confirm_adler(true);
    let mut decoder = PngDecoder::new_with_options(ZCursor::new(file), options);
    let bytes = decoder.decode_raw().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    (width, height, triples(&bytes))
}

fn webp(file: &[u8]) -> Decoded {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).unwrap();
    assert!(!decoder.has_alpha() && !decoder.is_animated() && !decoder.is_lossy());
    let (width, height) = decoder.dimensions();
    let mut bytes = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut bytes).unwrap();
    (width as usize, height as usize, triples(&bytes))
}

fn gif(file: &[u8]) -> Decoded {
    let mut options = gif::DecodeOptions::new();
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(file).unwrap();
    let palette = triples(decoder.palette().unwrap());
    let frame = decoder.read_next_frame().unwrap().unwrap().clone();
    assert!(
        decoder.read_next_frame().unwrap().is_none(),
        "a second frame"
    );
    assert!(frame.transparent.is_none() && frame.palette.is_none());
    let colours = frame
        .buffer
        .iter()
        .map(|&index| palette[usize::from(index)]);
    (frame.width.into(), frame.height.into(), colours.collect())
}

fn triples(bytes: &[u8]) -> Vec<[u8; 3]> {
    let (triples, rest) = bytes.as_chunks();
    assert!(rest.is_empty());
    triples.to_vec()
}

fn colours(raster: &Raster) -> Vec<[u8; 3]> {
    raster
        .pixels()
        .iter()
        .map(|&index| raster.palette()[usize::from(index)])
        .collect()
}

fn assert_roundtrip(raster: &Raster) {
    let drawn = (raster.width(), raster.height(), colours(raster));
    for format in Format::ALL {
        for decoded in decode(&format.to_vec(raster), format) {
            assert!(decoded == drawn, "the pixels differ in {format:?}");
        }
    }
}

/// The names of a PNG file's chunks. Panics unless they follow one another to the last byte, check sums right.
fn chunks(file: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = file
        .strip_prefix(b"\x89PNG\r\n\x1a\n")
        .expect("a PNG signature");
    let mut names = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let (chunk, sum) = (&rest[4..8 + length], &rest[8 + length..12 + length]);
        assert_eq!(crc32fast::hash(chunk).to_be_bytes(), sum);
        names.push(chunk[..4].to_vec());
        rest = &rest[12 + length..];
    }
    names
}

/// The names of a WebP file's chunks. Panics unless they fill the RIFF container to the last byte.
fn riff_chunks(file: &[u8]) -> Vec<Vec<u8>> {
    let length = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
    assert_eq!((&file[..4], length + 8), (&b"RIFF"[..], file.len()));
    let mut rest = file[8..].strip_prefix(b"WEBP").unwrap();
    let mut names = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[4..8].try_into().unwrap()) as usize;
        names.push(rest[..4].to_vec());
        rest = &rest[8 + length.next_multiple_of(2)..];
    }
    names
}

/// What a GIF file is made of behind its palette, each by its first bytes. Panics unless the last byte is the last.
fn blocks(file: &[u8]) -> Vec<Vec<u8>> {
    assert_eq!(&file[..6], b"GIF89a");
    assert!(file[10] & 0x80 != 0, "a palette for the file");
    let mut rest = &file[13 + 3 * (2 << (file[10] & 7))..];
    let mut names = Vec::new();
    loop {
        let (name, head) = match rest[0] {
            0x21 => (&rest[..2], 2),
            0x2C => {
                assert!(rest[9] & 0x80 == 0, "a palette for the frame");
                (&rest[..1], 11)
            }
            _ => (&rest[..1], rest.len()),
        };
        names.push(name.to_vec());
        rest = &rest[head..];
        if rest.is_empty() {
            return names;
        }
        while rest[0] != 0 {
            rest = &rest[1 + usize::from(rest[0])..];
        }
        rest = &rest[1..];
    }
}

/// CAP-09: no text, no time, no profile, and nothing behind the end.
#[test]
fn a_file_holds_what_its_pixels_need_and_nothing_else() {
    let mut pen = Pen::new();
    for style in Styles::standard().iter() {
        for index in 0..1_000 {
            let seed = Seed::from_bytes([9; 32]).nth(index);
            let answer = style.choose_from(&seed).unwrap();
            let raster = pen.draw(&answer, style, &seed, View::default()).unwrap();
            let png = Format::Png.to_vec(raster);
            assert_eq!(chunks(&png), [b"IHDR", b"PLTE", b"IDAT", b"IEND"]);
            // The others are not ours, and slow to write.
            if index < 100 {
                assert_eq!(riff_chunks(&Format::Webp.to_vec(raster)), [b"VP8L"]);
                let gif = blocks(&Format::Gif.to_vec(raster));
                let [control, image, trailer] = [&b"\x21\xF9"[..], b"\x2C", b"\x3B"];
                assert_eq!(gif, [control, image, trailer]);
            }
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
