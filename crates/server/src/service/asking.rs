//! When a captcha is asked before a password is looked at.

use inkgate_store::Email;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::service::throttle::{Origin, Throttle};

/// When a sign-in asks for a captcha.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Each time.
    Always,
    /// Once tries of the account, or from the address, have failed, or as [`Self::UnderAttack`].
    AfterFailures,
    /// Once many tries of whatever accounts fail, from wherever.
    UnderAttack,
    /// At no time: the throttles alone keep guessers off.
    Never,
}

/// Decides whether a captcha is asked now.
#[derive(Clone, Debug)]
pub struct Asking {
    when: When,
    /// Failures in a row, of one account or address, before it is asked.
    failures: u32,
    /// Failures of all strangers in a minute or two before it is asked.
    attack: u64,
    throttle: Throttle,
}

impl Asking {
    /// This rule, over what the throttle has counted.
    pub fn new(when: When, failures: u32, attack: u64, throttle: Throttle) -> Self {
        Self {
            when,
            failures,
            attack,
            throttle,
        }
    }

    /// Whether a captcha is asked of this browser, for the account that it has named, if it has.
    /// Known and unknown accounts are counted alike, so the question tells nothing.
    pub async fn asks(&self, origin: &Origin, email: Option<&str>) -> Result<bool, Error> {
        match self.when {
            When::Always => Ok(true),
            When::Never => Ok(false),
            When::UnderAttack => self.is_under_attack().await,
            When::AfterFailures => {
                let here = self.throttle.failures_of_address(origin.prefix).await?;
                if here >= self.failures || self.is_under_attack().await? {
                    return Ok(true);
                }
                match email.filter(|email| Email::parse(email).is_ok()) {
                    Some(email) => {
                        let there = self.throttle.failures_of_account(email).await?;
                        Ok(there >= self.failures)
                    }
                    None => Ok(false),
                }
            }
        }
    }

    async fn is_under_attack(&self) -> Result<bool, Error> {
        Ok(self.throttle.failures_lately().await? >= self.attack)
    }
}
