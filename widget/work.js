// Does the work that a challenge asks of a machine: for each puzzle a counter whose PBKDF2 begins with enough zero
// bits. docs/work.md tells it in full. A module for pages; loaded as a worker, it works by itself.

// Gives a counter for each puzzle. `progress` is told now and then what share is done; `signal` ends it.
export async function solve({ nonce, puzzles, cost, bits }, progress, signal) {
  const bytes = Uint8Array.from(nonce.match(/../g), (pair) => Number.parseInt(pair, 16));
  const engine = globalThis.crypto?.subtle ? native : plain;
  const counters = [];
  for (let puzzle = 0; puzzle < puzzles; puzzle += 1) {
    const attempts = await engine(Uint8Array.of(...bytes, puzzle), Number(cost));
    let from = 0;
    let found = -1;
    while (found < 0) {
      signal?.throwIfAborted();
      const heads = await attempts(from);
      const place = heads.findIndex((head) => Math.clz32(head) >= bits);
      if (place >= 0) found = from + place;
      from += heads.length;
      // A puzzle is likelier done with each try, and never surely.
      progress?.((counters.length + 1 - 2 ** (-from / 2 ** bits)) / puzzles);
    }
    counters.push(found);
  }
  return counters;
}

// So many are on their way at once, so that every core of the browser's own cryptography has some.
const AT_ONCE = 32;

// The first 32 bits of tries from a counter on, by the browser itself: beside the page, at the speed of native code.
async function native(password, iterations) {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const head = async (counter) => {
    const salt = new DataView(new ArrayBuffer(4));
    salt.setUint32(0, counter);
    const parameters = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
    return new DataView(await crypto.subtle.deriveBits(parameters, key, 256)).getUint32(0);
  };
  return (from) => Promise.all(Array.from({ length: AT_ONCE }, (_, place) => head(from + place)));
}

// The same in JavaScript, for pages without https, where browsers keep their cryptography to themselves. The page is
// let on now and then.
function plain(password, iterations) {
  const pad = (byte) => {
    const block = new Uint8Array(64).fill(byte);
    password.forEach((value, place) => (block[place] ^= value));
    return compress(START, words(block), new Int32Array(8));
  };
  const [inner, outer] = [pad(0x36), pad(0x5c)];
  const message = new Int32Array(16);
  const hash = new Int32Array(8);
  // HMAC of 32 bytes: what is in `message` before the padding of 64 + 32 bytes.
  const mac = () => {
    compress(inner, message, hash);
    message.set(hash);
    compress(outer, message, hash);
  };
  const attempt = (counter) => {
    message.fill(0);
    message.set([counter, 1, 0x80000000 | 0]);
    message[15] = (64 + 8) * 8;
    compress(inner, message, hash);
    message.fill(0);
    message.set(hash);
    message[8] = 0x80000000 | 0;
    message[15] = (64 + 32) * 8;
    compress(outer, message, hash);
    let head = hash[0];
    for (let done = 1; done < iterations; done += 1) {
      message.set(hash);
      mac();
      head ^= hash[0];
    }
    return head;
  };
  let rested = 0;
  return async (from) => {
    if (performance.now() - rested > 12) {
      await new Promise((resolve) => setTimeout(resolve));
      rested = performance.now();
    }
    return [attempt(from), attempt(from + 1)];
  };
}

function words(block) {
  const view = new DataView(block.buffer);
  return Int32Array.from({ length: 16 }, (_, place) => view.getInt32(4 * place));
}

// The constants of SHA-256 (FIPS 180-4): the fractions of the cube roots of the first 64 primes, and of the square
// roots of the first eight.
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
const fraction = (root) => ((root % 1) * 2 ** 32) | 0;
const ROUND = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const schedule = new Int32Array(64);

// The compression function (FIPS 180-4, 6.2.2): from a state and sixteen words to a state.
function compress(state, message, into) {
  const w = schedule;
  for (let t = 0; t < 16; t += 1) w[t] = message[t];
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const r = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16] + s + w[t - 7] + r) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let t = 0; t < 64; t += 1) {
    const s = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s + (g ^ (e & (f ^ g))) + ROUND[t] + w[t]) | 0;
    const r = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (r + ((a & b) | (c & (a | b)))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0;
    d = c; c = b; b = a; a = (one + two) | 0;
  }
  into[0] = (state[0] + a) | 0; into[1] = (state[1] + b) | 0;
  into[2] = (state[2] + c) | 0; into[3] = (state[3] + d) | 0;
  into[4] = (state[4] + e) | 0; into[5] = (state[5] + f) | 0;
  into[6] = (state[6] + g) | 0; into[7] = (state[7] + h) | 0;
  return into;
}

// A worker is told its work in its address, and tells its page how far it is.
if (typeof WorkerGlobalScope !== "undefined") {
  const work = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  solve(work, (done) => self.postMessage({ done })).then((counters) => self.postMessage({ counters }));
}
