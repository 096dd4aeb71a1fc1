// Pages as the vendors' own documentation shows them, with nothing but the script's address changed.
import assert from 'node:assert/strict';

import { code, news, sent, shown, solve, widget } from './shop.mjs';
import { isAccessible, story } from './story.mjs';

const embeds = true;

const VENDORS = {
  reCAPTCHA: { path: '/recaptcha/api.js', element: 'g-recaptcha', field: 'g-recaptcha-response', global: 'grecaptcha', verify: '/recaptcha/api/siteverify' },
  hCaptcha: { path: '/1/api.js', element: 'h-captcha', field: 'h-captcha-response', global: 'hcaptcha', verify: '/siteverify' },
  Turnstile: { path: '/turnstile/v0/api.js', element: 'cf-turnstile', field: 'cf-turnstile-response', global: 'turnstile', verify: '/turnstile/v0/siteverify' },
};

const load = (path, query = '') => `<script src="INKGATE${path}${query}" async defer></script>`;

// What a page's callbacks were told.
const told = (page) => page.evaluate('told');
const TELLS = 'var told = []; for (const name of ["done", "expired", "failed"]) globalThis[name] = (value) => told.push([name, typeof value]);';

for (const [vendor, { path, element, field, global, verify }] of Object.entries(VENDORS)) {
  const form = `<form method="post" action="/order"><div class="${element}" data-sitekey="SITEKEY" data-theme="dark" data-size="compact"
data-callback="done" data-expired-callback="expired" data-error-callback="failed"></div><button>Order</button></form>`;

  story(`${vendor}: an element is found, solved, sent and redeemed`, { embeds }, async ({ page, server, shop }) => {
    shop.page('/', form, { head: load(path, '?hl=zh-TW'), script: TELLS });
    await page.goto('/');
    const response = page.locator(`[name=${field}]`);
    assert.equal(await response.inputValue(), '');
    await widget(page).getByText('圖中的驗證碼').waitFor();
    assert.match(await widget(page).getByRole('img').evaluate((image) => image.currentSrc), /\.dark\.png$/);
    await isAccessible(page);
    await solve(page, server);
    assert.deepEqual(await told(page), [['done', 'string']]);
    assert.equal(await page.evaluate(`${global}.getResponse()`), await response.inputValue());
    await page.getByRole('button', { name: 'Order' }).click();
    const answer = await shop.verify(await sent(page, field), verify);
    assert.deepEqual([answer.success, answer.hostname], [true, '127.0.0.1']);
    assert.equal((await shop.verify(await sent(page, field), verify)).success, false);
  });

  story(`${vendor}: an expired token is taken back and the page is told`, { embeds, environment: { INKGATE_TOKEN_TTL_SECONDS: '60' } }, async ({ page, server, shop }) => {
    shop.page('/', form, { head: load(path), script: TELLS });
    await page.clock.install();
    await page.goto('/');
    await solve(page, server);
    await page.clock.fastForward(56_000);
    await news(page).getByText('The verification has expired').waitFor();
    assert.equal((await told(page)).at(-1)[0], 'expired');
    assert.equal(await page.locator(`[name=${field}]`).inputValue(), '');
    assert.ok(!(await page.evaluate(`${global}.getResponse()`)));
    await solve(page, server);
  });

  story(`${vendor}: two explicit widgets, reset one by one`, { embeds }, async ({ page, server, shop }) => {
    const script = `${TELLS} var ids = [];
      function ready() {
        for (const place of [document.getElementById("one"), ${vendor === 'Turnstile' ? '"#two"' : '"two"'}]) {
          ids.push(${global}.render(place, { sitekey: "SITEKEY", theme: "light", callback: done, "expired-callback": expired }));
        }
      }`;
    shop.page('/', '<form><div id="one"></div></form><form><div id="two"></div></form>', { head: load(path, '?onload=ready&render=explicit'), script });
    await page.goto('/');
    const [one, two] = [await shown(page, 0), await shown(page, 1)];
    assert.notEqual(one, two);
    await solve(page, server, 1);
    await solve(page, server, 0);
    const responses = await page.evaluate(`ids.map((id) => ${global}.getResponse(id))`);
    for (const token of responses) assert.equal((await shop.verify(token, verify)).success, true);
    await page.evaluate(`${global}.reset(ids[1])`);
    await shown(page, 1);
    assert.deepEqual(await page.evaluate(`ids.map((id) => Boolean(${global}.getResponse(id)))`), [true, false]);
    // Without an id, the first.
    await page.evaluate(`${global}.reset()`);
    await shown(page, 0);
    assert.ok(!(await page.evaluate(`${global}.getResponse()`)));
    await solve(page, server, 0);
  });

  story(`${vendor}: a widget that comes after a removed one is another`, { embeds }, async ({ page, server, shop }) => {
    shop.page('/', '<form><div id="one"></div></form><form><div id="two"></div></form><form><div id="three"></div></form>', {
      head: load(path, '?onload=ready&render=explicit'),
      script: `var ids = []; var add = (name) => ids.push(${global}.render(document.getElementById(name), { sitekey: "SITEKEY" }));
        function ready() { add("one"); add("two"); }`,
    });
    await page.goto('/');
    await shown(page, 1);
    // reCAPTCHA's interface cannot remove one.
    if (global !== 'grecaptcha') await page.evaluate(`${global}.remove(ids[0])`);
    await page.evaluate('add("three")');
    const last = global === 'grecaptcha' ? 2 : 1;
    await solve(page, server, last);
    assert.equal(await page.evaluate('new Set(ids).size'), 3);
    assert.deepEqual(await page.evaluate(`[ids[1], ids[2]].map((id) => Boolean(${global}.getResponse(id)))`), [false, true]);
  });

  story(`${vendor}: a script that is loaded twice knows its widgets`, { embeds }, async ({ page, server, shop }) => {
    shop.page('/', form, { head: load(path) + load(path, '?again'), script: TELLS });
    await page.goto('/');
    await solve(page, server);
    assert.equal(await widget(page, 1).count(), 0);
    assert.ok(await page.evaluate(`${global}.getResponse()`));
  });

  story(`${vendor}: callbacks may come with a later script`, { embeds }, async ({ page, shop }) => {
    shop.files.set('/late.js', ['text/javascript', 'var calls = 0; function late() { calls += 1; }']);
    shop.page('/', '', { head: `<script src="INKGATE${path}?onload=late&render=explicit" defer></script><script src="/late.js" defer></script>` });
    await page.goto('/');
    await page.waitForFunction(() => calls === 1);
  });

  story(`${vendor}: the page is told of trouble`, { embeds, forgives: /Failed to load resource|\[Inkgate\]/ }, async ({ page, shop }) => {
    shop.page('/', form, { head: load(path), script: TELLS });
    await page.route((url) => url.pathname === '/api/challenge', (route) =>
      route.fulfill({ status: 503, contentType: 'application/json', body: '{}', headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Content-Type' } }),
    );
    await page.goto('/');
    await news(page).getByText('Not possible at the moment').waitFor();
    assert.equal((await told(page))[0][0], 'failed');
  });
}

story('reCAPTCHA: a button asks in a dialog, then calls back', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<form id="f" method="post" action="/order"><button class="g-recaptcha" data-sitekey="SITEKEY" data-callback="send" data-action="buy">Order</button></form>', {
    head: load('/recaptcha/api.js'),
    script: 'function send(token) { document.getElementById("f").submit(); }',
  });
  await page.goto('/');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.getByRole('dialog', { name: 'Verification' }).waitFor();
  await code(page).fill(await server.answer(await shown(page)));
  await code(page).press('Enter');
  const answer = await shop.verify(await sent(page, 'g-recaptcha-response'));
  assert.deepEqual([answer.success, answer.action], [true, 'buy']);
});

story('reCAPTCHA: a button asks once its form is filled in, and sends it when it is pressed again', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<form method="post" action="/order"><label>Name <input name="name" required></label><button class="g-recaptcha" data-sitekey="SITEKEY">Order</button></form>', {
    head: load('/recaptcha/api.js'),
  });
  await page.goto('/');
  const button = page.getByRole('button', { name: 'Order' });
  const name = page.getByLabel('Name');
  await button.click();
  assert.equal(await name.evaluate((field) => field === document.activeElement), true);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await name.fill('Mei');
  await button.click();
  const ticket = await shown(page);
  // The page takes the name back while the code is typed.
  await name.evaluate((field) => (field.value = ''));
  await code(page).fill(await server.answer(ticket));
  await code(page).press('Enter');
  await page.waitForFunction(() => grecaptcha.getResponse());
  assert.equal(new URL(page.url()).pathname, '/');
  await name.fill('Mei');
  await button.click();
  assert.equal((await shop.verify(await sent(page, 'g-recaptcha-response'))).success, true);
});

story('reCAPTCHA: a button with a callback calls it again', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<form><input required aria-label="Name"><button class="g-recaptcha" data-sitekey="SITEKEY" data-callback="done">Order</button></form>', {
    head: load('/recaptcha/api.js'),
    script: TELLS,
  });
  await page.goto('/');
  const button = page.getByRole('button', { name: 'Order' });
  await button.click();
  await code(page).fill(await server.answer(await shown(page)));
  await code(page).press('Enter');
  await page.waitForFunction(() => told.length === 1);
  await button.click();
  assert.deepEqual(await told(page), [['done', 'string'], ['done', 'string']]);
});

story('reCAPTCHA: an invisible widget is executed by the page, and ready() waits', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<div class="g-recaptcha" data-sitekey="SITEKEY" data-size="invisible" data-callback="done"></div>', {
    head: load('/recaptcha/api.js'),
    script: `${TELLS} var ___grecaptcha_cfg = { fns: [() => told.push(["ready", typeof grecaptcha.execute])] };`,
  });
  await page.goto('/');
  await page.waitForFunction(() => told.length === 1);
  await page.evaluate('void grecaptcha.execute()');
  await code(page).fill(await server.answer(await shown(page)));
  await code(page).press('Enter');
  await page.waitForFunction(() => told.length === 2);
  assert.deepEqual(await told(page), [['ready', 'function'], ['done', 'string']]);
});

story('reCAPTCHA: a page of version 3 is told plainly that there is no score', { embeds, forgives: /Inkgate gives no scores/ }, async ({ page, shop }) => {
  shop.page('/', '', { head: load('/recaptcha/api.js', '?render=SITEKEY') });
  await page.goto('/');
  await page.waitForFunction(() => globalThis.grecaptcha);
  const refused = await page.evaluate('grecaptcha.execute("SITEKEY", { action: "buy" }).then(() => "", (error) => error.message)');
  assert.match(refused, /no scores/);
});

story('hCaptcha: execute gives a promise, of the response or of why not', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<div id="here"></div>', {
    head: load('/1/api.js', '?onload=ready&render=explicit&recaptchacompat=off'),
    script: 'var told = [], id; function ready() { id = hcaptcha.render("here", { sitekey: "SITEKEY", size: "invisible", "open-callback": () => told.push("open"), "close-callback": () => told.push("close") }); }',
  });
  await page.goto('/');
  await page.waitForFunction(() => globalThis.id);
  assert.equal(await page.evaluate('typeof globalThis.grecaptcha'), 'undefined');
  const execute = 'hcaptcha.execute(id, { async: true }).then(({ response }) => told.push(typeof response), (error) => told.push(error))';
  await page.evaluate(`void ${execute}`);
  await shown(page);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => told.length === 3);
  await page.evaluate(`void ${execute}`);
  await code(page).fill(await server.answer(await shown(page)));
  await code(page).press('Enter');
  await page.waitForFunction(() => told.length === 5);
  assert.deepEqual(await told(page), ['open', 'close', 'challenge-closed', 'open', 'string']);
  assert.deepEqual(await page.locator('textarea[hidden]').evaluateAll((fields) => fields.map(({ name }) => name)), ['h-captcha-response']);
  await page.evaluate('hcaptcha.remove(id)');
  assert.equal(await page.locator('inkgate-captcha').count(), 0);
});

story('Turnstile: execution waits for execute, and action and cdata are sealed', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<form><div id="here"></div></form>', {
    head: load('/turnstile/v0/api.js', '?onload=ready&render=explicit'),
    script: 'var id; function ready() { id = turnstile.render("#here", { sitekey: "SITEKEY", action: "buy", cData: "cart-7", execution: "execute", "response-field-name": "proof" }); }',
  });
  await page.goto('/');
  await page.waitForFunction(() => globalThis.id);
  assert.equal(await widget(page).getByRole('img').count(), 0);
  await page.evaluate('turnstile.execute("#here")');
  await solve(page, server);
  assert.equal(await page.evaluate('turnstile.isExpired(id)'), false);
  const answer = await shop.verify(await page.locator('[name=proof]').inputValue());
  assert.deepEqual([answer.success, answer.action, answer.cdata], [true, 'buy', 'cart-7']);
});

story('Turnstile: places are any selector, and execute takes an id with parameters', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<form><div id="here"></div></form><form><div class="there"></div></form>', {
    head: load('/turnstile/v0/api.js', '?onload=ready&render=explicit'),
    script: `var ids; function ready() {
      ids = ["form > div#here", "form + form div"].map((place) => turnstile.render(place, { sitekey: "SITEKEY", execution: "execute" }));
    }`,
  });
  await page.goto('/');
  await page.waitForFunction(() => globalThis.ids);
  await page.evaluate('turnstile.execute(ids[1], { action: "buy" })');
  await solve(page, server, 1);
  assert.equal(await page.locator('inkgate-captcha').count(), 2);
  assert.deepEqual(await page.evaluate('ids.map((id) => Boolean(turnstile.getResponse(id)))'), [false, true]);
});

story('Turnstile: a place that is no selector is told of', { embeds, forgives: /no element 2\?/ }, async ({ page, shop }) => {
  shop.page('/', '', { head: load('/turnstile/v0/api.js', '?render=explicit') });
  await page.goto('/');
  await page.waitForFunction(() => globalThis.turnstile);
  const warned = page.waitForEvent('console');
  await page.evaluate('void turnstile.render("2?", { sitekey: "SITEKEY" })');
  assert.match((await warned).text(), /no element 2\?/);
});

story('Turnstile: its compatible mode takes the elements of reCAPTCHA', { embeds }, async ({ page, server, shop }) => {
  shop.page('/', '<form><div class="g-recaptcha" data-sitekey="SITEKEY" data-callback="done"></div></form>', { head: load('/turnstile/v0/api.js', '?compat=recaptcha'), script: TELLS });
  await page.goto('/');
  await solve(page, server);
  const values = await page.locator('textarea[hidden]').evaluateAll((fields) => fields.map(({ name, value }) => [name, value]));
  assert.deepEqual(values.map(([name]) => name), ['cf-turnstile-response', 'g-recaptcha-response']);
  assert.equal(values[0][1], values[1][1]);
  assert.equal(await page.evaluate('grecaptcha.getResponse()'), values[0][1]);
});
