//! The whole command surface on one page.

use std::{net::SocketAddr, path::PathBuf};

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use inkgate::{Answer, MOST_GLYPHS, SIDES, Seed, Styles, encode::Format};
use inkgate_server::service::preset::is_known;
use inkgate_store::{Email, Error, NewMember};

/// A self-hosted captcha and a captcha-guarded login.
#[derive(Debug, Parser)]
#[command(name = "inkgate", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the captcha and both sites
    ///
    /// Keys and databases are kept in the data folder, which is made if it is not there. While there is no member,
    /// a one-time link to create the first is printed.
    Serve(Serve),
    /// Draw a picture, or many with their answers
    ///
    /// A picture goes to standard output unless it is told a file. With --count, numbered files and labels.tsv
    /// (file name, tab, answer) go to a folder, or numbered pictures to a sheet and their answers to a key beside
    /// it. The same seed gives the same bytes.
    Draw(Draw),
    /// Say how well the pictures of a sheet were read
    ///
    /// Lines of fields, separated by tabs: `pictures` and `characters` (read right, of how many, per cent), `missed`
    /// (number, drawn, read) for each picture, and `confused` (drawn, read, how often) for each pair of symbols, the
    /// most frequent first; `-` is nothing. Look-alikes count as the style counts them.
    Score(Score),
    /// List the styles
    ///
    /// A line each, separated by tabs: name, sizes, alphabet, guess space, strength (per cent of pictures that
    /// stock solvers, adapted solvers and people read, and when; `-` where none is published) and `weak` where stock
    /// text recognition reads it.
    Styles,
    /// Show what a ticket or token holds, answer and all
    ///
    /// Expired or not. Needs the keys of the installation that sealed it.
    Inspect(Inspect),
    /// Measure how fast pictures are drawn and encoded on one core
    ///
    /// A line for each style and size, separated by tabs: style, size, pictures a second, and bytes of a picture on
    /// average. Each picture has a fresh answer and seed.
    Speed(Speed),
    /// Add, list and change members, also beside a running server
    Member(Member),
    /// Copy members and sites of the embedded store into a file, also beside a running server
    ///
    /// Sessions and counts are left out. The passwords need the folder's `keys`, which are not in it.
    Backup(Backup),
    /// Put the members and sites of a backup in the place of those here, also beside a running server
    ///
    /// Everybody is signed out.
    Restore(Backup),
    /// Add, list and change the sites that ask for challenges, also beside a running server
    Site(Site),
    /// List and rotate the keys that seal tickets
    Key(Key),
    /// Print the default configuration, every key explained, or check one
    Config(Config),
}

/// Which installation is meant.
#[derive(Args, Debug)]
pub(crate) struct Installation {
    /// Folder of the installation [default: inkgate-data]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
    /// Configuration file [default: inkgate.toml in the folder, if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Address and port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Listen beyond loopback without TLS: passwords then travel readable
    #[arg(long)]
    pub(crate) insecure_http: bool,
    #[command(flatten)]
    pub(crate) installation: Installation,
}

#[derive(Args, Debug)]
pub(crate) struct Draw {
    /// How to draw; `inkgate styles` lists them
    #[arg(long, value_name = "STYLE", default_value = "ink", value_parser = style)]
    pub(crate) style: String,
    /// What to draw [default: an answer by chance]
    #[arg(long, value_parser = text)]
    pub(crate) text: Option<Answer>,
    /// Width and height in pixels, such as 280x100 [default: the style's own]
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub(crate) size: Option<[u32; 2]>,
    /// What kind of file
    #[arg(long, default_value = "png", value_parser = format())]
    pub(crate) format: Format,
    /// 64 hexadecimal digits that everything follows from [default: by chance]
    #[arg(long, value_name = "HEX64", value_parser = seed)]
    pub(crate) seed: Option<Seed>,
    /// Draw as this installation is configured, with its own faces, say
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE", conflicts_with = "count")]
    pub(crate) output: Option<PathBuf>,
    /// How many pictures to draw, into a folder or onto a sheet
    #[arg(long, value_name = "N", requires = "many", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: Option<u32>,
    /// Folder for the pictures and labels.tsv, made if it is not there
    #[arg(long, value_name = "DIR", requires = "count", group = "many")]
    pub(crate) out: Option<PathBuf>,
    /// PNG file for numbered pictures, 40 at most; more go to NAME-1.png, NAME-2.png, … The key is NAME.key.tsv
    #[arg(long, value_name = "NAME.png", requires = "count", group = "many", value_parser = sheet)]
    #[arg(conflicts_with_all = ["output", "format"])]
    pub(crate) sheet: Option<PathBuf>,
    /// How many pictures to put on a sheet at most
    #[arg(
        long,
        value_name = "N",
        requires = "sheet",
        conflicts_with = "out",
        default_value_t = 40
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=40))]
    pub(crate) per_sheet: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Score {
    /// What was drawn: the key that `inkgate draw --sheet` wrote
    pub(crate) key: PathBuf,
    /// What was read: a number and the text on each line; empty lines and those that begin with # are skipped
    pub(crate) answers: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// The text of a ticket or token
    pub(crate) ticket: String,
    #[command(flatten)]
    pub(crate) installation: Installation,
}

#[derive(Args, Debug)]
pub(crate) struct Speed {
    /// Only this style
    #[arg(long, value_name = "STYLE", value_parser = style)]
    pub(crate) style: Option<String>,
    /// How long to draw each style and size
    #[arg(long, value_name = "N", default_value = "2", value_parser = seconds)]
    pub(crate) seconds: f64,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Member {
    #[command(subcommand)]
    pub(crate) command: MemberCommand,
    #[command(flatten)]
    pub(crate) installation: Installation,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Add a member
    ///
    /// The password is asked for, or read from standard input: twice, a line each.
    Add {
        #[arg(value_parser = email)]
        email: String,
        /// What to call the member [default: the e-mail address up to the @]
        #[arg(long, value_parser = name)]
        name: Option<String>,
    },
    /// List the members
    ///
    /// A line each, separated by tabs: number, e-mail address, name, state (active, disabled, or invited while
    /// there is no password), and when they were added.
    List,
    /// Set a member's password and sign the member out everywhere
    ///
    /// The password is asked for, or read from standard input: twice, a line each.
    Passwd {
        #[arg(value_parser = email)]
        email: String,
    },
    /// Print a one-time link to set a member's password, or mail it
    Link {
        #[arg(value_parser = email)]
        email: String,
        /// Send it to the member, as [mail] is configured, and print nothing
        #[arg(long)]
        mail: bool,
    },
    /// Add the members of a file: comma-separated values, or what Django's `dumpdata auth.user` writes
    ///
    /// The first line of a table names its columns: `email`, and `name`, `password`, `is_active` where they are. A
    /// password may be readable, which is hashed now, or Django's `pbkdf2_sha256$…`, which is replaced at the first
    /// sign-in; whoever has another, or none, needs a link. What is skipped is told, a line each: number and why.
    Import { file: PathBuf },
    /// Forget a member's wrong passwords, so that another can be tried at once
    Unlock {
        #[arg(value_parser = email)]
        email: String,
    },
    /// Sign a member out everywhere and let nobody sign in as them
    Disable {
        #[arg(value_parser = email)]
        email: String,
    },
    /// Let a disabled member sign in again
    Enable {
        #[arg(value_parser = email)]
        email: String,
    },
    /// Remove a member for good
    Remove {
        #[arg(value_parser = email)]
        email: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// The file of the backup
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) installation: Installation,
}

#[derive(Args, Debug)]
pub(crate) struct Site {
    #[command(subcommand)]
    pub(crate) command: SiteCommand,
    #[command(flatten)]
    pub(crate) installation: Installation,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SiteCommand {
    /// Add a site
    ///
    /// Prints its site key and its secret, a line each, separated by tabs. The secret is shown this once: only a
    /// digest of it is kept.
    Add {
        /// 1 to 32 of a-z, 0-9 and -
        name: String,
        /// A host name that the site's pages are on, without a port; may be given again
        #[arg(long, value_name = "HOST", required = true)]
        host: Vec<String>,
        /// How it asks: a style, `work`, or a style with `-work`; may be given again, and the first is the default
        #[arg(long, value_name = "PRESET", default_value = "ink", value_parser = preset)]
        preset: Vec<String>,
        /// What its pages may name as `action`; may be given again [default: anything]
        #[arg(long, value_name = "ACTION")]
        action: Vec<String>,
        /// A site key that its pages have already [default: by chance]
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// List the sites
    ///
    /// A line each, separated by tabs: name, site key, hosts, presets, actions (`-` for any), and when it was added.
    List,
    /// Give a site another secret
    ///
    /// Prints it, this once. The one before it stays good for a while, so that no back end is locked out meanwhile.
    Rotate {
        name: String,
        /// How long the secret until now stays good; 0 if others may know it
        #[arg(long, value_name = "HOURS", default_value = "24", value_parser = clap::value_parser!(u64).range(..=168))]
        grace: u64,
    },
    /// Remove a site for good
    Remove { name: String },
}

#[derive(Args, Debug)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
    #[command(flatten)]
    pub(crate) installation: Installation,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys
    ///
    /// A line each, separated by tabs: name, when it was made, since when it seals, and its state (sealing, opening
    /// or waiting).
    List,
    /// Add a key that seals from ten minutes on, and drop those that no living ticket needs
    ///
    /// Running servers follow by themselves.
    Rotate,
}

#[derive(Args, Debug)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: Option<ConfigCommand>,
    #[command(flatten)]
    pub(crate) installation: Installation,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the configuration, the environment's part of it included, and the fonts it names
    Check,
}

fn style(name: &str) -> Result<String, String> {
    match Styles::standard().get(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err("there is no such style; `inkgate styles` lists them".to_owned()),
    }
}

fn preset(name: &str) -> Result<String, String> {
    match is_known(name, &Styles::standard()) {
        true => Ok(name.to_owned()),
        false => Err(
            "there is no such style; `inkgate styles` lists them, and there is `work`".to_owned(),
        ),
    }
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::extension))
        .map(|extension| Format::of_extension(&extension).expect("no other value is possible"))
}

fn text(text: &str) -> Result<Answer, String> {
    if !(1..=MOST_GLYPHS).contains(&text.chars().count()) {
        return Err(format!("a text has 1 to {MOST_GLYPHS} characters"));
    }
    Answer::new(text).map_err(|error| error.to_string())
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let side = |text: &str| text.parse().ok().filter(|side| SIDES.contains(side));
    let size = text.split_once('x');
    size.and_then(|(width, height)| Some([side(width)?, side(height)?]))
        .ok_or_else(|| {
            let (least, most) = SIDES.into_inner();
            format!(
                "a size is width x height, such as 280x100, and each side {least} to {most} pixels"
            )
        })
}

fn sheet(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if extension == "png" => Ok(path),
        _ => Err("a sheet is a PNG file: its name ends with .png".to_owned()),
    }
}

fn seed(text: &str) -> Result<Seed, String> {
    let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let digits: Option<Vec<u8>> = text.chars().map(digit).collect();
    let pairs = digits
        .unwrap_or_default()
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect::<Vec<_>>();
    match <[u8; 32]>::try_from(pairs) {
        Ok(bytes) if text.len() == 64 => Ok(Seed::from_bytes(bytes)),
        _ => Err("a seed is 64 hexadecimal digits".to_owned()),
    }
}

fn email(text: &str) -> Result<String, Error> {
    Email::parse(text).map(|_| text.to_owned())
}

fn name(text: &str) -> Result<String, Error> {
    NewMember::new("any@example.org", text, None).map(|_| text.to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("seconds are a number from 0.01 to 3600".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_surface_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_seed_is_64_hexadecimal_digits() {
        let text = "00ff".repeat(16);
        assert!(seed(&text).is_ok());
        assert!(seed(&text.to_uppercase()).is_ok());
        for wrong in [
            "",
            "0",
            &text[1..],
            &format!("{text}0"),
            &text.replace('f', "g"),
            &"é".repeat(32),
        ] {
            assert!(seed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_is_two_sides_within_bounds() {
        assert_eq!(size("16x1024"), Ok([16, 1024]));
        for wrong in [
            "",
            "x",
            "100",
            "100x",
            "15x100",
            "100x1025",
            "100x100x100",
            "-100x100",
            "99999999999x100",
            "100X100",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
