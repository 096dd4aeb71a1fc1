//! What can be relied on of every picture.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::HashSet;
use std::sync::Arc;

use inkgate::{
    Answer, Colours, Error, Font, Ground, Layout, Noise, Pen, Scene, Seed, Style, Styles, View,
    contrast, encode, noise::Speckle,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const RUBIK: &[u8] = include_bytes!("../fonts/rubik/rubik-700.ttf");

/// SHA-256 of five files.
const DIGESTS: [&str; 5] = [
    "6284ec86b34bc31d052d359ee36d57fdb1a148fc9e5854045ba7de1bcd7b4696",
    "52abc2fff2118b556efe47de242ea5361fd887cac6b74c57423ccceb5a842964",
    "384ba59ab65dfa25bb8203eaa02ce3271641b246fc75e4110bbb9f1d7f85b9a1",
    "debf62edcb8c8564d3833fde4c36132e0c02d128f2c7dc28ae96e80f59f32064",
    "6fbda69031bf7e604029cb375d01d3d08589d35e055d11ffac483d4bb7d6f443",
];

fn seed(number: u32) -> Seed {
    Seed::from_bytes([1; 32]).nth(number)
}

fn file(pen: &mut Pen, answer: &Answer, style: &Style, seed: &Seed, view: View) -> Vec<u8> {
    encode::png::to_vec(pen.draw(answer, style, seed, view).unwrap())
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Debug and release builds, and every processor, must find these digests.
#[test]
fn the_same_answer_style_and_seed_give_these_very_bytes() {
    let plain = View::default();
    let pictures = [
        ("ink", [300, 170], "AC29E", plain),
        ("ink", [200, 100], "AC29E", plain),
        (
            "ink",
            [300, 170],
            "AC29E",
            View {
                scale: 2,
                dark: true,
            },
        ),
        ("newpage", [200, 100], "aB3x", plain),
        ("member", [60, 30], "09AF5", plain),
    ];
    let styles = Styles::standard();
    let drawn = pictures.map(|(name, [width, height], text, view)| {
        let style = styles.get(name).unwrap().sized(width, height).unwrap();
        let answer = Answer::new(text).unwrap();
        digest(&file(&mut Pen::new(), &answer, &style, &seed(0), view))
    });
    assert_eq!(drawn, DIGESTS);
}

#[test]
fn a_pen_that_has_drawn_draws_as_a_new_one() {
    let styles = Styles::standard();
    let mut used = Pen::new();
    for number in 0..60 {
        let style = styles
            .iter()
            .nth(number as usize % styles.iter().count())
            .unwrap();
        let answer = style.choose_from(&seed(number)).unwrap();
        let draw = |pen: &mut Pen| file(pen, &answer, style, &seed(number), View::default());
        assert_eq!(draw(&mut used), draw(&mut Pen::new()));
    }
}

/// CAP-12
#[test]
fn no_two_of_2000_pictures_are_alike() {
    let mut pen = Pen::new();
    for style in Styles::standard().iter() {
        let draw = |number| {
            let answer = style.choose_from(&seed(number)).unwrap();
            digest(&file(
                &mut pen,
                &answer,
                style,
                &seed(number),
                View::default(),
            ))
        };
        let distinct: HashSet<_> = (0..2_000).map(draw).collect();
        assert_eq!(distinct.len(), 2_000, "{}", style.name);
    }
}

/// CAP-12
#[test]
fn one_answer_drawn_1000_times_gives_1000_pictures_far_apart() {
    let styles = Styles::standard();
    let mut pen = Pen::new();
    for (name, text, floor) in [
        ("ink", "AC29E", 0.4),
        ("newpage", "aB3x", 0.4),
        ("member", "09AF5", 0.04),
    ] {
        let style = styles.get(name).unwrap();
        let answer = Answer::new(text).unwrap();
        let mut draw = |number| {
            let raster = pen
                .draw(&answer, style, &seed(number), View::default())
                .unwrap();
            (digest(&encode::png::to_vec(raster)), colours(raster))
        };
        let (mut digests, mut last) = (HashSet::new(), Vec::new());
        let mut differing = 0;
        for number in 0..1_000 {
            let (digest, pixels) = draw(number);
            differing += pixels.iter().zip(&last).filter(|(a, b)| a != b).count();
            digests.insert(digest);
            last = pixels;
        }
        let share = differing as f32 / (999.0 * last.len() as f32);
        assert_eq!(digests.len(), 1_000);
        assert!(
            share > floor,
            "{name}: neighbours differ in {share} of their pixels"
        );
    }
}

fn colours(raster: &inkgate::Raster) -> Vec<[u8; 3]> {
    raster
        .pixels()
        .iter()
        .map(|&index| raster.palette()[usize::from(index)])
        .collect()
}

/// C-63
#[test]
fn every_newpage_glyph_stands_out_from_its_ground() {
    let styles = Styles::standard();
    let style = styles.get("newpage").unwrap();
    let mut scene = Scene::default();
    for number in 0..1_500 {
        let answer = style.choose_from(&seed(number)).unwrap();
        scene
            .lay_out(&answer, style, View::default(), &mut seed(number).rng())
            .unwrap();
        assert_eq!(scene.layers.len(), 4);
        for layer in &scene.layers {
            let ink = scene.palette[usize::from(layer.first + layer.levels - 2)];
            let ratio = contrast(scene.palette[0], ink);
            assert!(ratio >= 3.0, "picture {number}: {ratio}");
        }
    }
}

#[test]
fn an_ink_picture_is_two_colours_7_to_1_apart_and_the_steps_between() {
    let mut pen = Pen::new();
    let style = Style::default();
    for number in 0..500 {
        let answer = style.choose_from(&seed(number)).unwrap();
        for dark in [false, true] {
            let raster = pen
                .draw(&answer, &style, &seed(number), View { scale: 1, dark })
                .unwrap();
            let palette = raster.palette();
            assert!(contrast(palette[0], palette[palette.len() - 1]) >= 7.0);
            assert_eq!(palette.len(), 8);
        }
    }
}

#[test]
fn the_views_show_one_scene() {
    let mut pen = Pen::new();
    let style = Style::default();
    let answer = Answer::new("AC29E").unwrap();
    let mut draw = |scale, dark| {
        pen.draw(&answer, &style, &seed(3), View { scale, dark })
            .unwrap()
            .clone()
    };
    let (light, dark, large) = (draw(1, false), draw(1, true), draw(2, false));
    assert_eq!(light.pixels(), dark.pixels());
    assert_ne!(light.palette(), dark.palette());
    assert_eq!(light.palette(), large.palette());
    assert_eq!((large.width(), large.height()), (600, 340));
    let (small, large) = (light.pixels(), large.pixels());
    let full = |index: u8| [0, 7].contains(&index);
    let same = (0..170 * 300).filter(|at| {
        let (x, y) = (at % 300, at / 300);
        let corners = [(0, 0), (1, 0), (0, 1), (1, 1)]
            .map(|(right, down)| large[(2 * y + down) * 600 + 2 * x + right]);
        !full(small[*at]) || corners.iter().all(|&corner| corner == small[*at])
    });
    assert!(same.count() > 170 * 300 * 97 / 100);
}

#[test]
fn the_member_picture_is_red_on_white_from_the_tutorials_corner() {
    let styles = Styles::standard();
    let style = styles.get("member").unwrap();
    let mut pen = Pen::new();
    for number in 0..300 {
        let answer = style.choose_from(&seed(number)).unwrap();
        let raster = pen
            .draw(&answer, style, &seed(number), View::default())
            .unwrap();
        assert_eq!((raster.width(), raster.height()), (60, 30));
        assert_eq!(raster.palette()[0], [255, 255, 255]);
        assert_eq!(raster.palette().last(), Some(&[255, 0, 0]));
        let pixels = raster.pixels();
        let inked = pixels
            .iter()
            .enumerate()
            .filter(|(_, index)| **index != 0)
            .map(|(at, _)| at % 60);
        let (left, right) = inked.fold((60, 0), |(left, right), x| (x.min(left), x.max(right)));
        assert!(
            (4..=8).contains(&left) && (40..60).contains(&right),
            "{left} to {right}"
        );
    }
}

#[test]
fn one_to_twelve_characters_are_drawn_and_more_are_refused_by_name() {
    let mut pen = Pen::new();
    for style in Styles::standard().iter() {
        for length in 1..=12 {
            let answer = Answer::new("ACDEHRTUX234".get(..length).unwrap()).unwrap();
            pen.draw(&answer, style, &seed(1), View::default()).unwrap();
        }
        let long = Answer::new("ACDEHRTUX234Z").unwrap();
        assert!(matches!(
            pen.draw(&long, style, &seed(1), View::default()),
            Err(Error::NoRoom('Z'))
        ));
    }
}

#[test]
fn a_character_that_no_face_has_is_named() {
    let mut pen = Pen::new();
    for style in Styles::standard().iter() {
        let answer = Answer::new("A汉B").unwrap();
        let refused = pen.draw(&answer, style, &seed(1), View::default());
        assert!(matches!(refused, Err(Error::MissingGlyph('汉'))));
        let answer = Answer::new("AB").unwrap();
        pen.draw(&answer, style, &seed(1), View::default()).unwrap();
    }
}

#[test]
fn lower_case_is_drawn_as_capitals_where_the_style_is() {
    let styles = Styles::standard();
    let draw = |name, text| {
        let answer = Answer::new(text).unwrap();
        file(
            &mut Pen::new(),
            &answer,
            styles.get(name).unwrap(),
            &seed(2),
            View::default(),
        )
    };
    assert_eq!(draw("ink", "acde"), draw("ink", "ACDE"));
    assert_ne!(draw("newpage", "acde"), draw("newpage", "ACDE"));
}

/// CAP-27
#[test]
fn a_canvas_out_of_bounds_is_refused_before_anything_is_drawn() {
    let mut pen = Pen::new();
    let answer = Answer::new("A").unwrap();
    for (width, height) in [(0, 0), (15, 16), (1025, 16), (u32::MAX, u32::MAX)] {
        let style = Style {
            width,
            height,
            ..Style::default()
        };
        let refused = pen.draw(&answer, &style, &seed(1), View::default());
        assert!(matches!(refused, Err(Error::Size(..))));
    }
}

fn any_style() -> impl Strategy<Value = Style> {
    let layouts = prop::sample::select(vec![
        Layout::TopHeavy,
        Layout::BottomHeavy,
        Layout::Vault,
        Layout::Bowl,
        Layout::Stair,
        Layout::Swing,
        Layout::Arch,
        Layout::Steps,
        Layout::Text {
            x: 0.2,
            y: 0.2,
            size: 0.6,
        },
    ]);
    let grounds = prop::sample::select(vec![
        Ground::Circles,
        Ground::Leaves,
        Ground::Polygons,
        Ground::Pebbles,
        Ground::Bands,
        Ground::Rings,
        Ground::Rays,
    ]);
    let colours = prop::sample::select(vec![
        Colours::Pair,
        Colours::Scatter,
        Colours::Fixed {
            paper: [0; 3],
            ink: [9, 99, 250],
        },
    ]);
    (
        layouts,
        grounds,
        colours,
        16u32..=200,
        16u32..=200,
        0u32..6,
        any::<[f32; 4]>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                layout,
                ground,
                colours,
                width,
                height,
                strokes,
                [turn, shear, stretch, stroke_width],
                speckled,
            )| Style {
                layouts: vec![layout],
                grounds: vec![ground],
                colours,
                width,
                height,
                strokes,
                turn,
                shear,
                stretch,
                stroke_width,
                noises: if speckled {
                    vec![Noise::Speckle(Speckle { points: 500 })]
                } else {
                    vec![]
                },
                ..Style::default()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_asked_for_makes_drawing_panic(
        text in "\\PC{1,16}|[A-Z0-9]{1,12}",
        bytes: [u8; 32],
        style in any_style(),
        scale: u8,
        dark: bool,
    ) {
        let mut pen = Pen::new();
        if let Ok(answer) = Answer::new(text)
            && let Ok(raster) = pen.draw(&answer, &style, &Seed::from_bytes(bytes), View { scale, dark })
        {
            prop_assert!(raster.pixels().iter().all(|&index| usize::from(index) < raster.palette().len()));
            prop_assert!(encode::png::to_vec(raster).len() > 50);
        }
    }

    #[test]
    fn a_damaged_font_is_refused_or_drawn(
        cut in 0..=RUBIK.len(),
        flips in prop::collection::vec((0..RUBIK.len(), any::<u8>()), 0..24),
        bytes: [u8; 32],
    ) {
        let mut damaged = RUBIK.to_vec();
        for (at, value) in flips {
            damaged[at] = value;
        }
        // Half of them keep their length, so that what is inside is reached.
        damaged.truncate(if bytes[0] % 2 == 0 { cut } else { RUBIK.len() });
        if let Ok(font) = Font::parse(damaged) {
            let styles = Styles::standard();
            for style in styles.iter() {
                let style = Style { faces: vec![Arc::new(font.clone())], ..style.clone() };
                let answer = style.choose_from(&Seed::from_bytes(bytes)).unwrap();
                let _ = Pen::new().draw(&answer, &style, &Seed::from_bytes(bytes), View::default());
            }
        }
    }
}
