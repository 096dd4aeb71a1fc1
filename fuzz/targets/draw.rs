//! The whole way from what is asked for to the bytes of a file: style, size, text, seed, view, format, and faces that
//! nobody should have trusted.
//!
//! An input is a head of `HEAD` bytes, a text, and what it does to the faces.
#![no_main]

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use inkgate::encode::Format;
use inkgate::noise::Speckle;
use inkgate::{Answer, Font, MOST_GLYPHS, Noise, Pen, Raster, Seed, Style, Styles, View};
use libfuzzer_sys::fuzz_target;

const HEAD: usize = 64;
const FACE: &[u8] = include_bytes!("../../crates/engine/fonts/rubik/rubik-700.ttf");

static STYLES: LazyLock<Vec<Style>> =
    LazyLock::new(|| Styles::standard().iter().cloned().collect());

fuzz_target!(|input: &[u8]| {
    let Some((head, rest)) = input.split_first_chunk::<HEAD>() else {
        return;
    };
    let (text, rest) = rest.split_at(rest.len().min(usize::from(head[0] % 32)));
    let Ok(answer) = Answer::new(String::from_utf8_lossy(text)) else {
        return;
    };
    let Some(faces) = faces(head[1], rest) else {
        return;
    };
    let mut style = style(head);
    if let Some(face) = faces {
        style.faces = vec![Arc::new(face)];
        // An operator's face must pass it; drawing must bear one that did not.
        let _ = style.check_faces();
    }
    let seed = Seed::from_bytes(head[32..].try_into().expect("the head's second half"));
    let view = View {
        scale: head[2],
        dark: head[3] & 1 == 1,
    };
    let mut pen = Pen::new();
    let Ok(raster) = pen.draw(&answer, &style, &seed, view) else {
        return;
    };
    assert!(answer.len() <= MOST_GLYPHS);
    assert_sound(raster, &style, view);
    let format = Format::ALL[usize::from(head[4]) % Format::ALL.len()];
    let file = format.to_vec(raster);
    if format == Format::Png {
        assert_reads_back(&file, raster);
    }
    let again = Pen::new()
        .draw(&answer, &style, &seed, view)
        .map(|raster| format.to_vec(raster));
    assert!(
        again.is_ok_and(|again| again == file),
        "the same again is not the same"
    );
});

/// The style's own faces, or one of these bytes, or a sound one with these bytes changed. Nothing if there is no
/// such face.
fn faces(kind: u8, bytes: &[u8]) -> Option<Option<Font>> {
    let damaged = || {
        let mut face = FACE.to_vec();
        for edit in bytes.chunks_exact(3) {
            let at = usize::from(u16::from_be_bytes([edit[0], edit[1]]));
            let length = face.len();
            face[at % length] = edit[2];
        }
        face
    };
    match kind % 4 {
        0 => Some(None),
        1 => Font::parse(damaged()).ok().map(Some),
        _ => Font::parse(bytes).ok().map(Some),
    }
}

/// A style as it comes, or one put together from the parts of all.
fn style(head: &[u8; HEAD]) -> Style {
    let pick = |byte: u8| &STYLES[usize::from(byte) % STYLES.len()];
    let side = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low])) % 1_100;
    let free = |at: usize| f32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let mut style = pick(head[5]).clone();
    if head[6] & 1 == 1 {
        (style.width, style.height) = (side(head[7], head[8]), side(head[9], head[10]));
    }
    if head[6] & 2 == 2 {
        style.layouts = pick(head[11]).layouts.clone();
        style.grounds = pick(head[12]).grounds.clone();
        style.colours = pick(head[13]).colours;
        style.warps = pick(head[14]).warps.clone();
        style.strokes = u32::from(head[15] % 16);
    }
    if head[6] & 4 == 4 {
        style.turn = free(16);
        style.shear = free(20);
        style.stretch = free(24);
        style.stroke_width = free(28);
    }
    if head[6] & 8 == 8 {
        style.noises = vec![Noise::Speckle(Speckle { points: 2_000 })];
    }
    style
}

fn assert_sound(raster: &Raster, style: &Style, view: View) {
    let scale = usize::from(view.scale.clamp(1, 2));
    let size = [style.width, style.height].map(|side| side as usize * scale);
    assert_eq!([raster.width(), raster.height()], size);
    let pixels = raster.pixels();
    assert_eq!(pixels.len(), size[0] * size[1]);
    let colours = raster.palette().len();
    assert!(pixels.iter().all(|&index| usize::from(index) < colours));
}

fn assert_reads_back(file: &[u8], raster: &Raster) {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().expect("a header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    reader.next_frame(&mut pixels).expect("pixels");
    reader.finish().expect("an end");
    assert!(*raster.pixels() == *pixels, "the pixels differ");
}
