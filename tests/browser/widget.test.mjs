// <inkgate-captcha> in a page of another site, under that site's strict content security policy.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { code, news, sent, shown, solve, widget } from './shop.mjs';
import { fitsItsWidth, isAccessible, story } from './story.mjs';

const API = '<script src="INKGATE/api.js" async defer></script>';
const form = (attributes = '', more = '') =>
  `<form method="post" action="/order"><label>Name <input name="name" value="小明"></label>
<inkgate-captcha sitekey="SITEKEY" ${attributes}></inkgate-captcha>${more}<button name="act" value="buy">Order</button></form>`;

const embeds = true;
const token = (page) => page.locator('[name=inkgate-response]').inputValue();

// C-38, C-39
story('a right code gives the form a token, and the back end redeems it once', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', form('action="order" cdata="cart-7"'), { head: API });
  await page.goto('/');
  assert.equal(await token(page), '');
  await solve(page, server);
  await page.getByRole('button', { name: 'Order' }).click();
  assert.equal(await sent(page, 'act'), 'buy');
  const told = await shop.verify(await sent(page, 'inkgate-response'));
  assert.equal(told.success, true);
  assert.deepEqual([told.hostname, told.action, told.cdata], ['127.0.0.1', 'order', 'cart-7']);
  assert.equal((await shop.verify(await sent(page, 'inkgate-response'))).success, false);
});

// C-27
story('a form that is sent with a typed code waits for the check and goes on by itself', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', form('required'), { head: API });
  await page.goto('/');
  const order = page.getByRole('button', { name: 'Order' });
  const first = await shown(page);
  await order.click(); // Empty: held back by the browser, like any required field.
  assert.equal(await widget(page).evaluate((element) => element.validity.valueMissing), true);
  await code(page).fill('?');
  await order.click();
  await news(page).getByText('That was not the code').waitFor();
  assert.notEqual(await shown(page), first);
  assert.equal(await code(page).evaluate((field) => field.getRootNode().activeElement === field), true);
  await code(page).fill(await server.answer(await shown(page)));
  await order.click();
  assert.equal(await sent(page, 'act'), 'buy');
  assert.equal((await shop.verify(await sent(page, 'inkgate-response'))).success, true);
});

// C-66
story('everything is done with the keyboard, and said', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', form(), { head: API });
  await page.goto('/');
  const first = await shown(page);
  const focused = () => page.evaluate(() => {
    const inner = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
    return inner.getAttribute('aria-label') ?? inner.textContent ?? inner.id;
  });
  await page.getByLabel('Name').focus();
  await page.keyboard.press('Tab');
  assert.equal(await code(page).evaluate((field) => field.getRootNode().activeElement === field), true);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'New picture');
  await page.keyboard.press('Enter');
  await news(page).getByText('Here is a new picture.').waitFor();
  assert.notEqual(await shown(page), first);
  // The code is typed next.
  await page.keyboard.type('?');
  await page.keyboard.press('Enter');
  await news(page).getByText('That was not the code').waitFor();
  assert.equal(await code(page).getAttribute('aria-invalid'), 'true');
  assert.match(await code(page).evaluate((field) => field.getRootNode().getElementById(field.getAttribute('aria-describedby')).textContent), /not the code/);
  await page.keyboard.type(await server.answer(await shown(page)));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Check');
  await page.keyboard.press('Space');
  await widget(page).getByText('Verified').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.notEqual(await sent(page, 'inkgate-response'), '');
});

story('reset starts again, and so does the reset of a form', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', form('', '<button type="reset">Clear</button>'), { head: API });
  await page.goto('/');
  const first = await shown(page);
  await solve(page, server);
  const got = await widget(page).evaluate((element) => element.getResponse());
  assert.equal(got, await token(page));
  await widget(page).evaluate((element) => element.reset());
  assert.equal(await token(page), '');
  assert.notEqual(await shown(page), first);
  await solve(page, server);
  await page.getByRole('button', { name: 'Clear' }).click();
  assert.equal(await token(page), '');
  await shown(page);
});

story('an expired picture is replaced, and that is said', { embeds, environment: { INKGATE_TICKET_TTL_SECONDS: '30' } }, async ({ page, server, shop }) => {
  shop.page('/', form(), { head: API });
  await page.clock.install();
  await page.goto('/');
  const first = await shown(page);
  await page.clock.fastForward(26_000);
  await news(page).getByText('The picture had expired').waitFor();
  assert.notEqual(await shown(page), first);
  await solve(page, server);
});

story('nobody is there: an expired picture is replaced only so often', { embeds, environment: { INKGATE_TICKET_TTL_SECONDS: '30' } }, async ({ page, shop }) => {
  shop.page('/', form(), { head: API });
  await page.clock.install();
  await page.goto('/');
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/api/challenge') && request.method() === 'POST'));
  for (let round = 0; round < 5; round += 1) {
    const before = await shown(page);
    await page.clock.fastForward(26_000);
    await page.waitForFunction((old) => !document.querySelector('inkgate-captcha').shadowRoot.querySelector('img').src.includes(old), before);
  }
  const last = await shown(page);
  await page.clock.fastForward(60_000);
  await page.clock.fastForward(60_000);
  assert.equal(await shown(page), last);
  assert.equal(asked, 5);
  // Whoever comes back gets one that is good.
  await code(page).focus();
  await news(page).getByText('The picture had expired').waitFor();
});

story('a field that has the focus is no sign of somebody who is there', { embeds, environment: { INKGATE_TICKET_TTL_SECONDS: '30' } }, async ({ page, shop }) => {
  shop.page('/', form(), { head: API });
  await page.clock.install();
  await page.goto('/');
  await shown(page);
  await code(page).focus();
  for (let round = 0; round < 5; round += 1) {
    const before = await shown(page);
    await page.clock.fastForward(26_000);
    await page.waitForFunction((old) => !document.querySelector('inkgate-captcha').shadowRoot.querySelector('img').src.includes(old), before);
  }
  const last = await shown(page);
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/api/challenge')));
  await page.clock.fastForward(60_000);
  await page.clock.fastForward(60_000);
  assert.deepEqual([await shown(page), asked], [last, 0]);
  await page.keyboard.type('a');
  await news(page).getByText('The picture had expired').waitFor();
});

// C-11
story('an expired token is taken back, the page is told, and there is a new picture', { embeds, environment: { INKGATE_TOKEN_TTL_SECONDS: '60' } }, async ({ page, server, shop }) => {
  shop.page('/', form('id="w"'), { head: API, script: 'var told = []; addEventListener("load", () => w.addEventListener("expired", () => told.push("expired")));' });
  await page.clock.install();
  await page.goto('/');
  await solve(page, server);
  assert.notEqual(await token(page), '');
  await page.clock.fastForward(56_000);
  await news(page).getByText('The verification has expired').waitFor();
  assert.equal(await token(page), '');
  assert.deepEqual(await page.evaluate('told'), ['expired']);
  await solve(page, server);
});

story('two widgets on a page know nothing of each other', { embeds }, async ({ page, server, shop }) => {
  const other = '<form method="post" action="/other"><inkgate-captcha sitekey="SITEKEY"></inkgate-captcha><button>Other</button></form>';
  shop.page('/', form() + other, { head: API });
  await page.goto('/');
  assert.notEqual(await shown(page, 0), await shown(page, 1));
  await solve(page, server, 1);
  assert.equal(await page.locator('[name=inkgate-response]').nth(0).inputValue(), '');
  await solve(page, server, 0);
  const tokens = await page.locator('[name=inkgate-response]').evaluateAll((fields) => fields.map((field) => field.value));
  for (const one of tokens) assert.equal((await shop.verify(one)).success, true);
});

story('an invisible widget asks in a dialog, which can be closed', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', form('size="invisible" required'), { head: API });
  await page.goto('/');
  const order = page.getByRole('button', { name: 'Order' });
  await order.click();
  await page.getByRole('dialog', { name: 'Verification' }).waitFor();
  await shown(page);
  await isAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(new URL(page.url()).pathname, '/');
  await order.click();
  await code(page).fill(await server.answer(await shown(page)));
  await code(page).press('Enter');
  assert.equal(await sent(page, 'act'), 'buy');
  assert.notEqual(await sent(page, 'inkgate-response'), '');
});

// Each in place of the server's answer, and what the widget says to it.
const TROUBLES = {
  'too many': [{ status: 429, headers: { 'Retry-After': '20', 'Access-Control-Expose-Headers': 'Retry-After' } }, 'Wait 20 seconds'],
  'a server that is busy': [{ status: 503, headers: {} }, 'Not possible at the moment'],
  'no connection': [null, 'Check your connection'],
};

for (const [trouble, [answer, text]] of Object.entries(TROUBLES)) {
  story(`the widget tells of ${trouble}, and tries again when asked to`, { embeds, forgives: /Failed to load resource|ERR_INTERNET_DISCONNECTED/ }, async ({ page, server, shop }) => {
    shop.page('/', form('id="w"'), { head: API, script: 'var told = []; document.addEventListener("DOMContentLoaded", () => w.addEventListener("error", (event) => told.push(event.detail.code)));' });
    await page.route((url) => ['/api/challenge', '/api.js'].includes(url.pathname), (route) => {
      const isScript = route.request().url().endsWith('.js') && route.request().method() === 'GET';
      if (isScript) return route.continue();
      if (!answer) return route.abort('internetdisconnected');
      const headers = { ...answer.headers, 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Content-Type' };
      return route.fulfill({ ...answer, headers, contentType: 'application/json', body: '{}' });
    });
    await page.goto('/');
    await news(page).getByText(text).waitFor();
    await isAccessible(page);
    assert.equal((await page.evaluate('told')).length, 1);
    await page.unrouteAll();
    await widget(page).getByRole('button', { name: 'Try again' }).click();
    await solve(page, server);
  });
}

// C-39: the one trouble that only the site's operator can mend. The shop's other name is not its site's.
story('a page on a host that is not of the site is told so', { embeds, forgives: /localhost|CORS|ERR_FAILED/ }, async ({ page, shop }) => {
  shop.page('/', form(), { head: API });
  await page.goto(shop.url.replace('127.0.0.1', 'localhost'));
  await news(page).getByText('not set up correctly').waitFor();
});

story('a picture that is gone is asked for again with a new ticket', { embeds, forgives: /status of 410/ }, async ({ page, server, shop }) => {
  shop.page('/', form(), { head: API });
  let gone = 0;
  await page.route((url) => url.pathname.startsWith('/challenge/'), (route) => (gone++ ? route.continue() : route.fulfill({ status: 410 })));
  await page.goto('/');
  await solve(page, server);
  assert.equal(gone, 2);
});

story('the types name the methods and attributes that there are', { embeds }, async ({ page, shop }) => {
  shop.page('/', form(), { head: API });
  await page.goto('/');
  await shown(page);
  const types = readFileSync(new URL('../../widget/inkgate.d.ts', import.meta.url), 'utf8');
  const body = /class InkgateCaptcha[^]*?^}/m.exec(types)[0];
  const named = [...body.matchAll(/^  (?:readonly )?(\w+)(?:<.*)?[(:]/gm)].map(([, name]) => name);
  const own = await widget(page).evaluate((element) => Object.getOwnPropertyNames(Object.getPrototypeOf(element)));
  const forBrowsers = /^constructor$|Callback$|^focus$/;
  const events = ['addEventListener', 'removeEventListener'];
  assert.deepEqual(new Set(named.filter((name) => !events.includes(name))), new Set(own.filter((name) => !forBrowsers.test(name))));
  const guide = readFileSync(new URL('../../docs/widget.md', import.meta.url), 'utf8');
  for (const name of await page.evaluate(() => InkgateCaptcha.observedAttributes)) assert.ok(guide.includes(`\`${name}\``), name);
});

// The vendors' test keys, which only an installation for tests knows.
story('a site key for tests may ask nothing', { embeds, environment: { INKGATE_PROFILE: 'test' } }, async ({ page, shop }) => {
  shop.page('/', form().replace('SITEKEY', '1x00000000000000000000AA'), { head: API });
  await page.goto('/');
  await widget(page).getByText('Verified').waitFor();
  assert.equal(await token(page), 'XXXX.DUMMY.TOKEN.XXXX');
});

const LANGUAGES = [
  ['the page\'s language', { lang: 'zh-TW' }, '', {}, '圖中的驗證碼'],
  ['the attribute before the page', { lang: 'zh-TW' }, 'language="zh-CN"', {}, '图中的验证码'],
  ['the browser\'s language where the page has none of ours', { lang: 'fr' }, '', { locale: 'zh-HK' }, '圖中的驗證碼'],
  ['English otherwise', { lang: 'fr' }, '', { locale: 'fr-FR' }, 'Code in the picture'],
];

for (const [what, on, attributes, look, label] of LANGUAGES) {
  story(`the widget speaks ${what}`, { embeds, look }, async ({ page, shop }) => {
    shop.page('/', form(attributes), { head: API, ...on });
    await page.goto('/');
    await widget(page).getByText(label).waitFor();
  });
}

const LOOKS = {
  'by day': [{}, '', {}],
  'by night': [{ colorScheme: 'dark' }, '', {}],
  'always dark': [{}, 'theme="dark"', {}],
  'always light': [{ colorScheme: 'dark' }, 'theme="light"', {}],
  'on a phone': [{ viewport: { width: 320, height: 640 } }, '', {}],
  'on a dense phone in the dark': [{ viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, colorScheme: 'dark' }, 'size="flexible"', {}],
  compact: [{}, 'size="compact"', {}],
  'from right to left': [{ viewport: { width: 360, height: 640 } }, '', { lang: 'ar', dir: 'rtl' }],
  'in forced colours': [{ forcedColors: 'active' }, '', {}],
};

for (const [how, [look, attributes, on]] of Object.entries(LOOKS)) {
  story(`the widget is accessible and fits ${how}`, { embeds, look }, async ({ page, server, shop }) => {
    shop.page('/', form(attributes), { head: API, ...on });
    await page.goto('/');
    const ticket = await shown(page);
    const image = await widget(page).getByRole('img').evaluate((img) => new URL(img.currentSrc).pathname);
    const isDark = attributes.includes('dark') || (look.colorScheme === 'dark' && !attributes.includes('light'));
    assert.equal(image, `/challenge/${ticket}${look.deviceScaleFactor === 2 ? '@2x' : ''}${isDark ? '.dark' : ''}.png`);
    await isAccessible(page);
    await fitsItsWidth(page);
    await code(page).fill('?');
    await code(page).press('Enter');
    await news(page).getByText('That was not').waitFor();
    await isAccessible(page);
    await solve(page, server);
    await isAccessible(page);
    await fitsItsWidth(page);
  });
}
