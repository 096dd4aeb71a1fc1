use std::{sync::Arc, time::Duration};

use anyhow::{anyhow, bail};
use inkgate_server::{
    Config,
    config::{StoreAddress, check_site},
    data::DataFolder,
    service::sites::{Secret, new_key},
};
use inkgate_store::{Error, NewSite, Site, Sites};

use super::{now, open_beside, print};
use crate::args::{self, SiteCommand};

pub(crate) fn run(args: &args::Site) -> anyhow::Result<()> {
    let config = args.installation.config()?;
    if config.members_address() == StoreAddress::Memory {
        bail!("store: with \"memory\" sites stand in the configuration only, as [[site]]");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(obey(&args.command, &config))
}

async fn obey(command: &SiteCommand, config: &Config) -> anyhow::Result<()> {
    let sites = open(config, matches!(command, SiteCommand::Add { .. })).await?;
    match command {
        SiteCommand::Add {
            name,
            host,
            preset,
            action,
            key,
        } => {
            let key = key.clone().map_or_else(new_key, Ok)?;
            check_site(&key, preset).map_err(|why| anyhow!(why))?;
            let secret = Secret::random()?;
            let new = NewSite::new(name, &key, secret.digest(), host, preset, action)?;
            add(&*sites, new, &key, &secret, config).await
        }
        SiteCommand::List => list(&*sites, config).await,
        SiteCommand::Rotate { name, grace } => rotate(&*sites, name, *grace, config).await,
        SiteCommand::Remove { name } => match sites.remove(name).await? {
            true => Ok(print(&format!("{name}: removed\n"))?),
            false => bail!(unknown(name, config)),
        },
    }
}

/// The sites of an installation. Only `add` makes one where there is none.
async fn open(config: &Config, may_create: bool) -> anyhow::Result<Arc<dyn Sites>> {
    let folder = DataFolder::at(&config.data);
    if may_create {
        folder.create()?;
        folder.keys_or_new(now())?;
    }
    Ok(open_beside(config, may_create, "site").await?.sites)
}

async fn add(
    sites: &dyn Sites,
    new: NewSite,
    key: &str,
    secret: &Secret,
    config: &Config,
) -> anyhow::Result<()> {
    let name = new.name().to_owned();
    let is_configured =
        |site: &inkgate_server::config::SiteConfig| site.name == name || site.key == key;
    if config.site.iter().any(is_configured) {
        bail!("there is a site {name} or a site key {key} in the configuration already");
    }
    match sites.add(new).await {
        Err(Error::Conflict) => bail!(
            "there is a site {name} or a site key {key} already; `inkgate site list` lists them"
        ),
        added => added?,
    };
    let secret = secret.reveal();
    Ok(print(&format!("sitekey\t{key}\nsecret\t{secret}\n"))?)
}

async fn list(sites: &dyn Sites, config: &Config) -> anyhow::Result<()> {
    let line = |site: &Site| {
        let created = inkgate::Timestamp::from_millis(site.created).to_string();
        line(
            &site.name,
            &site.key,
            [&site.hosts, &site.presets, &site.actions],
            &created,
        )
    };
    let stored: String = sites.list().await?.iter().map(line).collect();
    let configured: String = config.site.iter().map(of_configuration).collect();
    Ok(print(&format!("{configured}{stored}"))?)
}

fn of_configuration(site: &inkgate_server::config::SiteConfig) -> String {
    let lists = [&site.hosts, &site.presets, &site.actions];
    line(&site.name, &site.key, lists, "configured")
}

fn line(name: &str, key: &str, lists: [&Vec<String>; 3], created: &str) -> String {
    let [hosts, presets, actions] = lists.map(|list| match list.as_slice() {
        [] => "-".to_owned(),
        list => list.join(","),
    });
    format!("{name}\t{key}\t{hosts}\t{presets}\t{actions}\t{created}\n")
}

async fn rotate(sites: &dyn Sites, name: &str, grace: u64, config: &Config) -> anyhow::Result<()> {
    let secret = Secret::random()?;
    let grace = Duration::from_secs(grace * 3_600);
    if !sites.rotate(name, secret.digest(), grace).await? {
        bail!(unknown(name, config));
    }
    Ok(print(&format!("secret\t{}\n", secret.reveal()))?)
}

fn unknown(name: &str, config: &Config) -> String {
    if config.site.iter().any(|site| site.name == name) {
        return format!("the site {name} stands in the configuration: change it there");
    }
    format!("there is no site {name}; `inkgate site list` lists them")
}
