use inkgate::{Style, Styles};

use super::print;

pub(crate) fn run() -> anyhow::Result<()> {
    let lines: String = Styles::standard().iter().map(line).collect();
    Ok(print(&lines)?)
}

fn line(style: &Style) -> String {
    let sizes: Vec<_> = style
        .sizes()
        .map(|[width, height]| format!("{width}x{height}"))
        .collect();
    let mut fields = vec![
        style.name.clone(),
        sizes.join(","),
        format!("alphabet={}", style.alphabet.symbols()),
        format!("guess_space={}", style.guess_space()),
        // What solvers reach is published once it is measured.
        "-".to_owned(),
    ];
    if style.weak {
        fields.push("weak".to_owned());
    }
    fields.join("\t") + "\n"
}
