//! Pictures that were looked at and accepted. `scripts/accept` draws them anew.
//!
//! Decoded pixels are compared, so another encoding of the same picture passes.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use inkgate::{Answer, Ground, Layout, Pen, Seed, Style, Styles, View, encode};

/// One accepted picture.
struct Golden {
    name: String,
    style: Style,
    text: &'static str,
    view: View,
}

#[test]
fn pictures_look_as_accepted() {
    let mut pen = Pen::new();
    let mut changed = Vec::new();
    for Golden {
        name,
        style,
        text,
        view,
    } in goldens()
    {
        let answer = Answer::new(text).unwrap();
        let raster = pen
            .draw(&answer, &style, &Seed::from_bytes([7; 32]), view)
            .unwrap();
        let file = encode::png::to_vec(raster);
        let path = folder().join(format!("{name}.png"));
        if accepting() {
            fs::write(path, file).unwrap();
        } else if fs::read(path).map(|accepted| decode(&accepted)).ok() != Some(decode(&file)) {
            fs::write(
                Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png")),
                file,
            )
            .unwrap();
            changed.push(name);
        }
    }
    assert!(
        changed.is_empty(),
        "{changed:?} differ; what was drawn is in {}",
        env!("CARGO_TARGET_TMPDIR")
    );
}

#[test]
fn every_accepted_picture_is_still_drawn() {
    let wanted: BTreeSet<_> = goldens()
        .map(|golden| format!("{}.png", golden.name))
        .collect();
    let names = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let stray: Vec<_> = names
        .filter(|name| name.ends_with(".png") && !wanted.contains(name))
        .collect();
    assert!(stray.is_empty(), "{stray:?}");
}

/// Every style in every size, every view of one, and every layout and ground.
fn goldens() -> impl Iterator<Item = Golden> {
    let styles = Styles::standard();
    let plain = View::default();
    let mut goldens = Vec::new();
    for style in styles.iter() {
        for [width, height] in style.sizes() {
            goldens.push(Golden {
                name: format!("{}-{width}x{height}", style.name),
                style: style.sized(width, height).unwrap(),
                text: if style.length == 4 { "aB3x" } else { "AC29E" },
                view: plain,
            });
        }
    }
    let ink = |layout, ground| Style {
        layouts: vec![layout],
        grounds: vec![ground],
        shapes: 5,
        ..Style::default()
    };
    let views = [
        ("2x", View { scale: 2, ..plain }),
        (
            "dark",
            View {
                dark: true,
                ..plain
            },
        ),
    ];
    for (name, view) in views {
        let (name, style) = (format!("ink-{name}"), Style::default());
        goldens.push(Golden {
            name,
            style,
            text: "AC29E",
            view,
        });
    }
    let layouts = [
        Layout::TopHeavy,
        Layout::BottomHeavy,
        Layout::Vault,
        Layout::Bowl,
        Layout::Stair,
        Layout::Swing,
        Layout::Arch,
    ];
    for layout in layouts {
        let (name, style) = (format!("layout-{layout:?}"), ink(layout, Ground::Circles));
        goldens.push(Golden {
            name,
            style,
            text: "HU3TR",
            view: plain,
        });
    }
    for ground in [
        Ground::Leaves,
        Ground::Polygons,
        Ground::Pebbles,
        Ground::Bands,
        Ground::Rings,
        Ground::Rays,
    ] {
        let (name, style) = (format!("ground-{ground:?}"), ink(Layout::TopHeavy, ground));
        goldens.push(Golden {
            name,
            style,
            text: "HU3TR",
            view: plain,
        });
    }
    for text in ["A", "ACE", "NDRTUX2", "ACDEHNRTUX23"] {
        let (name, style) = (format!("length-{}", text.len()), Style::default());
        goldens.push(Golden {
            name,
            style,
            text,
            view: plain,
        });
    }
    goldens.into_iter()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn accepting() -> bool {
    std::env::var_os("INKGATE_ACCEPT").is_some_and(|value| value == "1")
}

/// Width, height and colours of a picture.
fn decode(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}
