use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use inkgate::{Answer, Colours, Layout, Pen, Raster, Seed, Style, View};

use super::draw::{Series, progress};

/// Pixels between two pictures, and around all of them.
const MARGIN: usize = 28;
/// Width and height of the field under a picture that has its number.
const LABEL: [u32; 2] = [96, 30];
/// Red, green and blue.
const PAPER: u8 = 255;

/// Draws `count` pictures, numbered from 1, onto sheets at `path`, and their answers into a key beside them. What is
/// there already is not touched.
pub(super) fn draw(
    series: &mut Series<'_>,
    count: u32,
    path: &Path,
    per_sheet: u32,
) -> anyhow::Result<()> {
    let paths = paths(path, count.div_ceil(per_sheet));
    let key_path = path.with_extension("key.tsv");
    for path in paths.iter().chain([&key_path]) {
        if path.exists() {
            bail!("{} is there already; give another name", path.display());
        }
    }
    let progress = progress(count)?;
    let mut labels = Labels::new();
    let mut key = format!("# style {}\n", series.style.name);
    for (paths_before, path) in paths.iter().enumerate() {
        let first = paths_before as u32 * per_sheet;
        let on_it = per_sheet.min(count - first);
        let mut sheet = Sheet::new(&series.style, on_it as usize);
        for place in 0..on_it {
            let number = first + place + 1;
            let (raster, answer) = series.draw(number - 1)?;
            sheet.add(place as usize, raster, labels.draw(number)?);
            writeln!(key, "{number}\t{}", answer.reveal())?;
            progress.inc(1);
        }
        sheet.write(path)?;
    }
    progress.finish_and_clear();
    let mut file = File::create_new(&key_path).with_context(|| key_path.display().to_string())?;
    file.write_all(key.as_bytes())
        .with_context(|| key_path.display().to_string())
}

/// `sheet.png`, or as many of `sheet-1.png`, `sheet-2.png` as it takes.
fn paths(path: &Path, sheets: u32) -> Vec<PathBuf> {
    if sheets == 1 {
        return vec![path.to_owned()];
    }
    let numbered = |number: u32| {
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{number}.png"));
        path.with_file_name(name)
    };
    (1..=sheets).map(numbered).collect()
}

/// Draws numbers, plainly.
struct Labels {
    style: Style,
    pen: Pen,
}

impl Labels {
    fn new() -> Self {
        let [width, height] = LABEL;
        let default = Style::default();
        let plain = Style {
            width,
            height,
            faces: default.faces[..1].to_vec(),
            layouts: vec![Layout::Text {
                x: 0.0,
                y: 0.0,
                size: 0.8,
            }],
            colours: Colours::Fixed {
                paper: [PAPER; 3],
                ink: [0; 3],
            },
            warps: vec![],
            grounds: vec![],
            strokes: 0,
            noises: vec![],
            ..default
        };
        Self {
            style: plain,
            pen: Pen::new(),
        }
    }

    fn draw(&mut self, number: u32) -> anyhow::Result<&Raster> {
        let text = Answer::new(number.to_string())?;
        let seed = Seed::from_bytes([0; 32]);
        Ok(self.pen.draw(&text, &self.style, &seed, View::default())?)
    }
}

/// A page of pictures, each over its number.
struct Sheet {
    /// Pictures in a row.
    columns: usize,
    /// From one picture to the next, right and down.
    step: [usize; 2],
    width: usize,
    height: usize,
    /// Red, green and blue of each pixel.
    pixels: Vec<u8>,
}

impl Sheet {
    /// Room for `count` pictures, about as wide as high.
    fn new(style: &Style, count: usize) -> Self {
        let [label_width, label_height] = LABEL.map(|side| side as usize);
        let step = [
            (style.width as usize).max(label_width) + MARGIN,
            style.height as usize + label_height + MARGIN,
        ];
        let height_of = |columns: usize| count.div_ceil(columns) * step[1];
        let columns = (1..count)
            .find(|&columns| columns * step[0] >= height_of(columns))
            .unwrap_or(count);
        let width = columns * step[0] + MARGIN;
        let height = height_of(columns) + MARGIN;
        Self {
            columns,
            step,
            width,
            height,
            pixels: vec![PAPER; width * height * 3],
        }
    }

    fn add(&mut self, place: usize, picture: &Raster, label: &Raster) {
        let left = MARGIN + place % self.columns * self.step[0];
        let top = MARGIN + place / self.columns * self.step[1];
        self.paste(picture, left, top);
        self.paste(label, left, top + picture.height() + 6);
    }

    fn paste(&mut self, raster: &Raster, left: usize, top: usize) {
        let rows = self.pixels.chunks_exact_mut(self.width * 3).skip(top);
        for (row, pixels) in rows.zip(raster.pixels().chunks_exact(raster.width())) {
            let places = row[left * 3..].chunks_exact_mut(3);
            for (place, index) in places.zip(pixels) {
                place.copy_from_slice(&raster.palette()[usize::from(*index)]);
            }
        }
    }

    fn write(&self, path: &Path) -> anyhow::Result<()> {
        self.encode(path)
            .with_context(|| path.display().to_string())
    }

    fn encode(&self, path: &Path) -> anyhow::Result<()> {
        let file = BufWriter::new(File::create_new(path)?);
        let mut png = png::Encoder::new(file, self.width as u32, self.height as u32);
        png.set_color(png::ColorType::Rgb);
        let mut writer = png.write_header()?;
        writer.write_image_data(&self.pixels)?;
        Ok(writer.finish()?)
    }
}
