//! Devices that a member has signed in on before, as OWASP's device cookies have them: their
//! tries are counted apart, so strangers who fail for an account do not lock its owner out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use inkgate::Timestamp;
use inkgate_store::Member;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Error;
use crate::clock::Clock;

/// How long a device is known after the last sign-in on it.
pub const LIFE: Duration = Duration::from_secs(365 * 86_400);

const NUMBERS: usize = 16 + 8 + 8 + 8;

/// A device of some member: the tries made on it are counted under its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// By chance, new at every sign-in.
    pub number: [u8; 16],
    member: i64,
    epoch: u64,
}

impl Device {
    /// A number that all devices of its member have in common.
    pub fn owner(&self) -> u64 {
        self.member.unsigned_abs()
    }

    /// Whether the member has signed in on it, and nothing has ended all sign-ins since.
    pub fn is_of(&self, member: &Member) -> bool {
        (self.member, self.epoch) == (member.id.number(), member.epoch)
    }
}

/// Issues and reads device cookies. They are signed and nothing is stored, so no flood of
/// sign-ins drives one out.
#[derive(Clone)]
pub struct Devices {
    key: Arc<Zeroizing<[u8; 32]>>,
    clock: Clock,
}

impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Devices")
    }
}

impl Devices {
    /// Cookies signed with this key.
    pub fn new(key: [u8; 32], clock: Clock) -> Self {
        Self {
            key: Arc::new(Zeroizing::new(key)),
            clock,
        }
    }

    /// The cookie's text for a device on which the member has just signed in.
    pub fn issue(&self, member: &Member) -> Result<String, Error> {
        let mut number = [0; 16];
        getrandom::fill(&mut number).map_err(inkgate::Error::Generator)?;
        let expires = (self.clock.now() + LIFE).as_millis();
        let mut bytes = Vec::with_capacity(NUMBERS + 32);
        bytes.extend(number);
        bytes.extend(expires.to_be_bytes());
        bytes.extend(member.id.number().to_be_bytes());
        bytes.extend(member.epoch.to_be_bytes());
        let signature = self.mac(&bytes).finalize().into_bytes();
        bytes.extend(signature);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The device, if its cookie is ours and its life not over.
    pub fn read(&self, text: &str) -> Option<Device> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (numbers, signature) = bytes.split_at_checked(NUMBERS)?;
        self.mac(numbers).verify_slice(signature).ok()?;
        let (number, rest) = numbers.split_first_chunk::<16>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let (member, rest) = rest.split_first_chunk::<8>()?;
        let (epoch, _) = rest.split_first_chunk::<8>()?;
        let expires = Timestamp::from_millis(u64::from_be_bytes(*expires));
        (self.clock.now() < expires).then(|| Device {
            number: *number,
            member: i64::from_be_bytes(*member),
            epoch: u64::from_be_bytes(*epoch),
        })
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&**self.key).expect("HMAC takes a key of any length");
        mac.update(bytes);
        mac
    }
}

#[cfg(test)]
mod tests {
    use inkgate_store::{Members, MemoryMembers, NewMember};

    use super::*;

    #[tokio::test]
    async fn a_device_is_its_members_for_a_year_or_until_all_sign_ins_end() {
        let clock = Clock::manual(Timestamp::from_millis(1_000_000));
        let devices = Devices::new([7; 32], clock.clone());
        let members = MemoryMembers::new();
        let add = async |email: &str| {
            let new = NewMember::new(email, "A", None).unwrap();
            members.add(new).await.unwrap()
        };
        let (ann, bob) = (add("ann@example.org").await, add("bob@example.org").await);
        let text = devices.issue(&ann).unwrap();
        assert_ne!(text, devices.issue(&ann).unwrap());
        let device = devices.read(&text).unwrap();
        assert!(device.is_of(&ann) && !device.is_of(&bob));
        members.raise_epoch(ann.id).await.unwrap();
        assert!(!device.is_of(&members.by_id(ann.id).await.unwrap().unwrap()));
        clock.advance(LIFE - Duration::from_millis(1));
        assert!(devices.read(&text).is_some());
        clock.advance(Duration::from_millis(1));
        assert!(devices.read(&text).is_none());
    }

    #[tokio::test]
    async fn a_forged_or_altered_cookie_is_no_device() {
        let clock = Clock::manual(Timestamp::from_millis(1_000_000));
        let devices = Devices::new([7; 32], clock.clone());
        let members = MemoryMembers::new();
        let new = NewMember::new("ann@example.org", "A", None).unwrap();
        let ann = members.add(new).await.unwrap();
        let text = devices.issue(&ann).unwrap();
        assert!(Devices::new([8; 32], clock).read(&text).is_none());
        let mut bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for place in 0..bytes.len() {
            bytes[place] ^= 1;
            assert!(devices.read(&URL_SAFE_NO_PAD.encode(&bytes)).is_none());
            bytes[place] ^= 1;
        }
        for text in ["", "a", &text[1..], &format!("{text}AA")] {
            assert!(devices.read(text).is_none());
        }
    }
}
