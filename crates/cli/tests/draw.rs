//! `inkgate draw`, `styles` and `speed`.
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::{collections::BTreeSet, fs, io::pipe};

use common::Place;

const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Width and height of a PNG whose every pixel another decoder can read.
fn decoded(bytes: &[u8]) -> (u32, u32) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height)
}

#[test]
fn a_picture_goes_to_standard_output_or_to_a_file() {
    let place = Place::new();
    let piped = place
        .run(&format!("draw --style newpage --seed {SEED}"))
        .succeeded();
    assert_eq!(decoded(&piped.bytes).0, 200);
    let dash = place
        .run(&format!("draw --style newpage --seed {SEED} -o -"))
        .succeeded();
    assert_eq!(dash.bytes, piped.bytes);
    let named = place
        .run(&format!("draw --style newpage --seed {SEED} -o a.png"))
        .succeeded();
    assert_eq!(named.out, "");
    assert_eq!(fs::read(place.join("a.png")).unwrap(), piped.bytes);
}

#[test]
fn a_picture_comes_in_each_format() {
    let place = Place::new();
    for (format, begins) in [
        ("png", &b"\x89PNG"[..]),
        ("webp", b"RIFF"),
        ("gif", b"GIF89a"),
    ] {
        let line = format!("draw --format {format} --seed {SEED}");
        let picture = place.run(&line).succeeded().bytes;
        assert!(picture.starts_with(begins), "{format}");
        assert_eq!(place.run(&line).succeeded().bytes, picture);
        place
            .run(&format!("{line} --count 2 --out {format}"))
            .succeeded();
        let first = place.join(&format!("{format}/0.{format}"));
        assert_eq!(fs::read(first).unwrap(), picture);
    }
    place.run("draw --format jpeg").refused_saying(&["jpeg"]);
}

#[test]
fn every_style_is_drawn_at_each_of_its_sizes_and_at_others() {
    let place = Place::new();
    for style in place.run("styles").succeeded().table() {
        for size in style[1].split(',').chain(["320x120"]) {
            let line = format!("draw --style {} --size {size}", style[0]);
            let (width, height) = decoded(&place.run(&line).succeeded().bytes);
            assert_eq!(format!("{width}x{height}"), size);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_another_process() {
    let place = Place::new();
    for style in ["ink", "newpage", "member"] {
        for text in ["", "--text 2A9"] {
            let line = format!("draw --style {style} {text} --seed {SEED}");
            let first = place.run(&line).succeeded();
            assert_eq!(place.run(&line).succeeded().bytes, first.bytes);
            assert_eq!(
                place.run(&line.replace(SEED, &SEED.to_uppercase())).bytes,
                first.bytes
            );
            let other = place.run(&line.replace("0001", "0002")).succeeded();
            assert_ne!(other.bytes, first.bytes, "{line}");
        }
    }
}

#[test]
fn without_a_seed_no_two_pictures_are_alike() {
    let place = Place::new();
    let draw = || place.run("draw --text 2A9").succeeded().bytes;
    assert_ne!(draw(), draw());
}

#[test]
fn many_pictures_come_with_their_answers() {
    let place = Place::new();
    let line = format!("draw --style newpage --count 12 --out one/deep --seed {SEED}");
    place.run(&line).succeeded();
    place.run(&line.replace("one/deep", "other")).succeeded();
    let labels = fs::read_to_string(place.join("one/deep/labels.tsv")).unwrap();
    let rows: Vec<_> = labels
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .collect();
    assert_eq!(rows.len(), 12);
    let names: BTreeSet<_> = rows.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        (names.len(), rows[0].0, rows[11].0),
        (12, "00.png", "11.png")
    );
    for (name, answer) in &rows {
        assert_eq!(answer.chars().count(), 4);
        let picture = fs::read(place.join("one/deep").join(name)).unwrap();
        assert_eq!(decoded(&picture), (200, 100));
        assert_eq!(fs::read(place.join("other").join(name)).unwrap(), picture);
    }
    let count = fs::read_dir(place.join("one/deep")).unwrap().count();
    assert_eq!(count, 13);
    // Picture 0 of a series is the picture of the seed.
    let single = place
        .run(&format!("draw --style newpage --seed {SEED}"))
        .succeeded();
    assert_eq!(
        fs::read(place.join("one/deep/00.png")).unwrap(),
        single.bytes
    );
}

#[test]
fn a_folder_with_labels_is_not_mixed_with_others() {
    let place = Place::new();
    place.run("draw --count 2 --out set").succeeded();
    place
        .run("draw --count 2 --out set")
        .failed_saying(&["set/labels.tsv", "another folder"]);
    let file = place.write("file", "");
    place
        .run("draw --count 2 --out file/set")
        .failed_saying(&["file/set"]);
    assert!(file.exists());
}

#[test]
fn a_text_may_have_letters_outside_the_alphabet_but_not_outside_the_faces() {
    let place = Place::new();
    place
        .run("draw --style ink --text hello --seed")
        .refused_saying(&["--seed"]);
    place.run("draw --style ink --text hello").succeeded();
    place
        .run("draw --style newpage --text 汉字")
        .failed_saying(&["'汉'"]);
    place
        .run("draw --style ink --text A\u{1f600}")
        .failed_saying(&["'\u{1f600}'"]);
    place
        .run("draw --style newpage --text ABCDEFGHIJKLM")
        .refused_saying(&["1 to 12 characters"]);
    place
        .command("draw --text")
        .arg("")
        .output()
        .map(|output| assert_eq!(output.status.code(), Some(2)))
        .unwrap();
}

#[test]
fn wrong_arguments_are_told_with_exit_code_2() {
    let place = Place::new();
    place
        .run("draw --style nowhere")
        .refused_saying(&["nowhere", "inkgate styles"]);
    for size in [
        "5x5",
        "100",
        "100x",
        "1025x100",
        "0x0",
        "axb",
        "18446744073709551616x100",
    ] {
        place
            .run(&format!("draw --size {size}"))
            .refused_saying(&[size, "16 to 1024"]);
    }
    place
        .run("draw --seed 00")
        .refused_saying(&["64 hexadecimal digits"]);
    place.run("draw --format bmp").refused_saying(&["bmp"]);
    place.run("draw --count 3").refused_saying(&["required"]);
    place.run("draw --out x").refused_saying(&["required"]);
    place.run("draw --count 0 --out x").refused_saying(&["0"]);
    place
        .run("draw --count 3 --out x -o y")
        .refused_saying(&["cannot be used with"]);
    place
        .run("speed --style nowhere")
        .refused_saying(&["nowhere"]);
    place.run("speed --seconds 0").refused_saying(&["0.01"]);
    place.run("paint").refused_saying(&["paint"]);
    place.run("").refused_saying(&[""]);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn an_installations_faces_are_drawn_and_nothing_is_made() {
    let place = Place::new();
    let font = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../engine/fonts/rubik/rubik-700.ttf"
    );
    place.write(
        "inst/inkgate.toml",
        format!("[style.newpage]\nfont_path = {font:?}\n"),
    );
    let line = format!("draw --style newpage --seed {SEED}");
    let own = place.run(&format!("{line} --data inst")).succeeded();
    assert_ne!(own.bytes, place.run(&line).succeeded().bytes);
    assert_eq!(fs::read_dir(place.join("inst")).unwrap().count(), 1);
    place
        .run("draw --data nowhere")
        .failed_saying(&["nowhere", "no such folder"]);
    assert!(!place.join("nowhere").exists());
}

#[test]
fn a_broken_font_is_named() {
    let place = Place::new();
    place.write(
        "inst/inkgate.toml",
        "[style.newpage]\nfont_path = \"bad.ttf\"\n",
    );
    let line = "draw --style newpage --data inst";
    place
        .run(line)
        .failed_saying(&["style.newpage.font_path", "inst/bad.ttf"]);
    place.write("inst/bad.ttf", "no font at all");
    for line in [
        line,
        "config check --data inst",
        "serve --data inst --listen 127.0.0.1:0",
    ] {
        place
            .run(line)
            .failed_saying(&["style.newpage.font_path", "inst/bad.ttf", "font"]);
    }
}

/// CAP-40
#[test]
fn faces_are_added_and_each_that_will_not_do_is_named() {
    let place = Place::new();
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/fonts");
    let thin = fs::read(format!("{fonts}/kavivanar/kavivanar-400.ttf")).unwrap();
    place.write("inst/own/thin.ttf", &thin);
    place.write("inst/bad.ttf", &thin[..thin.len() / 2]);
    let configure = |faces: &str| {
        place.write(
            "inst/inkgate.toml",
            format!("[style.ink]\nfaces = [{faces}]\n"),
        )
    };
    let line = format!("draw --seed {SEED}");
    configure(r#""own/thin.ttf""#);
    let drawn = |line: &str| place.run(line).succeeded().bytes;
    assert_ne!(drawn(&format!("{line} --data inst")), drawn(&line));
    let told = place.run("config check --data inst").succeeded();
    let faces = told.lines()[0].strip_prefix("style.ink: faces: ").unwrap();
    assert!(faces.parse::<usize>().unwrap() > 1, "{faces}");
    configure(r#""own/thin.ttf", "bad.ttf""#);
    for line in ["config check --data inst", "draw --data inst"] {
        place
            .run(line)
            .failed_saying(&["style.ink.faces", "inst/bad.ttf", "'A'"]);
    }
    configure(r#""own/none.ttf""#);
    place
        .run("config check --data inst")
        .failed_saying(&["style.ink.faces", "inst/own/none.ttf"]);
}

/// CAP-39: its subroutines call one another 120 times each, ten deep; `tests/fonts/slow.py` makes it.
#[test]
fn a_font_that_would_take_for_ever_is_refused() {
    let place = Place::new();
    place.write("inst/slow.otf", include_bytes!("fonts/slow.otf"));
    place.write("inst/inkgate.toml", "[style.ink]\nfaces = [\"slow.otf\"]\n");
    place.run("config check --data inst").failed_saying(&[
        "style.ink.faces",
        "inst/slow.otf",
        "'A'",
    ]);
}

#[test]
fn what_cannot_be_written_is_named() {
    let place = Place::new();
    place
        .run("draw -o missing/a.png")
        .failed_saying(&["missing/a.png"]);
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let place = Place::new();
    for line in ["styles", "draw", "config"] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = place.command(line).stdout(writer).output().unwrap();
        assert_eq!(
            (output.status.code(), output.stderr.len()),
            (Some(0), 0),
            "{line}"
        );
    }
}

/// C-65: the weak ones say so.
#[test]
fn styles_are_listed_in_fields() {
    let styles = Place::new().run("styles").succeeded();
    let table = styles.table();
    let newpage = table.iter().find(|fields| fields[0] == "newpage").unwrap();
    assert_eq!(newpage[1], "200x100");
    assert!(newpage[2].starts_with("alphabet=0123456789"));
    assert_eq!(newpage[3], "guess_space=1185921");
    assert_eq!(newpage[4..], ["-", "weak"]);
    let member = table.iter().find(|fields| fields[0] == "member").unwrap();
    assert_eq!(
        member[1..4],
        ["60x30", "alphabet=0123456789ABCDEF", "guess_space=524160"]
    );
    let ink = table.iter().find(|fields| fields[0] == "ink").unwrap();
    assert_eq!(ink[3], "guess_space=161051");
    assert!(ink[4].starts_with("strength=stock:0%,adapted:"));
}

#[test]
fn speed_measures_every_style_and_size() {
    let place = Place::new();
    let speed = place.run("speed --seconds 0.01").succeeded();
    let styles = place.run("styles").succeeded();
    let expected: Vec<(String, String)> = styles
        .table()
        .iter()
        .flat_map(|style| {
            style[1]
                .split(',')
                .map(|size| (style[0].to_owned(), size.to_owned()))
        })
        .collect();
    let measured: Vec<_> = speed
        .table()
        .iter()
        .map(|row| (row[0].to_owned(), row[1].to_owned()))
        .collect();
    assert_eq!(measured, expected);
    for row in speed.table() {
        assert_eq!(row.len(), 4);
        assert!(
            row[2].parse::<u64>().unwrap() > 0 && row[3].parse::<u64>().unwrap() > 50,
            "{row:?}"
        );
    }
    let one = place.run("speed --style member --seconds 0.01").succeeded();
    assert_eq!(one.lines().len(), 1);
}

#[test]
fn speed_prints_one_json_document() {
    let place = Place::new();
    let line = "speed --style ink --seconds 0.01 --json";
    let printed = place.run(line).succeeded().lines().join("\n");
    let all: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(all["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(all["seconds"], 0.01);
    let rows = all["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!([&row["style"], &row["format"]], ["ink", "png"]);
        let number = |name: &str| row[name].as_f64().unwrap();
        assert!(number("width") > number("height") && number("bytes") > 50.0);
        let together = number("pictures_per_second") * number("microseconds");
        assert!((together / 1e6 - 1.0).abs() < 0.01, "{row}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let place = Place::new();
    for line in [
        "--help",
        "help",
        "draw --help",
        "member add --help",
        "key rotate --help",
        "config check --help",
    ] {
        assert!(place.run(line).succeeded().out.contains("Usage:"), "{line}");
    }
    assert!(
        place
            .run("--version")
            .succeeded()
            .out
            .starts_with("inkgate ")
    );
}
