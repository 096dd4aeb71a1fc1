//! The `inkgate` command: every subcommand is a thin call into the library, the store and the server.

mod args;
mod commands;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use anyhow::Context;
use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{Arguments, Command};

/// 0: done. 1: one line on standard error says why not. 2: wrong arguments, which clap tells.
fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has read enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let line = format!("{error:#}").replace(['\n', '\r'], " ");
            // There is nowhere to tell that standard error is closed.
            let _ = writeln!(io::stderr(), "inkgate: {line}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let usual = if matches!(command, Command::Serve(_)) {
        "info"
    } else {
        "warn"
    };
    start_log(usual)?;
    match command {
        Command::Serve(serve) => commands::serve::run(&serve),
        Command::Draw(draw) => commands::draw::run(&draw),
        Command::Styles => commands::styles::run(),
        Command::Inspect(inspect) => commands::inspect::run(&inspect),
        Command::Speed(speed) => commands::speed::run(&speed),
        Command::Member(member) => commands::member::run(&member),
        Command::Key(key) => commands::key::run(&key),
        Command::Config(config) => commands::config::run(&config),
    }
}

/// The log goes to standard error, as `INKGATE_LOG` says (`warn`, `inkgate_server=debug`, …).
fn start_log(usual: &str) -> anyhow::Result<()> {
    let filter = match std::env::var("INKGATE_LOG") {
        Ok(wish) => EnvFilter::try_new(&wish).context("INKGATE_LOG")?,
        Err(_) => EnvFilter::new(usual),
    };
    // It logs whole addresses, and ours hold tickets and one-time links. The server logs its refusals itself.
    let filter = filter.add_directive("tower_http=off".parse()?);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
