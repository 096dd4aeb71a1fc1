//! Draws every style, and every layout of `ink` on every ground, into a folder, with what they say.
//!
//!     cargo run --release -p inkgate --example gallery -- FOLDER [COUNT] [SEED BYTE]
//!
//! Each gets a folder of numbered files and `labels.tsv` (file name, tab, answer). `strip` has the pictures that the
//! README shows.

use std::error::Error;
use std::fs;
use std::path::Path;

use inkgate::{Pen, Seed, Style, Styles, View, encode};

/// Which pictures make the strip: the name of a file, a style, whether for a dark page, and a seed's number.
const STRIP: [(&str, &str, bool, u32); 8] = [
    ("ink-0", "ink", false, 2),
    ("ink-1", "ink", true, 19),
    ("ink-2", "ink", false, 0),
    ("woodcut", "woodcut", true, 5),
    ("arch", "arch", false, 1),
    ("legible", "legible", false, 8),
    ("newpage", "newpage", false, 9),
    ("member", "member", false, 0),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words
        .next()
        .ok_or("usage: gallery FOLDER [COUNT] [SEED BYTE]")?;
    let count = words.next().map_or(Ok(24), |text| text.parse())?;
    let seed = Seed::from_bytes([words.next().map_or(Ok(1), |text| text.parse())?; 32]);
    let folder = Path::new(&folder);
    let styles = Styles::standard();
    for style in styles.iter() {
        for [width, height] in style.sizes() {
            let style = style.sized(width, height)?;
            for (suffix, view) in views() {
                let name = format!("{}-{width}x{height}{suffix}", style.name);
                draw(&style, view, &seed, count, &folder.join(name))?;
            }
        }
    }
    for style in parts(&Style::default()) {
        let name = format!("ink-{:?}-{:?}", style.layouts[0], style.grounds[0]).to_lowercase();
        draw(&style, View::default(), &seed, count, &folder.join(name))?;
    }
    strip(&styles, &folder.join("strip"))
}

fn views() -> [(&'static str, View); 3] {
    let plain = View::default();
    [
        ("", plain),
        ("@2x", View { scale: 2, ..plain }),
        (
            ".dark",
            View {
                dark: true,
                ..plain
            },
        ),
    ]
}

/// The style with each of its layouts on each of its grounds.
fn parts(style: &Style) -> impl Iterator<Item = Style> {
    style.layouts.iter().flat_map(move |&layout| {
        let on = move |&ground| Style {
            layouts: vec![layout],
            grounds: vec![ground],
            ..style.clone()
        };
        style.grounds.iter().map(on)
    })
}

fn draw(
    style: &Style,
    view: View,
    seed: &Seed,
    count: u32,
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut pen = Pen::new();
    let mut labels = String::new();
    for index in 0..count {
        let seed = seed.nth(index);
        let answer = style.choose_from(&seed)?;
        let raster = pen.draw(&answer, style, &seed, view)?;
        let file = format!("{index:04}.png");
        fs::write(folder.join(&file), encode::png::to_vec(raster))?;
        labels.push_str(&format!("{file}\t{}\n", answer.reveal()));
    }
    fs::write(folder.join("labels.tsv"), labels)?;
    Ok(())
}

fn strip(styles: &Styles, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for (file, style, dark, number) in STRIP {
        let style = styles.get(style).ok_or("no such style")?;
        let smallest = style.sizes().last().ok_or("a style has a size")?;
        let style = style.sized(smallest[0], smallest[1])?;
        let seed = Seed::from_bytes([44; 32]).nth(number);
        let answer = style.choose_from(&seed)?;
        // Dots look best as they are.
        let scale = if style.noises.is_empty() { 2 } else { 1 };
        let mut pen = Pen::new();
        let raster = pen.draw(&answer, &style, &seed, View { scale, dark })?;
        fs::write(
            folder.join(format!("{file}.png")),
            encode::png::to_vec(raster),
        )?;
    }
    Ok(())
}
