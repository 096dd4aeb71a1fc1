//! What a picture takes from the allocator: its own bytes, and nothing else.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use allocation_counter::measure;
use inkgate::{Answer, Pen, Seed, Style, Styles, View, encode::png};

/// The second time round, so that all scratch has its size. Whether it has is no matter of chance: the pictures are
/// the same ones.
#[test]
fn a_picture_takes_one_buffer_from_the_allocator() {
    for style in Styles::standard().iter() {
        for [width, height] in style.sizes() {
            let style = style.sized(width, height).unwrap();
            let pictures: Vec<_> = (0..30).map(|number| picture(&style, number)).collect();
            let mut pen = Pen::new();
            let mut kept = Vec::new();
            for round in 0..2 {
                for (answer, seed) in &pictures {
                    for view in views() {
                        let drawn = measure(|| {
                            let raster = pen.draw(answer, &style, seed, view).unwrap();
                            kept.clear();
                            png::append(raster, &mut kept);
                        });
                        let raster = pen.draw(answer, &style, seed, view).unwrap();
                        let encoded = measure(|| drop(png::to_vec(raster)));
                        assert_eq!(encoded.count_total, 1, "{} {view:?}", style.name);
                        assert!(
                            round == 0 || drawn.count_total == 0,
                            "{} {view:?}: {drawn:?}",
                            style.name
                        );
                    }
                }
            }
        }
    }
}

fn picture(style: &Style, number: u32) -> (Answer, Seed) {
    let seed = Seed::from_bytes([5; 32]).nth(number);
    (style.choose_from(&seed).unwrap(), seed)
}

fn views() -> [View; 2] {
    [(1, false), (2, true)].map(|(scale, dark)| View { scale, dark })
}
