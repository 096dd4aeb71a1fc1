use std::{
    io::{self, BufRead, IsTerminal, Read},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use inkgate::Keyring;
use inkgate_server::{
    Clock, Config, Metrics,
    config::StoreAddress,
    data::DataFolder,
    service::{
        curve::Curve,
        link::Links,
        mail::{Letter, Mail},
        password::{Password, Passwords},
        throttle::Throttle,
    },
};
use inkgate_store::{Error, Member, Members, NewMember, PasswordHash, Store, Table};
use zeroize::Zeroizing;

use super::{
    import::{self, Row, Secret},
    now, open_beside, print, serve,
};
use crate::args::{self, MemberCommand};

pub(crate) fn run(args: &args::Member) -> anyhow::Result<()> {
    let config = args.installation.config()?;
    if config.members_address() == StoreAddress::Memory {
        bail!(
            "store: with \"memory\" the members live in the server's process and only its link can create one"
        );
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(obey(&args.command, config))
}

async fn obey(command: &MemberCommand, config: Config) -> anyhow::Result<()> {
    let books = Books::open(
        config,
        matches!(
            command,
            MemberCommand::Add { .. } | MemberCommand::Import { .. }
        ),
    )
    .await?;
    match command {
        MemberCommand::Add { email, name } => books.add(email, name.as_deref()).await,
        MemberCommand::List => books.list().await,
        MemberCommand::Passwd { email } => books.set_password(email).await,
        MemberCommand::Link { email, mail } => books.link(email, *mail).await,
        MemberCommand::Import { file } => books.import(file).await,
        MemberCommand::Unlock { email } => books.unlock(email).await,
        MemberCommand::Disable { email } => books.set_disabled(email, true).await,
        MemberCommand::Enable { email } => books.set_disabled(email, false).await,
        MemberCommand::Remove { email } => books.remove(email).await,
    }
}

/// The members of an installation and what their passwords need.
struct Books {
    config: Config,
    keyring: Keyring,
    store: Arc<dyn Store>,
    members: Arc<dyn Members>,
}

impl Books {
    /// Opens an installation. Only the first `add` makes one where there is none.
    async fn open(config: Config, may_create: bool) -> anyhow::Result<Self> {
        let folder = DataFolder::at(&config.data);
        let keyring = if may_create {
            folder.create()?;
            folder.keys_or_new(now())?
        } else {
            folder.keys()?
        };
        let storage = open_beside(&config, may_create, "member").await?;
        Ok(Self {
            members: storage.members,
            store: storage.store,
            keyring,
            config,
        })
    }

    async fn add(&self, email: &str, name: Option<&str>) -> anyhow::Result<()> {
        let name = name.unwrap_or_else(|| default_name(email));
        let new = NewMember::new(email, name, None)?;
        // Found out before a password is typed; the store decides.
        if self.members.by_email(email).await?.is_some() {
            bail!(taken(email));
        }
        let password = self.ask_password(email, name).await?;
        match self.members.add(new.with_password(password)).await {
            Err(Error::Conflict) => bail!(taken(email)),
            added => {
                let member = added?;
                tracing::info!(event = "user_created", member = %member.id, "by the operator");
                Ok(print(&format!("added {}\n", member.email))?)
            }
        }
    }

    async fn list(&self) -> anyhow::Result<()> {
        let members = self.members.list().await?;
        Ok(print(&members.iter().map(line).collect::<String>())?)
    }

    async fn set_password(&self, email: &str) -> anyhow::Result<()> {
        let member = self.find(email).await?;
        let password = self.ask_password(&member.email, &member.name).await?;
        let done = self.members.set_password(member.id, password).await?;
        self.throttle().forget(&member).await?;
        told(
            done,
            "the password is set, and every browser signed out",
            &member,
        )
    }

    async fn link(&self, email: &str, by_mail: bool) -> anyhow::Result<()> {
        let member = self.find(email).await?;
        let links = Links::new(
            Table::new(self.store.clone()),
            Arc::clone(&self.members),
            self.passwords()?,
            self.throttle(),
            Clock::system(),
        );
        let handle = links.set_password(&member).await?;
        // A running server may listen elsewhere than it is configured to.
        let noted = DataFolder::at(&self.config.data).address();
        let address = noted.unwrap_or(self.config.listen);
        let link = serve::link(&self.config, address, &handle.reveal());
        if !by_mail {
            return Ok(print(&format!("{link}\n"))?);
        }
        let curve = Curve::new(self.store.clone(), Clock::system());
        let mail = Mail::new(&self.config.mail, curve)?
            .context("mail: nothing is configured to send it with; see `inkgate config`")?;
        let name = &self.config.login.name;
        let text = format!(
            "Here is a link to set the password of your account. It works once, within a day:\n\n{link}\n"
        );
        let subject = format!("{name}: A link to set your password");
        let letter = Letter {
            to: member.email.clone(),
            subject,
            text,
        };
        match mail.deliver(letter).await {
            Ok(true) => told(true, "a link was mailed", &member),
            Ok(false) => bail!(
                "{}: had several mails just now; try again later",
                member.email
            ),
            Err(error) => Err(anyhow!("the mail could not be sent: {error}")),
        }
    }

    /// Adds whom it can, and says of each other why not.
    async fn import(&self, file: &Path) -> anyhow::Result<()> {
        let passwords = self.passwords()?;
        let mut added = 0;
        for row in import::read(file)? {
            let number = row.number;
            let not_taken = match row.secret {
                Secret::NotTaken(why) => Some(why),
                _ => None,
            };
            match (self.add_row(row, &passwords).await?, not_taken) {
                (Some(why), _) => print(&format!("skipped\t{number}\t{why}\n"))?,
                (None, Some(why)) => {
                    added += 1;
                    print(&format!("invited\t{number}\tno password was set: {why}\n"))?;
                }
                (None, None) => added += 1,
            }
        }
        tracing::info!(event = "user_imported", added, "members were imported");
        Ok(print(&format!("added\t{added}\n"))?)
    }

    /// Why a row makes no member, if it does not.
    async fn add_row(&self, row: Row, passwords: &Passwords) -> anyhow::Result<Option<String>> {
        let name = row
            .name
            .as_deref()
            .unwrap_or_else(|| default_name(&row.email));
        let new = match NewMember::new(&row.email, name, None) {
            Ok(new) => new,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let new = match row.secret {
            Secret::Typed(password) => new.with_password(passwords.hash(password).await?),
            Secret::Hash(hash) => new.with_password(hash),
            Secret::None | Secret::NotTaken(_) => new,
        };
        let member = match self.members.add(new).await {
            Ok(member) => member,
            Err(Error::Conflict) => return Ok(Some("there is such a member already".to_owned())),
            Err(error) => return Err(error.into()),
        };
        if row.is_disabled {
            self.members.set_disabled(member.id, true).await?;
        }
        Ok(None)
    }

    async fn set_disabled(&self, email: &str, disabled: bool) -> anyhow::Result<()> {
        let member = self.find(email).await?;
        let done = self.members.set_disabled(member.id, disabled).await?;
        told(done, if disabled { "disabled" } else { "enabled" }, &member)
    }

    async fn remove(&self, email: &str) -> anyhow::Result<()> {
        let member = self.find(email).await?;
        let done = self.members.remove(member.id).await?;
        told(done, "removed", &member)
    }

    async fn find(&self, email: &str) -> anyhow::Result<Member> {
        let member = self.members.by_email(email).await?;
        member.with_context(|| {
            format!("there is no member {email}; `inkgate member list` lists them")
        })
    }

    async fn ask_password(&self, email: &str, name: &str) -> anyhow::Result<PasswordHash> {
        let password = Password::chosen(&read_twice()?, email, name)?;
        Ok(self.passwords()?.hash(password).await?)
    }

    /// Where the running server counts, too.
    fn throttle(&self) -> Throttle {
        Throttle::new(
            true,
            self.store.clone(),
            Clock::system(),
            Metrics::default(),
        )
    }

    async fn unlock(&self, email: &str) -> anyhow::Result<()> {
        let member = self.find(email).await?;
        self.throttle().forget(&member).await?;
        told(true, "wrong passwords are forgotten", &member)
    }

    fn passwords(&self) -> anyhow::Result<Passwords> {
        Ok(Passwords::of(&self.keyring)?)
    }
}

fn taken(email: &str) -> String {
    format!("there is a member {email} already; `inkgate member passwd` sets a new password")
}

/// The first 64 characters of what stands before the @.
fn default_name(email: &str) -> &str {
    let local = email.split('@').next().unwrap_or(email);
    match local.char_indices().nth(64) {
        Some((end, _)) => &local[..end],
        None => local,
    }
}

fn line(member: &Member) -> String {
    let state = match member {
        _ if member.disabled => "disabled",
        _ if member.password.is_none() => "invited",
        _ => "active",
    };
    let created = inkgate::Timestamp::from_millis(member.created);
    format!(
        "{}\t{}\t{}\t{state}\t{created}\n",
        member.id, member.email, member.name
    )
}

fn told(done: bool, what: &str, member: &Member) -> anyhow::Result<()> {
    if !done {
        bail!("{} was removed meanwhile", member.email);
    }
    tracing::info!(event = "user_updated", member = %member.id, what, "by the operator");
    Ok(print(&format!("{}: {what}\n", member.email))?)
}

/// A new password, typed twice at a terminal, or two lines of standard input. Never an argument, which everybody on
/// the machine can read.
fn read_twice() -> anyhow::Result<Zeroizing<String>> {
    let [first, second] = if io::stdin().is_terminal() {
        [
            Zeroizing::new(rpassword::prompt_password("New password: ")?),
            Zeroizing::new(rpassword::prompt_password("The same again: ")?),
        ]
    } else {
        let mut input = io::stdin().lock();
        [read_line(&mut input)?, read_line(&mut input)?]
    };
    if first != second {
        bail!("the two passwords differ");
    }
    Ok(first)
}

/// More than any password has.
const LONGEST_LINE: u64 = 8 * 1024;

fn read_line(input: &mut impl BufRead) -> anyhow::Result<Zeroizing<String>> {
    // Room for all at once: a text that grows leaves copies behind.
    let mut line = Zeroizing::new(String::with_capacity(LONGEST_LINE as usize));
    let read = input.take(LONGEST_LINE).read_line(&mut line);
    if read.context("standard input")? == 0 {
        bail!("standard input must have the password twice, a line each");
    }
    let end = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(end);
    Ok(line)
}
