//! Prints the SHA-256 of every style, size, view and format, a few pictures each: what two builds must agree on.
//!
//!     cargo run -p inkgate --example digests
//!
//! A line a picture: style, size, scale, `light` or `dark`, format, number, digest.

use std::error::Error;
use std::io::{Write, stdout};

use inkgate::{Pen, Seed, Styles, View, encode::Format};
use sha2::{Digest, Sha256};

/// Pictures of each kind.
const COUNT: u32 = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut pen = Pen::new();
    let mut out = stdout().lock();
    for style in Styles::standard().iter() {
        for [width, height] in style.sizes() {
            let style = style.sized(width, height)?;
            for number in 0..COUNT {
                let seed = Seed::from_bytes([8; 32]).nth(number);
                let answer = style.choose_from(&seed)?;
                for (scale, dark) in [(1, false), (1, true), (2, false), (2, true)] {
                    let raster = pen.draw(&answer, &style, &seed, View { scale, dark })?;
                    for format in Format::ALL {
                        let digest = Sha256::digest(format.to_vec(raster));
                        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                        let ground = if dark { "dark" } else { "light" };
                        let (name, extension) = (&style.name, format.extension());
                        writeln!(
                            out,
                            "{name}\t{width}x{height}\t{scale}\t{ground}\t{extension}\t{number}\t{hex}"
                        )?;
                    }
                }
            }
        }
    }
    Ok(())
}
