// <inkgate-captcha> where a machine works instead of its owner, or besides.
import assert from 'node:assert/strict';

import { code, news, sent, shown, widget } from './shop.mjs';
import { fitsItsWidth, isAccessible, story } from './story.mjs';

const API = '<script src="INKGATE/api.js" async defer></script>';
const OWN = '<script src="/api.js" async defer></script>';
const form = (attributes = '') =>
  `<form method="post" action="/order"><inkgate-captcha sitekey="SITEKEY" ${attributes}></inkgate-captcha><button>Order</button></form>`;
const embeds = true;
const presets = ['work', 'ink', 'ink-work'];
const LITTLE = { INKGATE_WORK_EFFORT: '51200' };
const ENDLESS = { INKGATE_WORK_EFFORT: '100000000' };

const verified = (page) => widget(page).getByText('Verified', { exact: true }).waitFor({ timeout: 90_000 });
const instead = (page) => widget(page).getByRole('button', { name: 'Show a picture instead' });

async function isRedeemed(page, shop) {
  await page.getByRole('button', { name: 'Order' }).click();
  const told = await shop.verify(await sent(page, 'inkgate-response'));
  assert.equal(told.success, true);
  assert.equal((await shop.verify(await sent(page, 'inkgate-response'))).success, false);
}

// Of the page's own origin: WEB-07 with a worker, and nothing else.
const strict = (response) =>
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
      "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'",
  );

story('a machine works beside the page and earns a token that is redeemed once', { embeds, presets, environment: LITTLE }, async ({ page, shop }) => {
  shop.page('/', form('required'), { head: API });
  await page.goto('/');
  await verified(page);
  assert.equal(await widget(page).getByRole('img').count(), 0, 'no picture was shown');
  await isRedeemed(page, shop);
});

story('it works in a worker where page and installation have one origin, under the strictest policy', { embeds, presets, environment: LITTLE }, async ({ page, shop }) => {
  shop.stands = true;
  shop.page('/', form('required'), { head: OWN, policy: strict });
  const workers = [];
  page.on('worker', (worker) => workers.push(new URL(worker.url()).pathname));
  await page.goto('/');
  await verified(page);
  assert.deepEqual(workers, ['/work.js']);
  await isRedeemed(page, shop);
});

story('a slow machine is done in a while, and nothing else waits for it', { embeds, presets }, async ({ page, context, shop }) => {
  shop.page('/', form('required'), { head: API });
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  await page.goto('/');
  await widget(page).getByRole('progressbar').waitFor();
  await isAccessible(page);
  await fitsItsWidth(page);
  await verified(page);
  await isRedeemed(page, shop);
});

story('without https a machine works in plain JavaScript', { embeds, presets, environment: LITTLE }, async ({ page, shop }) => {
  await page.addInitScript(() => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }));
  shop.page('/', form('required'), { head: API });
  await page.goto('/');
  assert.equal(await page.evaluate(() => typeof crypto.subtle), 'undefined');
  await verified(page);
  await isRedeemed(page, shop);
});

// What the machine found is worth a minute of a slow phone, so it is sent again rather than found again.
for (const [trouble, { answer, text }] of Object.entries({
  'too many requests': { answer: { status: 429, headers: { 'Retry-After': '7' } }, text: 'Wait 7 seconds' },
  'a server that is away': { answer: { status: 503 }, text: 'Not possible at the moment' },
  'a network that is away': { text: 'Check your connection' },
})) {
  story(`what a machine found outlives ${trouble}`, { embeds, presets, environment: LITTLE, forgives: /Failed to load resource|ERR_FAILED/ }, async ({ page, shop }) => {
    shop.page('/', form('required'), { head: API });
    const proofs = [];
    let asked = 0;
    page.on('request', (request) => (asked += request.method() === 'POST' && request.url().endsWith('/api/challenge')));
    await page.route((url) => url.pathname === '/api/solve', (route) => {
      if (route.request().method() === 'OPTIONS') return route.continue();
      proofs.push(route.request().postData());
      if (proofs.length > 1) return route.continue();
      const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After', ...answer?.headers };
      return answer ? route.fulfill({ status: answer.status, headers, contentType: 'application/json', body: '{}' }) : route.abort();
    });
    // Asked for when nothing came back.
    if (!answer) await page.route((url) => url.pathname === '/api.js' && proofs.length === 1, (route) => route.abort());
    await page.goto('/');
    await news(page).getByText(text).waitFor({ timeout: 60_000 });
    assert.equal(await code(page).count(), 0, 'no code is asked for where no picture is');
    await isAccessible(page);
    await widget(page).getByRole('button', { name: 'Try again' }).click();
    await verified(page);
    assert.deepEqual([asked, proofs.length, proofs[0]], [1, 2, proofs[1]]);
    await isRedeemed(page, shop);
  });
}

// C-66
story('whoever would rather read asks for the picture by keyboard, and progress is said', { embeds, presets, environment: ENDLESS }, async ({ page, server, shop }) => {
  shop.page('/', form('required'), { head: API });
  await page.goto('/');
  const bar = widget(page).getByRole('progressbar', { name: 'Checking this device' });
  await bar.waitFor();
  assert.match(await news(page).innerText(), /Checking this device/);
  await isAccessible(page);
  await page.keyboard.press('Tab');
  assert.equal(await instead(page).evaluate((button) => button.getRootNode().activeElement === button), true);
  await page.keyboard.press('Enter');
  const ticket = await shown(page);
  assert.equal(await code(page).evaluate((field) => field.getRootNode().activeElement === field), true);
  await isAccessible(page);
  await page.keyboard.type(await server.answer(ticket));
  await page.keyboard.press('Enter');
  await verified(page);
  await isRedeemed(page, shop);
});

story('a form that is sent while the machine works goes on by itself', { embeds, presets, environment: { INKGATE_WORK_EFFORT: '800000' } }, async ({ page, shop }) => {
  shop.page('/', form('required'), { head: API });
  await page.goto('/');
  await widget(page).getByRole('progressbar').waitFor();
  await page.getByRole('button', { name: 'Order' }).click();
  await page.getByRole('heading', { name: 'Sent' }).waitFor({ timeout: 60_000 });
  assert.equal((await shop.verify(await sent(page, 'inkgate-response'))).success, true);
});

story('where both are asked for, the machine works while its owner reads', { embeds, presets, environment: LITTLE }, async ({ page, server, shop }) => {
  shop.page('/', form('required preset="ink-work"'), { head: API });
  await page.goto('/');
  await code(page).fill(await server.answer(await shown(page)));
  await code(page).press('Enter');
  await verified(page);
  await isRedeemed(page, shop);
});

story('a machine stops when its widget is taken away', { embeds, presets, environment: ENDLESS }, async ({ page, shop }) => {
  shop.page('/', form(), { head: OWN, policy: strict });
  shop.stands = true;
  const worker = page.waitForEvent('worker');
  await page.goto('/');
  const ended = (await worker).waitForEvent('close');
  await widget(page).evaluate((element) => element.remove());
  await ended;
});

story('without JavaScript the picture takes over', { embeds, presets, environment: LITTLE, look: { javaScriptEnabled: false } }, async ({ page, server, shop }) => {
  shop.page('/', form(), { head: API });
  await page.goto(`${server.url}/fallback?sitekey=${shop.sitekey}`);
  await page.getByLabel('Code').fill(await server.answer(await page.locator('[name=ticket]').inputValue()));
  await page.getByRole('button', { name: 'Check' }).click();
  assert.equal((await shop.verify(await page.getByLabel('Your proof').inputValue())).success, true);
});
