use anyhow::anyhow;
use inkgate::{Challenge, Contents, Pass};
use inkgate_server::data::DataFolder;

use super::print;
use crate::args::Inspect;

pub(crate) fn run(args: &Inspect) -> anyhow::Result<()> {
    let folder = DataFolder::at(args.installation.config()?.data);
    let contents = folder.keys()?.inspect(args.ticket.trim()).map_err(|_| {
        let folder = folder.path().display();
        anyhow!("no key of {folder} opens this: it is cut off, altered, or of another installation")
    })?;
    let fields = match &contents {
        Contents::Ticket(challenge) => of_ticket(challenge),
        Contents::Token(pass) => of_token(pass),
    };
    let line = |(name, value): (&str, String)| format!("{name}\t{}\n", printable(&value));
    Ok(print(&fields.into_iter().map(line).collect::<String>())?)
}

fn of_ticket(challenge: &Challenge) -> Vec<(&'static str, String)> {
    vec![
        ("purpose", "ticket".to_owned()),
        ("kind", challenge.kind.name().to_owned()),
        ("style", challenge.style.clone()),
        ("answer", challenge.answer.reveal().to_owned()),
        ("site", challenge.site.clone()),
        ("action", challenge.action.clone()),
        ("cdata", challenge.cdata.clone()),
        ("host", challenge.host.clone()),
        ("issued", challenge.issued.to_string()),
        ("expires", challenge.expires.to_string()),
    ]
}

fn of_token(pass: &Pass) -> Vec<(&'static str, String)> {
    vec![
        ("purpose", "token".to_owned()),
        ("kind", pass.via.name().to_owned()),
        ("site", pass.site.clone()),
        ("action", pass.action.clone()),
        ("cdata", pass.cdata.clone()),
        ("host", pass.host.clone()),
        ("issued", pass.solved.to_string()),
        ("expires", pass.expires.to_string()),
    ]
}

/// A page's own text must not move the cursor or begin a line of its own.
fn printable(text: &str) -> String {
    let shown = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(printable("王\t1\n\u{1b}[31m"), "王\\t1\\n\\u{1b}[31m");
    }
}
