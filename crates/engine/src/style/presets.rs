//! The styles that come with Inkgate.

use std::sync::{Arc, LazyLock};

use super::{Colours, Style, strength};
use crate::ground::Ground;
use crate::layout::{Layout, Spacing};
use crate::noise::{Noise, Speckle};
use crate::warp::{Warp, Wave};
use crate::{Alphabet, Font, Matching};

/// Rows that reach into one another.
const HUDDLE: Spacing = Spacing {
    pitch: 0.72,
    stagger: 0.14,
    jitter: 0.04,
};

macro_rules! face {
    ($file:literal) => {
        include_bytes!(concat!("../../fonts/", $file)).as_slice()
    };
}

/// Parsed once, whoever asks.
static INK_FACES: LazyLock<Vec<Arc<Font>>> = LazyLock::new(|| {
    faces(&[
        face!("archivo/archivo-800.ttf"),
        face!("atkinson-hyperlegible-next/atkinson-hyperlegible-next-800.ttf"),
        face!("barlow/barlow-800.ttf"),
        face!("fredoka/fredoka-600.ttf"),
        face!("jost/jost-800.ttf"),
        face!("lexend/lexend-800.ttf"),
        face!("nunito/nunito-900.ttf"),
        face!("overpass/overpass-900.ttf"),
        face!("public-sans/public-sans-800.ttf"),
        face!("rubik/rubik-700.ttf"),
    ])
});
static NEWPAGE_FACES: LazyLock<Vec<Arc<Font>>> =
    LazyLock::new(|| faces(&[face!("libre-franklin/libre-franklin-700.ttf")]));
static MEMBER_FACES: LazyLock<Vec<Arc<Font>>> =
    LazyLock::new(|| faces(&[face!("kavivanar/kavivanar-400.ttf")]));

pub(super) fn all() -> Vec<Style> {
    vec![ink(), woodcut(), arch(), legible(), newpage(), member()]
}

impl Default for Style {
    /// `ink`.
    fn default() -> Self {
        ink()
    }
}

/// Glyphs over bands, rings or rays as one even-odd path in two colours.
///
/// The lines are hardly wider than stems, so each glyph falls into pieces of both colours, while an eye follows the
/// calm lines of the ground and sees past them. Every edge of a line wanders in its own way, so no few numbers tell a
/// program where the ground is; glyphs lean and their rows reach into one another, so no cut parts them
/// (docs/strength.md). The symbols are those that people do not mistake for one another under it. What a few people type
/// instead is folded to what was drawn.
fn ink() -> Style {
    Style {
        layouts: vec![
            Layout::TopHeavy,
            Layout::BottomHeavy,
            Layout::Vault,
            Layout::Bowl,
        ],
        grounds: vec![Ground::Bands, Ground::Rings, Ground::Rays],
        spacing: HUDDLE,
        turn: 0.4,
        ..folded("ink")
    }
}

/// Bands alone, for who likes the look of a woodcut. Whoever finds a way to take bands back has one ground to write for
/// in place of three.
fn woodcut() -> Style {
    Style {
        layouts: vec![Layout::TopHeavy, Layout::BottomHeavy],
        grounds: vec![Ground::Bands],
        spacing: HUDDLE,
        turn: 0.4,
        ..folded("woodcut")
    }
}

/// One line, for sites whose visitors expect one, bent to an arch before rings or rays. Its glyphs are smaller, so they
/// are bent less.
fn arch() -> Style {
    Style {
        layouts: vec![Layout::Arch],
        grounds: vec![Ground::Rings, Ground::Rays],
        turn: 0.08,
        shear: 0.0,
        warps: vec![wave(1.5)],
        ..folded("arch")
    }
}

/// Few large shapes and little bending: for people who ask for an easier picture. Solvers read it better too.
fn legible() -> Style {
    Style {
        layouts: vec![Layout::TopHeavy, Layout::BottomHeavy, Layout::Stair],
        grounds: vec![
            Ground::Circles,
            Ground::Leaves,
            Ground::Polygons,
            Ground::Pebbles,
        ],
        shapes: 4,
        weak: true,
        turn: 0.12,
        warps: vec![wave(2.0)],
        ..folded("legible")
    }
}

/// What the even-odd styles share.
fn folded(name: &str) -> Style {
    Style {
        further_sizes: vec![[200, 100]],
        faces: INK_FACES.clone(),
        turn: 0.24,
        shear: 0.12,
        stretch: 0.08,
        warps: vec![wave(2.5)],
        ..bare(
            name,
            alphabet("ACDENRTU239", "NHWMKX EF RP 2Z UVJ CG TY"),
            [300, 170],
        )
    }
}

fn wave(amplitude: f32) -> Warp {
    Warp::Wave(Wave {
        amplitude,
        shortest: 56.0,
        longest: 105.0,
    })
}

/// The picture of the tutorial that the newpage site began as: four characters, each in a colour of its own, under
/// ten thousand points.
fn newpage() -> Style {
    let symbols = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    Style {
        length: 4,
        upper_case: false,
        weak: true,
        faces: NEWPAGE_FACES.clone(),
        layouts: vec![Layout::Steps],
        colours: Colours::Scatter,
        noises: vec![Noise::Speckle(Speckle { points: 10_000 })],
        ..bare("newpage", alphabet(symbols, "0O 1Il"), [200, 100])
    }
}

/// The picture of the tutorial that the member site began as: five red characters on white.
fn member() -> Style {
    Style {
        distinct: true,
        weak: true,
        faces: MEMBER_FACES.clone(),
        layouts: vec![Layout::Text {
            x: 5.0 / 30.0,
            y: 5.0 / 30.0,
            size: 16.0 / 30.0,
        }],
        // A third of a pixel: not to be seen, but the same answer never gives the same picture (CAP-12).
        warps: vec![Warp::Wave(Wave {
            amplitude: 1.9,
            shortest: 110.0,
            longest: 340.0,
        })],
        colours: Colours::Fixed {
            paper: [255, 255, 255],
            ink: [255, 0, 0],
        },
        ..bare("member", alphabet("0123456789ABCDEF", ""), [60, 30])
    }
}

/// Five capitals, and nothing else yet.
fn bare(name: &str, alphabet: Alphabet, [width, height]: [u32; 2]) -> Style {
    Style {
        name: name.to_owned(),
        width,
        height,
        further_sizes: vec![],
        alphabet,
        length: 5,
        distinct: false,
        upper_case: true,
        weak: false,
        strength: strength::published(name),
        faces: vec![],
        layouts: vec![],
        spacing: Spacing::default(),
        turn: 0.0,
        shear: 0.0,
        stretch: 0.0,
        warps: vec![],
        grounds: vec![],
        shapes: 0,
        strokes: 0,
        stroke_width: 0.0,
        colours: Colours::Pair,
        noises: vec![],
    }
}

fn alphabet(symbols: &str, alike: &str) -> Alphabet {
    let matching = Matching::new(alike).expect("the look-alikes of a preset are well formed");
    Alphabet::new(symbols, matching).expect("the symbols of a preset are well formed")
}

fn faces(files: &[&[u8]]) -> Vec<Arc<Font>> {
    let parse =
        |file: &&[u8]| Font::parse(*file).expect("a face that comes with the crate is well formed");
    files.iter().map(|file| Arc::new(parse(file))).collect()
}
