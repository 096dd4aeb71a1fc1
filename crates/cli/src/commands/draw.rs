use std::{
    fs::{self, File},
    io::{self, BufWriter, IsTerminal, Write},
    path::Path,
};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use inkgate::{Answer, Pen, Raster, Seed, Style, Styles, View, encode::Format};

use super::sheet;
use crate::args::{Draw, Installation};

pub(crate) fn run(args: &Draw) -> anyhow::Result<()> {
    let mut series = Series::new(args)?;
    match (args.count, &args.out, &args.sheet) {
        (Some(count), Some(folder), _) => draw_many(&mut series, count, folder),
        (Some(count), _, Some(path)) => sheet::draw(&mut series, count, path, args.per_sheet),
        _ => draw_one(&mut series, args.output.as_deref()),
    }
}

/// Pictures of one style, each fixed by its number and the seed.
pub(super) struct Series<'a> {
    pub(super) style: Style,
    text: Option<&'a Answer>,
    seed: Seed,
    format: Format,
    pen: Pen,
}

impl<'a> Series<'a> {
    fn new(args: &'a Draw) -> anyhow::Result<Self> {
        let styles = styles(args.data.as_deref())?;
        let style = styles
            .get(&args.style)
            .expect("the name was checked when it was read");
        Ok(Self {
            style: match args.size {
                Some([width, height]) => style.sized(width, height)?,
                None => style.clone(),
            },
            text: args.text.as_ref(),
            seed: match &args.seed {
                Some(seed) => seed.clone(),
                None => Seed::random()?,
            },
            format: args.format,
            pen: Pen::new(),
        })
    }

    /// Picture `number`, and what it shows.
    pub(super) fn draw(&mut self, number: u32) -> anyhow::Result<(&Raster, Answer)> {
        let seed = self.seed.nth(number);
        let answer = match self.text {
            Some(text) => text.clone(),
            None => self.style.choose_from(&seed)?,
        };
        let raster = self
            .pen
            .draw(&answer, &self.style, &seed, View::default())?;
        Ok((raster, answer))
    }

    /// The file of picture `number`, and what it shows.
    fn file(&mut self, number: u32) -> anyhow::Result<(Vec<u8>, Answer)> {
        let format = self.format;
        let (raster, answer) = self.draw(number)?;
        Ok((format.to_vec(raster), answer))
    }
}

/// The built-in styles, or those of the installation in `data`, where nothing is made.
fn styles(data: Option<&Path>) -> anyhow::Result<Styles> {
    let Some(data) = data else {
        return Ok(Styles::standard());
    };
    if !data.is_dir() {
        bail!("{}: there is no such folder", data.display());
    }
    let installation = Installation {
        data: Some(data.to_owned()),
        config: None,
    };
    Ok(inkgate_server::styles(&installation.config()?)?)
}

fn draw_one(series: &mut Series<'_>, output: Option<&Path>) -> anyhow::Result<()> {
    let to_file = output.filter(|path| *path != Path::new("-"));
    if to_file.is_none() && io::stdout().is_terminal() {
        bail!("a picture is not for a terminal; name a file with -o FILE, or pipe it somewhere");
    }
    let (file, _) = series.file(0)?;
    match to_file {
        Some(path) => fs::write(path, file).with_context(|| path.display().to_string())?,
        None => {
            let mut out = io::stdout().lock();
            out.write_all(&file)?;
            out.flush()?;
        }
    }
    Ok(())
}

fn draw_many(series: &mut Series<'_>, count: u32, folder: &Path) -> anyhow::Result<()> {
    let mut labels = Labels::create(folder)?;
    let digits = count.to_string().len();
    let progress = progress(count)?;
    for number in 0..count {
        let (file, answer) = series.file(number)?;
        let name = format!("{number:0digits$}.{}", series.format.extension());
        let path = folder.join(&name);
        fs::write(&path, file).with_context(|| path.display().to_string())?;
        labels.add(&name, &answer)?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    labels.finish()
}

pub(super) fn progress(count: u32) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pictures, {eta} left")?;
    Ok(ProgressBar::new(count.into()).with_style(style))
}

/// `labels.tsv`: which file shows what.
struct Labels {
    path: String,
    file: BufWriter<File>,
}

impl Labels {
    /// Refuses a folder that has labels: pictures of two runs would mix.
    fn create(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let path = folder.join("labels.tsv");
        let shown = path.display().to_string();
        match File::create_new(&path) {
            Ok(file) => Ok(Self {
                path: shown,
                file: BufWriter::new(file),
            }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{shown} is there already; give another folder to --out")
            }
            Err(error) => Err(error).context(shown),
        }
    }

    fn add(&mut self, name: &str, answer: &Answer) -> anyhow::Result<()> {
        writeln!(self.file, "{name}\t{}", answer.reveal()).with_context(|| self.path.clone())
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.file.flush().context(self.path)
    }
}
