use crate::Key;
use crate::Kind;

/// What keys are called on the server: `{prefix:bucket}:kind:digest`. The braces keep a bucket's keys in one slot of a
/// cluster, which scripts need.
pub(super) struct Names {
    buckets: Vec<String>,
}

impl Names {
    pub(super) fn new(prefix: &str, buckets: u8) -> Self {
        Self {
            buckets: (0..buckets)
                .map(|bucket| format!("{{{prefix}:{bucket}}}"))
                .collect(),
        }
    }

    pub(super) fn record(&self, key: &Key) -> Vec<u8> {
        let mut name = format!("{}:{}:", self.bucket(key), key.kind().code()).into_bytes();
        name.extend(name_of(key));
        name
    }

    /// The names of a kind's records in one bucket, by when they end.
    pub(super) fn index(&self, key: &Key) -> Vec<u8> {
        index(self.bucket(key), key.kind())
    }

    pub(super) fn fence(&self, key: &Key) -> Vec<u8> {
        fence(self.bucket(key))
    }

    pub(super) fn indexes(&self, kind: Kind) -> impl Iterator<Item = Vec<u8>> {
        self.buckets.iter().map(move |bucket| index(bucket, kind))
    }

    pub(super) fn fences(&self) -> impl Iterator<Item = Vec<u8>> {
        self.buckets.iter().map(|bucket| fence(bucket))
    }

    /// Its share of a cap, which is the whole of it where there is one bucket.
    pub(super) fn share(&self, cap: u64) -> u64 {
        cap.div_ceil(self.buckets.len() as u64)
    }

    fn bucket(&self, key: &Key) -> &str {
        &self.buckets[usize::from(key.digest()[0]) % self.buckets.len()]
    }
}

/// Half a digest: nobody finds another name with the same one, and a mark is mostly its name.
pub(super) fn name_of(key: &Key) -> &[u8] {
    let (name, _) = key.digest().split_at(16);
    name
}

fn index(bucket: &str, kind: Kind) -> Vec<u8> {
    format!("{bucket}:{}", kind.code()).into_bytes()
}

fn fence(bucket: &str) -> Vec<u8> {
    format!("{bucket}:fence").into_bytes()
}
