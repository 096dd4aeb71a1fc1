// How long a person's browser works: our widget, ALTCHA's and Cap's, in Chromium as it is and slowed down as a phone.
//
// usage: node lab/work/browser.mjs [REPEATS]          needs target/release/inkgate, or INKGATE, and tests/browser's packages
//
// A renderer is slowed by stopping all of its processes for most of the time: CDP's throttle slows a page's main thread
// and neither workers nor the browser's own cryptography. Prints tab-separated: widget, times slower, seconds (median, least, most).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

import { Server } from '../../tests/browser/server.mjs';
import { Shop } from '../../tests/browser/shop.mjs';

const tests = new URL('../../tests/browser/', import.meta.url);
const { chromium } = createRequire(tests)('playwright-core');
const file = (path) => readFileSync(new URL(`node_modules/${path}`, tests));
const repeats = Number(process.argv[2] ?? 5);

const WIDGETS = {
  'ours, in the page': ['<script src="INKGATE/api.js" async></script>', '<inkgate-captcha sitekey="SITEKEY"></inkgate-captcha>'],
  'ours, in a worker': ['<script src="/api.js" async></script>', '<inkgate-captcha sitekey="SITEKEY"></inkgate-captcha>'],
  'ours, without https': ['<script src="INKGATE/api.js" async></script>', '<inkgate-captcha sitekey="SITEKEY"></inkgate-captcha>'],
  ALTCHA: ['<script type="module" src="/altcha.js"></script>', '<altcha-widget auto="onload" challenge="INKGATE/altcha/SITEKEY/challenge"></altcha-widget>'],
  Cap: ['<script src="/cap.js"></script>', '<cap-widget data-cap-api-endpoint="INKGATE/cap/SITEKEY/"></cap-widget>'],
};

const server = await Server.start({ INKGATE_THROTTLE_ENABLED: 'false' });
const shop = await Shop.open(server, ['work']);
shop.stands = true;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const devtools = await browser.newBrowserCDPSession();

// Lets a renderer run for 5 ms and stops it for the rest of `times` as long.
async function slowed(times, act) {
  let ended = false;
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const signal = (name) => renderers.forEach((id) => { try { process.kill(id, name); } catch { /* it is gone */ } });
  const slowing = (async () => {
    while (!ended && times > 1) {
      signal('SIGSTOP');
      await sleep(5 * (times - 1));
      signal('SIGCONT');
      await sleep(5);
    }
  })();
  try {
    return await act();
  } finally {
    ended = true;
    await slowing;
    signal('SIGCONT');
  }
}

for (const [name, [head, body]] of Object.entries(WIDGETS)) {
  for (const times of [1, 4, 6]) {
    const seconds = [];
    for (let n = 0; n < repeats; n += 1) {
      const page = await browser.newPage();
      if (name === 'ours, without https') {
        await page.addInitScript(() => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }));
      }
      shop.page('/', `<form>${body}</form>`, { head, script: "window.CAP_CUSTOM_WASM_URL = '/cap.wasm';", policy: (response) => response.removeHeader('Content-Security-Policy') });
      shop.files.set('/altcha.js', ['text/javascript', file('altcha/dist/main/altcha.min.js')]);
      shop.files.set('/cap.js', ['text/javascript', file('@cap.js/widget/cap.min.js')]);
      shop.files.set('/cap.wasm', ['application/wasm', file('@cap.js/wasm/browser/cap_wasm_bg.wasm')]);
      // From the answer that tells the work to the proof: neither loading nor drawing is counted.
      const told = page.waitForResponse(/challenge$/);
      await page.goto(shop.url);
      if (name === 'Cap') await page.locator('cap-widget').getByRole('button').first().click();
      await told;
      const begun = performance.now();
      await slowed(times, () =>
        name === 'ALTCHA'
          ? page.locator('altcha-widget').getByText('Verified', { exact: true }).waitFor({ timeout: 170_000 })
          : page.waitForRequest(/solve$|redeem$/, { timeout: 170_000 }),
      );
      seconds.push((performance.now() - begun) / 1_000);
      await page.close();
    }
    seconds.sort((a, b) => a - b);
    const [middle, least, most] = [seconds[seconds.length >> 1], seconds[0], seconds.at(-1)].map((value) => value.toFixed(1));
    console.log(`${name}\t${times}\t${middle}\t${least}\t${most}`);
  }
}
await browser.close();
await shop.close();
await server.stop();
