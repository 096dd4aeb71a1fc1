// What all pages share: the front page, languages, notices, headers.
import assert from 'node:assert/strict';

import { MEI, story, ticket } from './story.mjs';

const NEWPAGE = '/newpage/login/';
const MEMBER = '/member/login';

const language = (page) => page.locator('html').getAttribute('lang');
const choose = (page, name) => page.getByRole('button', { name, exact: true }).click();

story('the front page shows live pictures and leads to both sites', {}, async ({ page }) => {
  await page.goto('/');
  const pictures = page.locator('img[src*="/challenge/"]');
  assert.ok((await pictures.count()) >= 3);
  for (const picture of await pictures.all()) {
    await picture.scrollIntoViewIfNeeded();
    await page.waitForFunction((image) => image.naturalWidth > 0, await picture.elementHandle());
  }
  await page.locator(`a[href="${NEWPAGE}"]`).first().click();
  await page.waitForURL(`**${NEWPAGE}`);
  await page.goto('/');
  await page.locator('a[href="/member/"], a[href="/member/login"]').first().click();
  await page.waitForURL(`**${MEMBER}`);
});

story('the front page speaks the language that the browser asks for', { look: { locale: 'zh-TW' } }, async ({ page }) => {
  await page.goto('/');
  assert.equal(await language(page), 'zh-Hant');
});

for (const [kind, look] of Object.entries({ with: {}, without: { javaScriptEnabled: false } })) {
  story(`a chosen language holds on every page, ${kind} JavaScript`, { look }, async ({ page }) => {
    await page.goto('/');
    assert.equal(await language(page), 'en');
    await page.goto(NEWPAGE);
    assert.equal(await language(page), 'zh-Hans');
    await page.goto(MEMBER);
    assert.equal(await language(page), 'zh-Hant');
    await page.goto(`${NEWPAGE}?again=wrong`);
    await choose(page, 'English');
    await page.waitForFunction(() => document.documentElement.lang === 'en');
    assert.equal(new URL(page.url()).pathname, NEWPAGE);
    await page.locator('[name=username]').waitFor();
    await page.goto(MEMBER);
    assert.equal(await language(page), 'en');
    await choose(page, '繁體中文');
    await page.waitForFunction(() => document.documentElement.lang === 'zh-Hant');
    await page.goto(NEWPAGE);
    assert.equal(await language(page), 'zh-Hant');
  });
}

story('a choice of language survives a sign-in and a wrong code', { members: [MEI] }, async ({ page, server }) => {
  await page.goto(MEMBER);
  await choose(page, 'English');
  await page.waitForFunction(() => document.documentElement.lang === 'en');
  await page.locator('[name=useremail]').fill(MEI.email);
  await page.locator('[name=userpassword]').fill(MEI.password);
  await page.locator('[name=captcha]').fill('ZZZZZ');
  await page.locator('[name=captcha]').press('Enter');
  await page.getByRole('alert').waitFor();
  assert.equal(await language(page), 'en');
  // The form came by POST; choosing a language leads back to it by GET.
  await choose(page, '繁體中文');
  await page.waitForFunction(() => document.documentElement.lang === 'zh-Hant');
  assert.equal(new URL(page.url()).pathname, MEMBER);
  await page.locator('[name=useremail]').fill(MEI.email);
  await page.locator('[name=userpassword]').fill(MEI.password);
  await page.locator('[name=captcha]').fill(await server.answer(await ticket(page)));
  await page.locator('[name=captcha]').press('Enter');
  await page.waitForURL('**/member/');
  assert.equal(await language(page), 'zh-Hant');
});

story('a choice of language on the answer to a failed form leads to a page', {}, async ({ page }) => {
  const fails = async (path) => {
    await page.goto('/');
    await page.evaluate((action) => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action });
      form.append(Object.assign(document.createElement('input'), { name: 'lang', value: '\u0001' }));
      document.body.append(form);
      form.submit();
    }, path);
    await page.getByText('HTTP 400').waitFor();
  };
  await fails('/lang');
  await choose(page, '简体中文');
  await page.getByRole('heading', { name: '属于你自己的验证码' }).waitFor();
  for (const path of [NEWPAGE, MEMBER]) {
    await fails(path);
    await choose(page, 'English');
    await page.locator('html[lang=en] input[name=ticket]').waitFor({ state: 'attached' });
    assert.equal(new URL(page.url()).pathname, path);
  }
});

// The tutorials' two have the colours that they had.
story('a dark page has dark pictures in the styles that know them', { look: { colorScheme: 'dark' } }, async ({ page }) => {
  await page.goto('/');
  const shown = await page.locator('.gallery img').evaluateAll(async (images) => {
    await Promise.all(images.map((image) => image.decode()));
    return images.map((image) => [image.closest('li').querySelector('b').textContent, image.currentSrc]);
  });
  for (const [style, address] of shown) assert.equal(address.endsWith('.dark.png'), !['newpage', 'member'].includes(style), address);
});

// AUT-15
story('the password can be shown, pasted and kept by a manager', {}, async ({ page }) => {
  await page.goto(MEMBER);
  const password = page.locator('[name=userpassword]');
  assert.equal(await password.getAttribute('autocomplete'), 'current-password');
  assert.match(await page.locator('[name=useremail]').getAttribute('autocomplete'), /email|username/);
  assert.equal(await page.locator('[name=captcha]').getAttribute('autocomplete'), 'off');
  await password.fill('a secret of some length');
  assert.equal(await password.getAttribute('type'), 'password');
  await page.getByRole('button', { name: '顯示密碼' }).click();
  assert.equal(await password.getAttribute('type'), 'text');
  await page.getByRole('button', { name: '隱藏密碼' }).click();
  assert.equal(await password.getAttribute('type'), 'password');
});

story('a dark browser gets dark pages', { look: { colorScheme: 'dark' } }, async ({ page }) => {
  for (const path of ['/', NEWPAGE, MEMBER]) {
    await page.goto(path);
    const ground = await page.evaluate(() => {
      const canvas = document.createElement('canvas').getContext('2d');
      canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    });
    assert.ok(ground[3] === 255 && Math.max(...ground.slice(0, 3)) < 64, `${path} has the ground ${ground}`);
  }
});

// WEB-07, WEB-09, CAP-31
story('pages and pictures carry their headers', {}, async ({ page, context }) => {
  for (const path of ['/', NEWPAGE, MEMBER]) {
    const headers = (await page.goto(path)).headers();
    const policy = headers['content-security-policy'];
    assert.match(policy, /default-src 'none'|default-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/);
    assert.equal(policy.includes('blob:'), path === MEMBER);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  }
  for (const path of ['/newpage/getcode/?t=0.1', '/member/captcha', `/challenge/${await ticket(page)}.png`]) {
    const answer = await context.request.get(path);
    assert.equal(answer.headers()['content-type'], 'image/png');
    assert.match(answer.headers()['cache-control'], /no-store/);
  }
  for (const path of ['/newpage/getcode/', '/member/captcha']) {
    const answer = await context.request.head(path);
    assert.ok(answer.ok());
    assert.match(answer.headers()['inkgate-ticket'], /^[\w-]+$/);
    assert.equal(answer.headers()['content-length'], undefined);
  }
});
