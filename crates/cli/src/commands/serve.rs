use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, bail};
use inkgate::Styles;
use inkgate_server::{
    AppState, Config, Listeners,
    config::{Sources, StoreAddress},
    data::DataFolder,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

use super::print;
use crate::args::Serve;

pub(crate) fn run(args: &Serve) -> anyhow::Result<()> {
    let config = Config::load(&Sources {
        listen: args.listen,
        insecure_http: args.insecure_http,
        ..args.installation.sources()
    })?;
    config.check_reach()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(serve(config));
    // What was cut off must not hold up the end.
    runtime.shutdown_background();
    ended
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // The port comes first: a second server that finds it in use must not have opened the store, which raises the
    // fence.
    let public = listen(config.listen).await?;
    let address = public.local_addr()?;
    let admin = match config.admin_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let mut orders = Orders::new()?;
    let state = AppState::open(config)?;
    state.settled().await?;
    warn_of(&state.config);
    let _note = Note::leave(&state.config, address);
    tell(&format!("listening on http://{address}\n"));
    if let Some(admin) = &admin {
        tell(&format!(
            "metrics on http://{}/metrics\n",
            admin.local_addr()?
        ));
    }
    if let Err(error) = tell_first_link(&state, address).await {
        if !is_away(&error) {
            return Err(error);
        }
        tell_later(state.clone(), address);
    }
    let (end, ended) = oneshot::channel();
    let shutdown = async {
        // An error says that nobody can tell us to end any more.
        let _ = ended.await;
    };
    tokio::select! {
        () = inkgate_server::serve(state, Listeners { public, admin }, shutdown) => Ok(()),
        () = async {
            orders.until_told().await;
            let _ = end.send(());
            orders.until_told().await;
        } => bail!("told to end twice: requests in flight were cut off"),
    }
}

/// Standard output is for whoever starts the server by hand; the server goes on without.
fn tell(text: &str) {
    if let Err(error) = print(text) {
        tracing::warn!(%error, "standard output is closed, and what was said there lost");
    }
}

/// The note in the data folder that tells `inkgate member link` where the server listens, for as long as this lives.
struct Note {
    folder: DataFolder,
    address: SocketAddr,
}

impl Note {
    fn leave(config: &Config, address: SocketAddr) -> Option<Self> {
        if config.store == StoreAddress::Memory {
            return None;
        }
        let folder = DataFolder::at(&config.data);
        if let Err(error) = folder.note_address(address) {
            tracing::warn!(%error, "`inkgate member link` will not know where the server listens");
        }
        Some(Self { folder, address })
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.folder.forget_address(self.address);
    }
}

/// Says once what the operator has chosen and may not have meant.
fn warn_of(config: &Config) {
    let name = &config.pages.member.style;
    if Styles::standard().get(name).is_some_and(|style| style.weak) {
        tracing::warn!(
            "pages.member.style: stock text recognition reads `{name}`; `ink` is much harder to read for it"
        );
    }
    if config.is_for_tests() {
        tracing::warn!("profile: this is an installation for tests: it guards nothing");
    }
    if !config.listen.ip().is_loopback() && !config.is_secure() {
        tracing::warn!("passwords travel readable: there is no https address in public_url");
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; another program may have it: choose another with --listen, or with admin_listen"
        )
    })
}

/// Whether the store was away when something was asked of it.
fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(
            cause.downcast_ref(),
            Some(inkgate_store::Error::Unavailable(_))
        )
    })
}

/// Tells the first link once the store that was away at the start is back.
fn tell_later(state: AppState, address: SocketAddr) {
    tokio::spawn(async move {
        while tell_first_link(&state, address).await.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

/// While there is no member, the link that creates the first.
async fn tell_first_link(state: &AppState, address: SocketAddr) -> anyhow::Result<()> {
    if state.members.count().await? > 0 {
        return Ok(());
    }
    let handle = state.links.create_first().await?;
    let link = link(&state.config, address, &handle.reveal());
    tell(&format!(
        "there is no member yet; whoever opens this link once, within a day, creates the first: {link}\n"
    ));
    Ok(())
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

/// What the process is told: by Ctrl-C, or by whatever supervises it.
struct Orders {
    interrupt: Signal,
    terminate: Signal,
}

impl Orders {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves when the process is told to end, each time again.
    async fn until_told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
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
