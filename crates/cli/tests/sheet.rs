//! `inkgate draw --sheet` and `score`.
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::fs;

use common::Place;

const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct Picture {
    width: usize,
    rgb: Vec<[u8; 3]>,
}

fn decoded(bytes: &[u8]) -> Picture {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    Picture {
        width: info.width as usize,
        rgb: bytes.as_chunks().0.to_vec(),
    }
}

fn holds(sheet: &Picture, picture: &Picture) -> bool {
    let at = |start: usize| {
        let rows = picture.rgb.chunks(picture.width).enumerate();
        rows.into_iter()
            .all(|(y, row)| sheet.rgb[start + y * sheet.width..].starts_with(row))
    };
    (0..sheet.rgb.len() - picture.rgb.len()).any(at)
}

#[test]
fn a_sheet_shows_the_pictures_of_the_seed_and_the_key_says_what_they_are() {
    let place = Place::new();
    for style in ["ink", "newpage", "member"] {
        let line = format!("draw --style {style} --seed {SEED}");
        place
            .run(&format!("{line} --count 7 --sheet {style}.png"))
            .succeeded();
        place
            .run(&format!("{line} --count 7 --out {style}"))
            .succeeded();
        let sheet = decoded(&fs::read(place.join(&format!("{style}.png"))).unwrap());
        for number in 0..7 {
            let picture = fs::read(place.join(&format!("{style}/{number}.png"))).unwrap();
            assert!(holds(&sheet, &decoded(&picture)), "{style} {number}");
        }
        let labels = fs::read_to_string(place.join(&format!("{style}/labels.tsv"))).unwrap();
        let mut expected = format!("# style {style}\n");
        for (label, number) in labels.lines().zip(1..) {
            let (_, answer) = label.split_once('\t').unwrap();
            expected.push_str(&format!("{number}\t{answer}\n"));
        }
        let key = fs::read_to_string(place.join(&format!("{style}.key.tsv"))).unwrap();
        assert_eq!(key, expected);
    }
}

/// CAP-09: nor does the sheet say anything but pixels.
#[test]
fn a_sheet_holds_nothing_but_pixels() {
    let place = Place::new();
    place.run("draw --count 3 --sheet sheet.png").succeeded();
    let file = fs::read(place.join("sheet.png")).unwrap();
    let mut rest = &file[8..];
    let mut names = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        names.push(&rest[4..8]);
        rest = &rest[12 + length..];
    }
    names.dedup();
    assert_eq!(names, [b"IHDR", b"IDAT", b"IEND"]);
}

#[test]
fn more_pictures_than_a_sheet_takes_go_on_the_next() {
    let place = Place::new();
    place
        .run("draw --style member --count 81 --sheet sub.folder.png")
        .succeeded();
    let width = |name: &str| decoded(&fs::read(place.join(name)).unwrap()).width;
    assert_eq!(width("sub.folder-1.png"), width("sub.folder-2.png"));
    assert!(width("sub.folder-3.png") < width("sub.folder-1.png"));
    let key = fs::read_to_string(place.join("sub.folder.key.tsv")).unwrap();
    assert!(key.lines().last().unwrap().starts_with("81\t"));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 4);
    place
        .run("draw --style member --count 5 --per-sheet 2 --sheet small.png")
        .succeeded();
    assert!(place.join("small-3.png").exists() && !place.join("small-4.png").exists());
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    for (name, count) in [("a-2.png", 41), ("b.key.tsv", 41), ("c.png", 2)] {
        place.write(name, "mine");
        let sheet = format!("{}.png", &name[..1]);
        place
            .run(&format!("draw --count {count} --sheet {sheet}"))
            .failed_saying(&[name, "another name"]);
        assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "mine");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3);
    place
        .run("draw --count 2 --sheet nowhere/c.png")
        .failed_saying(&["nowhere/c.png"]);
}

#[test]
fn a_sheet_needs_a_count_and_a_name() {
    let place = Place::new();
    for (line, word) in [
        ("draw --sheet a.png", "--count"),
        ("draw --count 2 --sheet a.webp", "a.webp"),
        ("draw --count 2 --sheet a", ".png"),
        ("draw --count 2 --sheet a.png --out b", "--out"),
        ("draw --count 2 --sheet a.png -o b", "--output"),
        ("draw --count 2 --sheet a.png --format gif", "--format"),
        ("draw --count 2 --sheet a.png --per-sheet 41", "41"),
        ("draw --count 2 --out a --per-sheet 2", "--per-sheet"),
    ] {
        let told = place.run(line);
        assert_eq!(told.code, 2, "{line}");
        assert!(told.err.contains(word), "{line}: {}", told.err);
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_reading_is_scored_by_the_rules_of_the_style() {
    let place = Place::new();
    place.write(
        "key.tsv",
        "# style newpage\n1\tO0Il\n2\taB3x\n3\tQwEr\n4\tzzzz\n",
    );
    place.write(
        "read.txt",
        "# by eye\n\n3 QvEr\n1\t0o1I\r\n  2   a b 3 X \n",
    );
    let told = place.run("score key.tsv read.txt").succeeded();
    assert_eq!(
        told.lines(),
        [
            "pictures\t2\t4\t50.0",
            "characters\t11\t16\t68.8",
            "missed\t3\tQwEr\tQvEr",
            "missed\t4\tzzzz\t-",
            "confused\tW\tV\t1",
        ]
    );
}

#[test]
fn a_key_scores_its_own_sheet() {
    let place = Place::new();
    for style in place.run("styles").succeeded().table() {
        let name = style[0];
        place
            .run(&format!("draw --style {name} --count 6 --sheet {name}.png"))
            .succeeded();
        let line = format!("score {name}.key.tsv {name}.key.tsv");
        let told = place.run(&line).succeeded();
        assert_eq!(told.lines()[0], "pictures\t6\t6\t100.0");
        assert_eq!(told.lines().len(), 2);
    }
}

#[test]
fn what_cannot_be_scored_is_told_with_its_line() {
    let place = Place::new();
    place.write("key.tsv", "# style ink\n1\tACDEH\n2\tNRTUX\n");
    for (answers, words) in [
        ("1 ACDEH\none NRTUX\n", &["line 2", "one NRTUX"][..]),
        ("\n\n3 ACDEH\n", &["line 3", "number 3"]),
        ("1 ACDEH\n1 ACDEH\n", &["line 2", "twice"]),
        ("1 ACDEH\n-1 ACDEH\n", &["line 2", "-1"]),
        (&format!("2 {}", "A".repeat(65)), &["line 1", "64"]),
    ] {
        place.write("read.txt", answers);
        let words = [&["read.txt"], words].concat();
        place.run("score key.tsv read.txt").failed_saying(&words);
    }
    place.write("read.txt", b"1 \xff\n");
    place
        .run("score key.tsv read.txt")
        .failed_saying(&["read.txt"]);
    place.write("read.txt", "");
    for (key, words) in [
        ("1\tACDEH\n", &["# style"][..]),
        ("# style nowhere\n1\tACDEH\n", &["nowhere"]),
        ("# style ink\n1\tACDEH\n2\n", &["line 3"]),
        ("# style ink\n", &["no answers"]),
    ] {
        place.write("bad.tsv", key);
        let words = [&["bad.tsv"], words].concat();
        place.run("score bad.tsv read.txt").failed_saying(&words);
    }
    place
        .run("score key.tsv nothing.txt")
        .failed_saying(&["nothing.txt"]);
    // A bad score is no failure.
    let told = place.run("score key.tsv read.txt").succeeded();
    assert_eq!(told.lines()[0], "pictures\t0\t2\t0.0");
}
