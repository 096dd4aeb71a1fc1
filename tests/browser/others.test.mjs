// The widgets of ALTCHA and Cap, as their packages have them, against this installation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { sent } from './shop.mjs';
import { story } from './story.mjs';

const package_ = (path) => readFileSync(new URL(`node_modules/${path}`, import.meta.url));
const embeds = true;
const presets = ['work'];
const environment = { INKGATE_WORK_EFFORT: '200000' };

// What these widgets need of a page's policy: workers from blobs, styles of their own, WebAssembly.
const lax = (response) =>
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'self' data: blob:; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src blob: 'self'; style-src 'self' 'unsafe-inline'; connect-src *`,
  );

const ALTCHA = '<script type="module" src="/altcha.js"></script>';
const altcha = '<form method="post" action="/order"><altcha-widget challenge="INKGATE/altcha/SITEKEY/challenge"></altcha-widget><button>Order</button></form>';

function altchaPage(shop, body = altcha) {
  shop.page('/', body, { head: ALTCHA, policy: lax });
  shop.files.set('/altcha.js', ['text/javascript', package_('altcha/dist/main/altcha.min.js')]);
}

story("ALTCHA's widget solves here, and its payload is redeemed once", { embeds, presets, environment }, async ({ page, shop }) => {
  altchaPage(shop);
  await page.goto('/');
  await page.locator('altcha-widget').getByRole('checkbox').press('Space');
  await page.locator('altcha-widget [name=altcha]').waitFor({ state: 'attached', timeout: 60_000 });
  await page.getByText('Verified', { exact: true }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Order' }).click();
  const payload = await sent(page, 'altcha');
  for (const path of ['/siteverify', '/turnstile/v0/siteverify']) {
    const told = await shop.verify(payload, path);
    assert.equal(told.success, path === '/siteverify', JSON.stringify(told));
  }
});

// C-32
story("a payload of ALTCHA's widget that was changed fails", { embeds, presets, environment }, async ({ page, shop }) => {
  altchaPage(shop);
  await page.goto('/');
  await page.locator('altcha-widget').getByRole('checkbox').press('Space');
  await page.getByText('Verified', { exact: true }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Order' }).click();
  const payload = JSON.parse(atob(await sent(page, 'altcha')));
  payload.solution.counter += 1;
  const told = await shop.verify(btoa(JSON.stringify(payload)));
  assert.deepEqual(told['error-codes'], ['invalid-input-response']);
});

story("ALTCHA's widget says so when its site does not allow work", { embeds, presets: ['ink'], forgives: /400|altcha|challenge/i }, async ({ page, shop }) => {
  altchaPage(shop);
  await page.goto('/');
  await page.locator('altcha-widget').getByRole('checkbox').press('Space');
  await page.getByText(/Verification failed/).waitFor();
});

const CAP = '<script src="/cap.js"></script>';
const cap = '<form method="post" action="/order"><cap-widget data-cap-api-endpoint="INKGATE/cap/SITEKEY/"></cap-widget><button>Order</button></form>';

function capPage(shop) {
  shop.page('/', cap, { head: CAP, policy: lax, script: "window.CAP_CUSTOM_WASM_URL = '/cap.wasm';" });
  shop.files.set('/cap.js', ['text/javascript', package_('@cap.js/widget/cap.min.js')]);
  shop.files.set('/cap.wasm', ['application/wasm', package_('@cap.js/wasm/browser/cap_wasm_bg.wasm')]);
}

const redeem = async (shop, token) => {
  const body = JSON.stringify({ secret: shop.secret, response: token });
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${shop.inkgate}/cap/${shop.sitekey}/siteverify`, { method: 'POST', headers, body });
  return response.json();
};

story("Cap's widget solves here, and its token is redeemed once", { embeds, presets, environment }, async ({ page, shop }) => {
  capPage(shop);
  await page.goto('/');
  await page.locator('cap-widget').getByRole('button').first().click();
  await page.locator('cap-widget').getByText("You're a human").waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Order' }).click();
  const token = await sent(page, 'cap-token');
  assert.deepEqual(await redeem(shop, token), { success: true });
  assert.deepEqual(await redeem(shop, token), { success: false, error: 'timeout-or-duplicate' });
});

story("Cap's widget fails where the page is on no host of the site", { embeds, presets, environment, forgives: /403|cap|CORS|Access-Control|ERR_FAILED/i }, async ({ page, server, shop }) => {
  const added = await server.command(['site', 'add', 'other', '--host', 'other.example', '--preset', 'work']);
  shop.sitekey = /sitekey\t(\S+)/.exec(added)[1];
  capPage(shop);
  await page.goto('/');
  await page.locator('cap-widget').getByRole('button').first().click();
  await page.locator('cap-widget').getByText(/Error|failed|try again/i).first().waitFor({ timeout: 30_000 });
  assert.equal(await page.locator('[name=cap-token]').inputValue().catch(() => ''), '');
});
