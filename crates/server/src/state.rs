//! Everything a request may need, built once from the configuration.

use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use inkgate::Styles;
use inkgate_store::{Error, Members, Store, Table};

use crate::clock::Clock;
use crate::config::{Config, ConfigError, StoreAddress};
use crate::data::{DataError, DataFolder, keys_without_folder};
use crate::faces::styles;
use crate::metrics::Metrics;
use crate::pages::Assets;
use crate::service::asking::Asking;
use crate::service::captcha::{Captcha, Lives};
use crate::service::curve::Curve;
use crate::service::device::Devices;
use crate::service::keys::Keys;
use crate::service::limiter::{Limiter, Prefix};
use crate::service::link::Links;
use crate::service::login::Login;
use crate::service::mail::Mail;
use crate::service::marks::Marks;
use crate::service::password::Passwords;
use crate::service::policy::Policy;
use crate::service::remember::Remember;
use crate::service::session::Sessions;
use crate::service::sites::Sites;
use crate::service::throttle::Throttle;
use crate::service::verify::Verifier;
use crate::storage::{Opener, Remotes, Storage};

/// The services, shared by all requests: a handle that each of them clones several times.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Services>);

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

/// Every service of an installation.
#[derive(Debug)]
pub struct Services {
    /// The settings.
    pub config: Arc<Config>,
    /// The one clock.
    pub clock: Clock,
    /// The keys in use.
    pub keys: Keys,
    /// Challenges.
    pub captcha: Captcha,
    /// Sign-in.
    pub login: Login,
    /// Sessions.
    pub sessions: Sessions,
    /// One-time links.
    pub links: Links,
    /// Limits per address.
    pub limiter: Limiter,
    /// What visitors of sites are asked for.
    pub policy: Policy,
    /// Limits per account.
    pub throttle: Throttle,
    /// When the product's own sign-in asks for a captcha …
    pub login_policy: Asking,
    /// … and the member site.
    pub member_policy: Asking,
    /// Where mail goes out, if anywhere.
    pub mail: Option<Mail>,
    /// The operator's own logo: its type and bytes.
    pub(crate) logo: Option<(&'static str, Bytes)>,
    /// Devices that members are known on.
    pub devices: Devices,
    /// Accounts.
    pub members: Arc<dyn Members>,
    /// Who asks for challenges and redeems tokens.
    pub sites: Sites,
    /// Redeems tokens.
    pub verifier: Verifier,
    /// Records that expire.
    pub store: Arc<dyn Store>,
    /// Stores that are reached over the network.
    pub(crate) remotes: Remotes,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether an end has begun.
    pub(crate) is_ending: Arc<AtomicBool>,
    /// Style sheet, scripts and mark.
    pub(crate) assets: Arc<Assets>,
    /// Whether the operator has been told of a proxy that is not trusted.
    pub(crate) told_of_proxy: Arc<Once>,
}

/// Why the server cannot start: one line that says what is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder or its keys cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A style's font cannot be used.
    #[error("style.{style}.{key}: {path}: {reason}")]
    Font {
        /// The style whose setting it is.
        style: String,
        /// The setting.
        key: &'static str,
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store cannot be opened; it names its file.
    #[error(transparent)]
    Store(#[from] inkgate_store::Error),
    /// A service cannot be built.
    #[error(transparent)]
    Service(#[from] crate::Error),
}

/// What the services stand on; tests choose their own.
#[derive(Debug)]
pub struct Foundation {
    /// Marks, sessions, remember-me logins, links and counters.
    pub store: Arc<dyn Store>,
    /// Accounts.
    pub members: Arc<dyn Members>,
    /// Sites.
    pub sites: Arc<dyn inkgate_store::Sites>,
    /// Keys.
    pub keys: Keys,
    /// The clock.
    pub clock: Clock,
}

/// How long a start waits for a store elsewhere.
const SETTLING: Duration = Duration::from_secs(3);

impl AppState {
    /// Opens the data folder, making what is missing, and builds every service.
    ///
    /// What needs no store is built first: opening one raises its fence, also under a server
    /// that runs already.
    pub fn open(config: Config) -> Result<Self, StartError> {
        let styles = styles(&config)?;
        let clock = Clock::system();
        let folder = DataFolder::at(&config.data);
        let keys = match config.store {
            StoreAddress::Memory => Keys::fixed(keys_without_folder(clock.now())?),
            _ => {
                folder.create()?;
                let keyring = folder.keys_or_new(clock.now())?;
                Keys::following(folder, keyring)
            }
        };
        let storage = Storage::open(&config, Opener::Server)?;
        let remotes = storage.remotes().clone();
        let foundation = Foundation {
            store: storage.store,
            members: storage.members,
            sites: storage.sites,
            keys,
            clock,
        };
        Self::assemble(config, styles, foundation, remotes)
    }

    /// Waits until the stores that are reached over the network answer, for a while at most. One that is away does not
    /// keep the server from starting: it answers 503 until the store is back.
    ///
    /// # Errors
    /// What does not pass by itself, such as a schema of a newer version.
    pub async fn settled(&self) -> Result<(), StartError> {
        match self.remotes.settled(SETTLING).await {
            Err(Error::Unavailable(_)) => {
                tracing::warn!(
                    "a store is away; requests that need it are answered with 503 until it is back"
                );
                Ok(())
            }
            settled => Ok(settled?),
        }
    }

    /// Builds every service on a given foundation.
    pub fn build(config: Config, foundation: Foundation) -> Result<Self, StartError> {
        let styles = styles(&config)?;
        Self::assemble(config, styles, foundation, Remotes::default())
    }

    fn assemble(
        config: Config,
        styles: Styles,
        foundation: Foundation,
        remotes: Remotes,
    ) -> Result<Self, StartError> {
        let Foundation {
            store,
            members,
            sites,
            keys,
            clock,
        } = foundation;
        let sites = Sites::new(config.sites()?, sites, clock.clone());
        let keyring = keys.current();
        let metrics = Metrics::default();
        let marks = Marks::new(Arc::clone(&store));
        let captcha = Captcha::new(
            keys.clone(),
            Arc::new(styles),
            marks.clone(),
            clock.clone(),
            Lives {
                ticket: config.ticket_life(),
                token: config.token_life(),
            },
            config.work.picture_instead,
            metrics.clone(),
        );
        let verifier = Verifier::new(keys.clone(), marks, clock.clone());
        let families = Table::new(Arc::clone(&store));
        let sessions = Sessions::new(
            Arc::clone(&store),
            Arc::clone(&members),
            clock.clone(),
            Duration::from_secs(config.session.idle_seconds),
            Duration::from_secs(config.session.absolute_seconds),
        );
        let passwords = Passwords::of(&keyring)?;
        let remember = Remember::new(
            families,
            Table::new(Arc::clone(&store)),
            Arc::clone(&members),
            clock.clone(),
            Duration::from_secs(config.remember.days * 86_400),
            keyring.derive("remember-me successor"),
        );
        let enabled = config.throttle.enabled;
        let limiter = Limiter::new(enabled, clock.clone(), metrics.clone());
        let throttle = Throttle::new(enabled, Arc::clone(&store), clock.clone(), metrics.clone());
        let devices = Devices::new(keyring.derive("device cookie"), clock.clone());
        let policy = Policy::new(
            config.throttle.enabled,
            config.policy.clone(),
            config.data.join("under-attack"),
            clock.clone(),
            metrics.clone(),
        );
        let asking = |when| {
            let login = &config.login;
            let (failures, attack) = (login.captcha_after_failures, login.captcha_after_attack);
            Asking::new(when, failures, attack, throttle.clone())
        };
        let login_policy = asking(config.login.captcha);
        let member_policy = asking(config.pages.member.captcha);
        let curve = Curve::new(Arc::clone(&store), clock.clone());
        let mail = Mail::new(&config.mail, curve)?;
        let logo = config.login.logo.as_deref().map(logo).transpose()?;
        let login = Login::new(
            Arc::clone(&members),
            passwords.clone(),
            sessions.clone(),
            remember,
            devices.clone(),
            throttle.clone(),
            limiter.clone(),
        );
        let links = Links::new(
            Table::new(Arc::clone(&store)),
            Arc::clone(&members),
            passwords,
            throttle.clone(),
            clock.clone(),
        );
        Ok(Self(Arc::new(Services {
            config: Arc::new(config),
            clock,
            keys,
            captcha,
            login,
            sessions,
            links,
            limiter,
            policy,
            throttle,
            login_policy,
            member_policy,
            mail,
            logo,
            devices,
            members,
            sites,
            verifier,
            store,
            remotes,
            metrics,
            is_ending: Arc::default(),
            assets: Arc::new(Assets::new()),
            told_of_proxy: Arc::new(Once::new()),
        })))
    }

    /// Tells the policy what came of a try with a ticket.
    pub(crate) async fn saw(
        &self,
        ticket: &str,
        prefix: Prefix,
        is_right: bool,
    ) -> Result<(), crate::Error> {
        let book = self.sites.book().await?;
        let site = self.captcha.site_of(ticket);
        let site = site.and_then(|key| book.by_key(&key).map(|site| site.name.clone()));
        self.policy
            .saw(site.as_deref().unwrap_or("-"), prefix, is_right);
        Ok(())
    }

    /// Deletes what has expired and reads the keys again; called once a minute.
    pub(crate) async fn tidy(&self) {
        self.limiter.sweep();
        if let Err(error) = self.keys.reload() {
            tracing::error!(%error, "the keys could not be read again; the ones in use stay");
        }
        match self.store.sweep().await {
            Ok(swept) => tracing::debug!(swept, "expired records deleted"),
            Err(error) => tracing::error!(%error, "expired records could not be deleted"),
        }
    }
}

/// The largest logo.
const LARGEST_LOGO: u64 = 256 * 1_024;

/// Reads the operator's logo, whose kind its name tells.
fn logo(path: &Path) -> Result<(&'static str, Bytes), ConfigError> {
    let refuse = |why: &str| ConfigError::new(format!("login.logo: {}: {why}", path.display()));
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        _ => return Err(refuse("a logo is an .svg, .png or .webp file")),
    };
    let size = std::fs::metadata(path).map_err(|error| refuse(&error.to_string()))?;
    if size.len() > LARGEST_LOGO {
        return Err(refuse("it is larger than 256 kB"));
    }
    let bytes = std::fs::read(path).map_err(|error| refuse(&error.to_string()))?;
    Ok((kind, bytes.into()))
}
