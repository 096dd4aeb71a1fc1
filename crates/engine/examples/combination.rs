//! Draws a style one combination of layout and ground at a time, for the lab: each needs figures of its own.
//!
//!     cargo run --release -p inkgate --example combination -- list
//!     cargo run --release -p inkgate --example combination -- draw STYLE WxH LAYOUT GROUND FACES SEED COUNT FOLDER
//!
//! `list` prints a line a style and size: name, size, symbols in an answer, look-alikes, layouts, grounds, strokes, faces.
//! `draw` writes numbered files and `labels.tsv` (file name, tab, answer), and says nothing. LAYOUT and GROUND are as
//! listed, or `all`, or `-NAME` for all but that one; FACES is `all` or a range like `0..6`; SEED is 64 hexadecimal digits.

use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use inkgate::{Pen, Seed, Style, Styles, View, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["list"] => list(),
        [
            "draw",
            style,
            size,
            layout,
            ground,
            faces,
            seed,
            count,
            folder,
        ] => {
            let style = restricted(style, size, layout, ground, faces)?;
            draw(&style, &read_seed(seed)?, count.parse()?, Path::new(folder))
        }
        _ => Err(
            "usage: combination list | draw STYLE WxH LAYOUT GROUND FACES SEED COUNT FOLDER".into(),
        ),
    }
}

#[expect(clippy::print_stdout, reason = "a list for another program")]
fn list() -> Result<(), Box<dyn Error>> {
    for style in Styles::standard().iter() {
        for [width, height] in style.sizes() {
            let fields = [
                style.name.clone(),
                format!("{width}x{height}"),
                style.length.to_string(),
                style.alphabet.matching().as_str().to_owned(),
                names(&style.layouts),
                names(&style.grounds),
                style.strokes.to_string(),
                style.faces.len().to_string(),
            ];
            println!("{}", fields.join("\t"));
        }
    }
    Ok(())
}

/// The style with these of its parts only.
fn restricted(
    style: &str,
    size: &str,
    layout: &str,
    ground: &str,
    faces: &str,
) -> Result<Style, Box<dyn Error>> {
    let styles = Styles::standard();
    let style = styles.get(style).ok_or("no such style")?;
    let (width, height) = size.split_once('x').ok_or("a size is WxH")?;
    let style = style.sized(width.parse()?, height.parse()?)?;
    let faces = match faces.split_once("..") {
        Some((from, to)) => style
            .faces
            .get(from.parse()?..to.parse()?)
            .unwrap_or(&[])
            .to_vec(),
        None => style.faces.clone(),
    };
    Ok(Style {
        layouts: chosen(&style.layouts, layout)?,
        grounds: chosen(&style.grounds, ground)?,
        faces,
        ..style
    })
}

fn chosen<T: Copy + Debug>(from: &[T], wanted: &str) -> Result<Vec<T>, Box<dyn Error>> {
    let matches = |part: &T| match wanted.strip_prefix('-') {
        _ if wanted == "all" => true,
        Some(unwanted) => name(part) != unwanted,
        None => name(part) == wanted,
    };
    let kept: Vec<T> = from.iter().copied().filter(matches).collect();
    if kept.is_empty() && !from.is_empty() {
        return Err(format!("{wanted} leaves none of {}", names(from)).into());
    }
    Ok(kept)
}

fn names<T: Debug>(parts: &[T]) -> String {
    parts.iter().map(name).collect::<Vec<_>>().join(",")
}

/// The name of a part, without its measures.
fn name(part: &impl Debug) -> String {
    let whole = format!("{part:?}").to_lowercase();
    whole
        .split([' ', '('])
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn read_seed(digits: &str) -> Result<Seed, Box<dyn Error>> {
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(at..at + 2).ok_or("a seed has 64 digits")?, 16)?;
    }
    Ok(Seed::from_bytes(bytes))
}

fn draw(style: &Style, seed: &Seed, count: u32, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut pen = Pen::new();
    let mut labels = String::new();
    for number in 0..count {
        let seed = seed.nth(number);
        let answer = style.choose_from(&seed)?;
        let raster = pen.draw(&answer, style, &seed, View::default())?;
        let file = format!("{number:06}.png");
        fs::write(folder.join(&file), encode::png::to_vec(raster))?;
        labels.push_str(&format!("{file}\t{}\n", answer.reveal()));
    }
    fs::write(folder.join("labels.tsv"), labels)?;
    Ok(())
}
