//! Runs a step of many pictures, for a program that counts instructions: `scripts/instructions`.
//!
//!     steps STEP STYLE WIDTH HEIGHT COUNT
//!
//! Each step includes those before it: `choose`, `lay-out`, `draw`, `encode`.

use std::error::Error;
use std::hint::black_box;

use inkgate::{Pen, Scene, Seed, Style, Styles, View, encode::png};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let [step, name, width, height, count] = words.as_slice() else {
        return Err("usage: steps STEP STYLE WIDTH HEIGHT COUNT".into());
    };
    let styles = Styles::standard();
    let style = styles.get(name).ok_or("no such style")?;
    let style = style.sized(width.parse()?, height.parse()?)?;
    let mut bench = Bench {
        style,
        pen: Pen::new(),
        scene: Scene::default(),
        file: Vec::new(),
    };
    // Scratch has its size after a few pictures.
    for number in 0..20 {
        bench.run("encode", number)?;
        bench.run("lay-out", number)?;
    }
    for number in 0..count.parse()? {
        bench.run(step, number)?;
    }
    Ok(())
}

struct Bench {
    style: Style,
    pen: Pen,
    scene: Scene,
    file: Vec<u8>,
}

impl Bench {
    fn run(&mut self, step: &str, number: u32) -> Result<(), Box<dyn Error>> {
        let seed = Seed::from_bytes([9; 32]).nth(number);
        let answer = black_box(self.style.choose_from(&seed)?);
        let view = View::default();
        match step {
            "choose" => (),
            "lay-out" => {
                let mut rng = seed.rng();
                self.scene.lay_out(&answer, &self.style, view, &mut rng)?;
                black_box(&self.scene);
            }
            "draw" => {
                black_box(self.pen.draw(&answer, &self.style, &seed, view)?);
            }
            "encode" => {
                let raster = self.pen.draw(&answer, &self.style, &seed, view)?;
                self.file.clear();
                png::append(raster, &mut self.file);
                black_box(&self.file);
            }
            _ => return Err("a step is choose, lay-out, draw or encode".into()),
        }
        Ok(())
    }
}
