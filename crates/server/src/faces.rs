//! The styles of an installation: the built-in ones, with the operator's faces.

use std::io::Read;
use std::path::Path;

use inkgate::{Font, Styles};

use crate::config::Config;
use crate::state::StartError;

/// No face for a few dozen letters is larger; CJK families are.
const LARGEST_FONT: u64 = 32 << 20;

/// The styles of an installation: `font_path` instead of a style's own faces, `faces` beside them.
pub fn styles(config: &Config) -> Result<Styles, StartError> {
    let mut styles = Styles::standard();
    for (name, style) in &config.style {
        let bad = |key, path: &Path, reason| StartError::Font {
            style: name.clone(),
            key,
            path: path.display().to_string(),
            reason,
        };
        if let Some(path) = &style.font_path {
            read(path)
                .and_then(|font| done(styles.set_faces(name, vec![font])))
                .map_err(|reason| bad("font_path", path, reason))?;
        }
        for path in &style.faces {
            read(path)
                .and_then(|font| done(styles.add_face(name, font)))
                .map_err(|reason| bad("faces", path, reason))?;
        }
    }
    Ok(styles)
}

fn done(result: Result<(), inkgate::Error>) -> Result<(), String> {
    result.map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<Font, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(cannot)?;
    file.take(LARGEST_FONT + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > LARGEST_FONT {
        return Err("is larger than a font needs".to_owned());
    }
    Font::parse(bytes).map_err(|error| error.to_string())
}
