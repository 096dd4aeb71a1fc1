use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anyhow::Context;
use inkgate::Styles;
use inkgate_server::{AppState, Config, config::Sources};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::print;
use crate::args::Serve;

pub(crate) fn run(args: &Serve) -> anyhow::Result<()> {
    let config = Config::load(&Sources {
        listen: args.listen,
        insecure_http: args.insecure_http,
        ..args.installation.sources()
    })?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(config))
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // The port comes first: a second server that finds it in use must not have opened the store, which raises the
    // fence.
    let listener = listen(config.listen).await?;
    let address = listener.local_addr()?;
    let shutdown = until_told()?;
    let state = AppState::open(config)?;
    warn_of(&state.config);
    print(&format!("listening on http://{address}\n"))?;
    print_first_link(&state, address).await?;
    inkgate_server::serve(state, listener, shutdown).await;
    Ok(())
}

/// Says once what the operator has chosen and may not have meant.
fn warn_of(config: &Config) {
    let name = &config.pages.member.style;
    if Styles::standard().get(name).is_some_and(|style| style.weak) {
        tracing::warn!(
            "pages.member.style: stock text recognition reads `{name}`; `ink` is much harder to read for it"
        );
    }
    if !config.listen.ip().is_loopback() && !config.is_secure() {
        tracing::warn!("passwords travel readable: there is no https address in public_url");
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; another program may have it: choose another with --listen"
        )
    })
}

/// While there is no member, the link that creates the first.
async fn print_first_link(state: &AppState, address: SocketAddr) -> anyhow::Result<()> {
    if state.members.count().await? > 0 {
        return Ok(());
    }
    let handle = state.links.create_first().await?;
    let link = link(&state.config, address, &handle.reveal());
    Ok(print(&format!(
        "there is no member yet; whoever opens this link once, within a day, creates the first: {link}\n"
    ))?)
}

/// The address of a one-time link, as visitors reach this installation.
pub(super) fn link(config: &Config, address: SocketAddr, handle: &str) -> String {
    let origin = match &config.public_url {
        Some(url) => url.origin(),
        None => format!("http://{}", reachable(address)),
    };
    format!("{origin}/link/{handle}")
}

/// Whoever listens everywhere is reached here at loopback, too.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Resolves when the process is told to end: by Ctrl-C, or by whatever supervises it.
fn until_told() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_an_address_that_can_be_opened() {
        let config = Config::default();
        for (listens, origin) in [
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:8080", "http://[::1]:8080"),
            ("192.0.2.1:8080", "http://192.0.2.1:8080"),
        ] {
            let link = link(&config, listens.parse().unwrap(), "text");
            assert_eq!(link, format!("{origin}/link/text"));
        }
        let config = Config {
            public_url: Some("https://login.example.org".to_owned().try_into().unwrap()),
            ..config
        };
        let link = link(&config, "0.0.0.0:80".parse().unwrap(), "text");
        assert_eq!(link, "https://login.example.org/link/text");
    }
}
