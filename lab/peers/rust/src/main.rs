//! Pictures per second of peers that are written in Rust, in the form of `inkgate speed`.
//!
//!     inkgate-peers FONT SECONDS
//!
//! name<TAB>WxH<TAB>pictures_per_second<TAB>bytes. Seconds of this process's own CPU time, after a warm-up, the median
//! of seven runs.

use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

mod floor;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let usage = "usage: inkgate-peers FONT SECONDS";
    let font = std::fs::read(words.next().ok_or(usage)?)?;
    let seconds: f64 = words.next().ok_or(usage)?.parse()?;

    let mut floor = floor::Floor::new(&font).ok_or("the floor needs another font")?;
    report("floor", seconds, || black_box(floor.draw()).len());

    let fonts = vec![captcha_a::Font::try_from_vec(font).ok_or("captcha-a needs another font")?];
    let builder = captcha_a::CaptchaBuilder {
        width: 200,
        height: 100,
        length: 5,
        fonts: &fonts,
        ..Default::default()
    };
    report("captcha-a", seconds, || {
        builder
            .build()
            .map_or(0, |captcha| black_box(captcha.raw_data).len())
    });
    Ok(())
}

fn report(name: &str, seconds: f64, mut draw: impl FnMut() -> usize) {
    measure(0.3, &mut draw);
    let mut runs: Vec<_> = (0..7).map(|_| measure(seconds / 7.0, &mut draw)).collect();
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (rate, bytes) = runs[3];
    println!("{name}\t200x100\t{rate:.0}\t{bytes}");
}

fn measure(seconds: f64, draw: &mut impl FnMut() -> usize) -> (f64, usize) {
    let (begun, mut drawn, mut bytes) = (cpu(), 0, 0);
    while drawn == 0 || cpu() - begun < seconds {
        for _ in 0..16 {
            bytes += draw();
            drawn += 1;
        }
    }
    (drawn as f64 / (cpu() - begun), bytes / drawn)
}

/// Seconds of CPU time that this process has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
