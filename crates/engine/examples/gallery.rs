//! Draws pictures of every style into a folder, with what they say.
//!
//!     cargo run --release -p inkgate --example gallery -- FOLDER [COUNT] [SEED BYTE]
//!
//! Each style gets a folder of numbered files and `labels.tsv` (file name, tab, answer).

use std::error::Error;
use std::fs;
use std::path::Path;

use inkgate::{Pen, Seed, Style, Styles, View, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words
        .next()
        .ok_or("usage: gallery FOLDER [COUNT] [SEED BYTE]")?;
    let count = words.next().map_or(Ok(24), |text| text.parse())?;
    let seed = Seed::from_bytes([words.next().map_or(Ok(1), |text| text.parse())?; 32]);
    for style in Styles::standard().iter() {
        for [width, height] in style.sizes() {
            let style = style.sized(width, height)?;
            let name = format!("{}-{width}x{height}", style.name);
            for (suffix, view) in views() {
                let folder = Path::new(&folder).join(format!("{name}{suffix}"));
                draw(&style, view, &seed, count, &folder)?;
            }
        }
    }
    Ok(())
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
