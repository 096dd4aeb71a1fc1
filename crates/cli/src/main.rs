//! The `inkgate` command: every subcommand is a thin call into the library, the store and the server.

mod args;
mod commands;
mod log;

use std::{
    fs::OpenOptions,
    io::{self, IsTerminal},
    os::unix::fs::OpenOptionsExt,
    panic,
    process::ExitCode,
};

use anyhow::{Context, anyhow, bail};
use clap::Parser;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, LevelFilter, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    args::{Arguments, Command},
    log::Log,
};

/// 0: done. 1: one line on standard error says why not. 2: wrong arguments, which clap tells.
fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let serves = matches!(command, Command::Serve(_));
    let log = Log::to(io::stderr());
    let done = start_log(&log, if serves { "info" } else { "warn" }).and_then(|()| run(command));
    let code = match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has read enough. Output is not what a server is for.
        Err(error) if !serves && is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            log.say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    };
    log.finish();
    code
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(serve) => commands::serve::run(&serve),
        Command::Draw(draw) => commands::draw::run(&draw),
        Command::Score(score) => commands::score::run(&score),
        Command::Styles => commands::styles::run(),
        Command::Inspect(inspect) => commands::inspect::run(&inspect),
        Command::Speed(speed) => commands::speed::run(&speed),
        Command::Member(member) => commands::member::run(&member),
        Command::Backup(backup) => commands::backup::back_up(&backup),
        Command::Restore(backup) => commands::backup::restore(&backup),
        Command::Site(site) => commands::site::run(&site),
        Command::Key(key) => commands::key::run(&key),
        Command::Config(config) => commands::config::run(&config),
    }
}

/// What happens to accounts, and who is refused, as lines of JSON added to the file that `INKGATE_AUDIT_LOG` names:
/// every event that has a name, whatever `INKGATE_LOG` leaves out (LOG-01). A full disk holds up nobody.
fn audit_log<S>() -> anyhow::Result<Option<impl Layer<S>>>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let Some(path) = std::env::var_os("INKGATE_AUDIT_LOG") else {
        return Ok(None);
    };
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("INKGATE_AUDIT_LOG: {}", path.display()))?;
    let log = Log::to(file);
    let named =
        filter_fn(|metadata| metadata.is_span() || metadata.fields().field("event").is_some());
    let layer = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(move || log.clone());
    Ok(Some(layer.with_filter(named)))
}

/// The log goes to standard error, as lines of text or of JSON (`INKGATE_LOG_FORMAT`), as `INKGATE_LOG` says (`warn`, `inkgate_server=debug`, …). Panics go there, too.
fn start_log(log: &Log, usual: &str) -> anyhow::Result<()> {
    let wish = match std::env::var("INKGATE_LOG") {
        // The error says its cause itself.
        Ok(wish) => EnvFilter::try_new(&wish).map_err(|error| anyhow!("INKGATE_LOG: {error}"))?,
        Err(_) => EnvFilter::new(usual),
    };
    // It logs whole addresses, and ours hold tickets and one-time links: no wish outranks this (LOG-02). The server
    // logs its refusals itself.
    let allowed = filter_fn(|metadata| !metadata.target().starts_with("tower_http"))
        .with_max_level_hint(LevelFilter::TRACE);
    let writer = log.clone();
    let lines = fmt::layer().with_writer(move || writer.clone());
    let layer = match std::env::var("INKGATE_LOG_FORMAT").as_deref() {
        Ok("json") => lines.json().boxed(),
        Ok("text") | Err(_) => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        Ok(other) => bail!("INKGATE_LOG_FORMAT: {other:?} is not text or json"),
    };
    let layer = layer.with_filter(wish.and(allowed));
    tracing_subscriber::registry()
        .with(layer)
        .with(audit_log()?)
        .init();
    let writer = log.clone();
    panic::set_hook(Box::new(move |panic| {
        writer.say(&panic.to_string());
        // Nothing may come after it.
        writer.finish();
    }));
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
