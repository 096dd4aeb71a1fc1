use inkgate::{Strength, Style, Styles};

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
        style.strength.map_or("-".to_owned(), strength),
    ];
    if style.weak {
        fields.push("weak".to_owned());
    }
    fields.join("\t") + "\n"
}

/// What solvers as shipped, adapted solvers and people read whole.
fn strength(strength: Strength) -> String {
    let Strength {
        stock,
        adapted,
        blind,
        measured,
    } = strength;
    format!("strength=stock:{stock}%,adapted:{adapted}%,blind:{blind}%,measured:{measured}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_is_a_field_of_its_own() {
        let measured = Strength {
            stock: 0.0,
            adapted: 8.5,
            blind: 97.0,
            measured: "2026-11-21",
        };
        let style = Style {
            strength: Some(measured),
            ..Style::default()
        };
        let line = line(&style);
        let fields: Vec<_> = line.trim_end().split('\t').collect();
        assert_eq!(
            fields[4..],
            ["strength=stock:0%,adapted:8.5%,blind:97%,measured:2026-11-21"]
        );
    }
}
