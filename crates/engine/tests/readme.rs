//! The README's example, compiled and run.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

// example
use inkgate::{Pen, Seed, Style, View, encode};

fn draw() -> Result<Vec<u8>, inkgate::Error> {
    let style = Style::default();
    let answer = style.choose()?;
    let mut pen = Pen::new();
    let raster = pen.draw(&answer, &style, &Seed::random()?, View::default())?;
    let file = encode::png::to_vec(raster);
    // end
    Ok(file)
}

#[test]
fn the_readmes_example_draws_a_picture() {
    assert!(draw().unwrap().starts_with(b"\x89PNG"));
    let between = |text: &str, first: &str, last: &str| -> Vec<String> {
        let (_, rest) = text.split_once(first).unwrap();
        let (part, _) = rest.split_once(last).unwrap();
        let lines = part.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    };
    let told = between(include_str!("../../../README.md"), "```rust", "```");
    let mut run = between(include_str!("readme.rs"), "// example", "// end");
    run.retain(|line| !line.starts_with("fn "));
    assert_eq!(told, run);
}
