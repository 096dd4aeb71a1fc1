//! What each step of a picture costs: `cargo bench -p inkgate`.
//!
//! Every iteration draws another picture, so that no branch is learnt by heart.

use divan::Bencher;
use inkgate::{Answer, Pen, Scene, Seed, Style, Styles, View, encode};

/// A name and a size, as `inkgate speed` lists them.
const PICTURES: [(&str, u32, u32); 6] = [
    ("ink", 200, 100),
    ("ink", 300, 170),
    ("woodcut", 200, 100),
    ("legible", 200, 100),
    ("newpage", 200, 100),
    ("member", 60, 30),
];

fn main() {
    divan::main();
}

/// A style and a thousand pictures to draw in it.
struct Work {
    style: Style,
    pictures: Vec<(Answer, Seed)>,
}

impl Work {
    fn new((name, width, height): (&str, u32, u32)) -> Self {
        let styles = Styles::standard();
        let style = styles
            .get(name)
            .expect("a standard style")
            .sized(width, height)
            .expect("a size in bounds");
        let seeds = (0..1_000).map(|number| Seed::from_bytes([9; 32]).nth(number));
        let picture = |seed| {
            (
                style
                    .choose_from(&seed)
                    .expect("an answer of the style's own length"),
                seed,
            )
        };
        Self {
            pictures: seeds.map(picture).collect(),
            style,
        }
    }

    /// Runs `step` on one picture after the other.
    fn each(&self, bencher: Bencher, mut step: impl FnMut(&Answer, &Style, &Seed)) {
        let mut pictures = self.pictures.iter().cycle();
        bencher.bench_local(|| {
            if let Some((answer, seed)) = pictures.next() {
                step(answer, &self.style, seed);
            }
        });
    }
}

#[divan::bench(args = PICTURES, sample_count = 1_000)]
fn answer_and_seed(bencher: Bencher, picture: (&str, u32, u32)) {
    let style = Work::new(picture).style;
    bencher.bench_local(|| (style.choose(), Seed::random()));
}

#[divan::bench(args = PICTURES, sample_count = 1_000)]
fn lay_out(bencher: Bencher, picture: (&str, u32, u32)) {
    let mut scene = Scene::default();
    Work::new(picture).each(bencher, |answer, style, seed| {
        scene
            .lay_out(answer, style, View::default(), &mut seed.rng())
            .expect("a text that fits");
    });
}

#[divan::bench(args = PICTURES, sample_count = 1_000)]
fn draw(bencher: Bencher, picture: (&str, u32, u32)) {
    let mut pen = Pen::new();
    Work::new(picture).each(bencher, |answer, style, seed| {
        divan::black_box(
            pen.draw(answer, style, seed, View::default())
                .expect("a text that fits"),
        );
    });
}

/// The same without what is done to single pixels.
#[divan::bench(args = PICTURES, sample_count = 1_000)]
fn draw_without_noise(bencher: Bencher, picture: (&str, u32, u32)) {
    let mut pen = Pen::new();
    let mut work = Work::new(picture);
    work.style.noises.clear();
    work.each(bencher, |answer, style, seed| {
        divan::black_box(
            pen.draw(answer, style, seed, View::default())
                .expect("a text that fits"),
        );
    });
}

#[divan::bench(args = PICTURES, sample_count = 1_000)]
fn encode(bencher: Bencher, picture: (&str, u32, u32)) {
    let work = Work::new(picture);
    let mut pen = Pen::new();
    let drawn = |(answer, seed): &(Answer, Seed)| {
        pen.draw(answer, &work.style, seed, View::default())
            .expect("a text that fits")
            .clone()
    };
    let rasters: Vec<_> = work.pictures.iter().take(200).map(drawn).collect();
    let mut rasters = rasters.iter().cycle();
    let mut file = Vec::new();
    bencher.bench_local(|| {
        if let Some(raster) = rasters.next() {
            file.clear();
            encode::png::append(raster, &mut file);
        }
    });
}

#[divan::bench(args = PICTURES, sample_count = 1_000)]
fn draw_and_encode(bencher: Bencher, picture: (&str, u32, u32)) {
    let mut pen = Pen::new();
    Work::new(picture).each(bencher, |answer, style, seed| {
        let raster = pen
            .draw(answer, style, seed, View::default())
            .expect("a text that fits");
        divan::black_box(encode::png::to_vec(raster));
    });
}
