use std::time::Duration;

use inkgate::{Pen, Seed, Style, Styles, View, encode::Format, encode::png};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

use super::print;
use crate::args::Speed;

/// Pictures drawn between two looks at the clock, which costs as much as a step of a picture.
const BATCH: usize = 16;

pub(crate) fn run(args: &Speed) -> anyhow::Result<()> {
    let styles = Styles::standard();
    let wanted = |style: &&Style| args.style.as_ref().is_none_or(|name| *name == style.name);
    let time = Duration::from_secs_f64(args.seconds);
    let mut rows = Vec::new();
    for style in styles.iter().filter(wanted) {
        for [width, height] in style.sizes() {
            let style = style.sized(width, height)?;
            let mut bench = Bench::new(&style);
            bench.draw_for(time / 10)?;
            let measured = bench.draw_for(time)?;
            let (rate, bytes) = (measured.rate(), measured.bytes / measured.pictures);
            if args.json {
                rows.push(json!({
                    "style": style.name,
                    "width": width,
                    "height": height,
                    "format": Format::Png.extension(),
                    "pictures_per_second": rate.round(),
                    "microseconds": (1e8 / rate).round() / 100.0,
                    "bytes": bytes,
                }));
            } else {
                print(&format!(
                    "{}\t{width}x{height}\t{rate:.0}\t{bytes}\n",
                    style.name
                ))?;
            }
        }
    }
    if args.json {
        let all = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "seconds": args.seconds,
            "rows": rows,
        });
        print(&format!("{all:#}\n"))?;
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
    time: Duration,
}

impl Measured {
    /// Pictures a second.
    fn rate(&self) -> f64 {
        self.pictures as f64 / self.time.as_secs_f64()
    }
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
        let start = processor_time();
        let mut measured = Measured {
            pictures: 0,
            bytes: 0,
            time: Duration::ZERO,
        };
        while measured.pictures == 0 || measured.time < time {
            for _ in 0..BATCH {
                measured.bytes += self.draw()?;
            }
            measured.pictures += BATCH;
            measured.time = processor_time().saturating_sub(start);
        }
        Ok(measured)
    }

    fn draw(&mut self) -> anyhow::Result<usize> {
        let (answer, seed) = (self.style.choose()?, Seed::random()?);
        let raster = self.pen.draw(&answer, self.style, &seed, View::default())?;
        self.file.clear();
        png::append(raster, &mut self.file);
        Ok(self.file.len())
    }
}

/// How long this process has kept a processor busy: the same whatever else the machine does.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
