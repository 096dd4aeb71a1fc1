//! Members from other programs: a table of comma-separated values, or what Django's `dumpdata` writes.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use inkgate_server::service::password::{Django, Password};
use inkgate_store::PasswordHash;
use serde_json::Value;
use zeroize::Zeroizing;

/// Somebody to be added.
pub(super) struct Row {
    /// Where it stands in the file, for whoever has to look there.
    pub(super) number: usize,
    pub(super) email: String,
    pub(super) name: Option<String>,
    pub(super) secret: Secret,
    pub(super) is_disabled: bool,
}

/// What the file has for a password.
pub(super) enum Secret {
    /// Readable, to be hashed now.
    Typed(Password),
    /// A hash that is checked as it is, and replaced at the first sign-in.
    Hash(PasswordHash),
    /// None: a one-time link sets one.
    None,
    /// Something that is not taken for a password, and why.
    NotTaken(&'static str),
}

/// Reads a file: JSON if it begins so, else a table whose first line names the columns.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let text =
        Zeroizing::new(fs::read_to_string(path).with_context(|| path.display().to_string())?);
    let rows = match text.trim_start().starts_with('[') {
        true => from_django(&text),
        false => from_table(&text),
    };
    rows.with_context(|| path.display().to_string())
}

/// What columns may be called, the tutorial's own words and Django's among them.
const EMAIL: [&str; 3] = ["email", "useremail", "e-mail"];
const NAME: [&str; 3] = ["name", "username", "first_name"];
const PASSWORD: [&str; 3] = ["password", "userpassword", "hash"];

fn from_table(text: &str) -> anyhow::Result<Vec<Row>> {
    let mut lines = records(text)?.into_iter();
    let header = lines.next().context("the file is empty")?;
    let find = |names: &[&str]| {
        header
            .iter()
            .position(|column| names.contains(&column.trim().to_lowercase().as_str()))
    };
    let email = find(&EMAIL).context("the first line names no column `email`")?;
    let (name, password, active) = (find(&NAME), find(&PASSWORD), find(&["is_active"]));
    let row = |(number, fields): (usize, Vec<String>)| {
        let field = |place: Option<usize>| place.and_then(|place| fields.get(place));
        let text = |place| {
            field(place)
                .map(|text| text.trim())
                .filter(|text| !text.is_empty())
        };
        Row {
            number: number + 2,
            email: text(Some(email)).unwrap_or_default().to_owned(),
            name: text(name).map(str::to_owned),
            secret: secret_of_table(field(password).map_or("", String::as_str)),
            is_disabled: text(active)
                .is_some_and(|is| ["0", "f", "false"].contains(&&*is.to_lowercase())),
        }
    };
    Ok(lines.enumerate().map(row).collect())
}

fn from_django(text: &str) -> anyhow::Result<Vec<Row>> {
    let objects: Vec<Value> = serde_json::from_str(text)?;
    let users = objects.iter().enumerate().filter_map(|(number, object)| {
        let fields = object.get("fields")?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let full = format!("{} {}", text("first_name"), text("last_name"));
        let name = [full.trim(), text("username")];
        fields.get("password")?;
        Some(Row {
            number: number + 1,
            email: text("email").to_owned(),
            name: name
                .into_iter()
                .find(|name| !name.is_empty())
                .map(str::to_owned),
            secret: secret_of_django(text("password")),
            is_disabled: fields.get("is_active") == Some(&Value::Bool(false)),
        })
    });
    let rows: Vec<_> = users.collect();
    if rows.is_empty() {
        bail!("no object here has a password; `manage.py dumpdata auth.user` writes such");
    }
    Ok(rows)
}

/// Django writes hashes only, and marks with `!` a password that nobody can type.
fn secret_of_django(text: &str) -> Secret {
    match text {
        _ if Django::parse(text).is_some() => Secret::Hash(PasswordHash::new(text.to_owned())),
        _ if text.is_empty() || text.starts_with('!') => Secret::None,
        _ => Secret::NotTaken("its hash is not one that is checked here"),
    }
}

/// What may be a hash is never taken as text: whoever has seen the hash would have the password.
fn secret_of_table(text: &str) -> Secret {
    if Django::parse(text).is_some() || ["", "!"].contains(&text) {
        return secret_of_django(text);
    }
    if text.starts_with('!') {
        return Secret::NotTaken("`!` marks a password that nobody can type");
    }
    if is_named_hash(text.trim()) || is_bare_hash(text.trim()) {
        return Secret::NotTaken("it looks like a hash that is not checked here");
    }
    match Password::typed(text) {
        Some(password) => Secret::Typed(password),
        None => Secret::NotTaken("it is too long for a password"),
    }
}

/// `name$…`, and `$name$…` as crypt writes it.
fn is_named_hash(text: &str) -> bool {
    text.split_once('$').is_some_and(|(algorithm, _)| {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        algorithm.is_empty() || algorithm.len() > 3 && algorithm.chars().all(is_name)
    })
}

/// The hexadecimal digits of MD5, SHA-1 and the lengths of SHA-2.
fn is_bare_hash(text: &str) -> bool {
    [32, 40, 56, 64, 96, 128].contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The records of comma-separated values (RFC 4180), without those that are empty.
fn records(text: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let text = text.trim_start_matches('\u{feff}');
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut in_quotes, mut letters) = (false, text.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '"' if in_quotes && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if in_quotes || field.is_empty() => in_quotes = !in_quotes,
            ',' if !in_quotes => record.push(std::mem::take(&mut field)),
            '\r' if !in_quotes && letters.peek() == Some(&'\n') => {}
            '\n' if !in_quotes => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            _ => field.push(letter),
        }
    }
    if in_quotes {
        bail!("a quotation mark is opened and not closed");
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records.retain(|record| record.iter().any(|field| !field.is_empty()));
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_quotes_commas_and_line_ends_in_its_fields() {
        let text = "a,b\r\n\"1,\"\"2\"\"\",\"x\ny\"\n\n,3\n4";
        let expected = [
            vec!["a", "b"],
            vec!["1,\"2\"", "x\ny"],
            vec!["", "3"],
            vec!["4"],
        ];
        assert_eq!(records(text).unwrap(), expected);
        assert!(records("a,\"b").is_err());
    }

    #[test]
    fn a_password_is_text_a_hash_or_none() {
        let digest = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        let kept = format!("pbkdf2_sha256$1000$salt${digest}");
        for secret in [secret_of_table(&kept), secret_of_django(&kept)] {
            assert!(matches!(secret, Secret::Hash(_)));
        }
        for typed in ["secret", "a$b", "pa$$word", "9$ lunch", "deadbeef"] {
            assert!(
                matches!(secret_of_table(typed), Secret::Typed(_)),
                "{typed}"
            );
            let in_django = secret_of_django(typed);
            assert!(matches!(in_django, Secret::NotTaken(_)), "{typed}");
        }
        for none in ["", "!"] {
            assert!(matches!(secret_of_table(none), Secret::None), "{none}");
        }
        assert!(matches!(secret_of_django("!x"), Secret::None));
    }

    #[test]
    fn what_looks_like_a_hash_never_becomes_a_password() {
        let digits = "0123456789abcdef".repeat(8);
        let bare = [32, 40, 64, 128].map(|length| digits[..length].to_owned());
        let upper = bare[0].to_uppercase();
        let padded = format!(" {upper}\t");
        let others = [
            "!x",
            "bcrypt_sha256$$2b$12$x",
            "$argon2id$v=19$x",
            "md5_old$salt$x",
            "pbkdf2_sha256$1000$salt",
            &upper,
            &padded,
        ];
        for hash in bare.iter().map(String::as_str).chain(others) {
            let secret = secret_of_table(hash);
            assert!(matches!(secret, Secret::NotTaken(_)), "{hash}");
        }
        let bare = secret_of_django(&bare[0]);
        assert!(matches!(bare, Secret::NotTaken(_)));
    }
}
