use std::time::{Duration, Instant};

use inkgate::{Pen, Seed, Style, Styles, View, encode::png};

use super::print;
use crate::args::Speed;

pub(crate) fn run(args: &Speed) -> anyhow::Result<()> {
    let styles = Styles::standard();
    let wanted = |style: &&Style| args.style.as_ref().is_none_or(|name| *name == style.name);
    let time = Duration::from_secs_f64(args.seconds);
    for style in styles.iter().filter(wanted) {
        for [width, height] in style.sizes() {
            let style = style.sized(width, height)?;
            let mut bench = Bench::new(&style);
            bench.draw_for(time / 10)?;
            let Measured {
                pictures,
                bytes,
                seconds,
            } = bench.draw_for(time)?;
            let (rate, size) = (pictures as f64 / seconds, bytes / pictures);
            print(&format!(
                "{}\t{width}x{height}\t{rate:.0}\t{size}\n",
                style.name
            ))?;
        }
    }
    Ok(())
}

struct Bench<'a> {
    style: &'a Style,
    pen: Pen,
    file: Vec<u8>,
}

struct Measured {
    pictures: usize,
    bytes: usize,
    seconds: f64,
}

impl<'a> Bench<'a> {
    fn new(style: &'a Style) -> Self {
        Self {
            style,
            pen: Pen::new(),
            file: Vec::new(),
        }
    }

    /// Draws as a server does: a fresh answer and seed for each picture, which is encoded.
    fn draw_for(&mut self, time: Duration) -> anyhow::Result<Measured> {
        let start = Instant::now();
        let (mut pictures, mut bytes) = (0, 0);
        while pictures == 0 || start.elapsed() < time {
            bytes += self.draw()?;
            pictures += 1;
        }
        Ok(Measured {
            pictures,
            bytes,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    fn draw(&mut self) -> anyhow::Result<usize> {
        let (answer, seed) = (self.style.choose()?, Seed::random()?);
        let raster = self.pen.draw(&answer, self.style, &seed, View::default())?;
        self.file.clear();
        png::encode(raster, &mut self.file)?;
        Ok(self.file.len())
    }
}
