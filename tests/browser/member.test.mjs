// Site two, "member": 繁體中文, a login guarded by a picture.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Server } from './server.mjs';
import { MEI, Profile, story, ticket } from './story.mjs';

const LOGIN = '/member/login';
const HOME = '/member/';

async function fill(page, { email = MEI.email, password = MEI.password, code }) {
  await page.locator('[name=useremail]').fill(email);
  await page.locator('[name=userpassword]').fill(password);
  await page.locator('[name=captcha]').fill(code);
}

async function submit(page) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.locator('[name=captcha]').press('Enter'),
  ]);
  await page.waitForLoadState();
  return answer.status();
}

async function signIn(page, server, { remember = false } = {}) {
  await fill(page, { code: await server.answer(await ticket(page)) });
  if (remember) await page.locator('[name=rememberme]').check();
  assert.equal(await submit(page), 303);
}

const isAt = (page, path) => assert.equal(new URL(page.url()).pathname, path);
const names = async (context) => (await context.cookies()).map((cookie) => cookie.name).sort();
// What says who is signed in: neither the chosen language nor the device does.
const signedIn = async (context) => (await names(context)).filter((name) => !['inkgate_lang', 'inkgate_device'].includes(name));

story('a member signs in, is greeted once, and signs out', { members: [MEI] }, async ({ page, context, server }) => {
  await page.goto(HOME);
  isAt(page, LOGIN);
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hant');
  await page.getByRole('heading', { name: '會員登入' }).waitFor();
  await page.getByLabel('驗證碼').first().waitFor();
  await signIn(page, server);
  isAt(page, HOME);
  await page.getByText('登入成功').first().waitFor();
  await page.getByText(MEI.name).first().waitFor();
  const display = (await context.cookies()).find((cookie) => cookie.name === 'name');
  assert.equal(decodeURIComponent(display.value), MEI.name);
  assert.ok(display.httpOnly && display.expires === -1);

  await page.reload();
  isAt(page, HOME);
  assert.equal(await page.getByText('登入成功').count(), 0);

  await page.locator('form[action="/member/logout"] button').click();
  await page.waitForURL('**/member/login');
  await page.goto(HOME);
  isAt(page, LOGIN);
  assert.deepEqual(await signedIn(context), []);
});

story('a wrong captcha is told, and the password is not asked about', { members: [MEI] }, async ({ page, server }) => {
  await page.goto(LOGIN);
  const old = await ticket(page);
  await fill(page, { code: 'ZZZZZ', password: 'not it at all, no' });
  assert.equal(await submit(page), 422);
  await page.getByText('驗證碼輸入錯誤').waitFor();
  assert.equal(await page.getByText('登入失敗，密碼錯誤').count(), 0);
  assert.equal(await page.locator('[name=useremail]').inputValue(), MEI.email);
  assert.equal(await page.locator('[name=userpassword]').inputValue(), '');
  assert.notEqual(await ticket(page), old);
  await signIn(page, server);
  isAt(page, HOME);
});

story('a wrong password and an unknown member are told alike', { members: [MEI] }, async ({ page, server }) => {
  await page.goto(LOGIN);
  const told = [];
  for (const email of [MEI.email, 'nobody@example.org']) {
    await fill(page, { email, password: 'not it at all, no', code: await server.answer(await ticket(page)) });
    assert.equal(await submit(page), 422);
    told.push(await page.getByRole('alert').innerText());
    assert.equal(await page.locator('[name=useremail]').inputValue(), email);
    assert.equal(await page.locator('[name=userpassword]').inputValue(), '');
  }
  assert.match(told[0], /登入失敗，密碼錯誤/);
  assert.equal(told[0], told[1]);
  await signIn(page, server);
  isAt(page, HOME);
});

async function buttonSwapsThePicture(page) {
  const old = await ticket(page);
  await page.evaluate(() => (globalThis.notReloaded = true));
  await page.locator('[name=refresh]').click();
  await page.waitForFunction((value) => document.querySelector('input[name=ticket]').value !== value, old);
  await page.waitForFunction(() => document.querySelector('form img').src.startsWith('blob:'));
  await page.waitForFunction(() => document.querySelector('form img').naturalWidth > 0);
  assert.equal(await page.evaluate(() => globalThis.notReloaded), true);
}

story('the button swaps picture and ticket without a reload', { members: [MEI] }, async ({ page, server }) => {
  await page.goto(LOGIN);
  await page.locator('[name=useremail]').fill(MEI.email);
  await buttonSwapsThePicture(page);
  await buttonSwapsThePicture(page);
  assert.equal(await page.locator('[name=useremail]').inputValue(), MEI.email);
  await signIn(page, server);
  isAt(page, HOME);
});

story('two tabs do not disturb each other', { members: [MEI] }, async ({ page, context, server }) => {
  await page.goto(LOGIN);
  const other = await context.newPage();
  await other.goto(LOGIN);
  await buttonSwapsThePicture(other);
  await signIn(page, server);
  isAt(page, HOME);
  await signIn(other, server);
  isAt(other, HOME);
  await page.reload();
  isAt(page, HOME);
});

story('signing in leads on to a path of this site only', { members: [MEI] }, async ({ page, server }) => {
  await page.goto(`${LOGIN}?next=${encodeURIComponent('/newpage/login/')}`);
  await signIn(page, server);
  isAt(page, '/newpage/login/');
  await page.goto(`${LOGIN}?next=${encodeURIComponent('//example.org/')}`);
  await signIn(page, server);
  isAt(page, HOME);
});

story('without JavaScript all of it works', {
  members: [MEI],
  look: { javaScriptEnabled: false },
}, async ({ page, server, context }) => {
  await page.goto(LOGIN);
  const first = await ticket(page);
  await page.locator('[name=useremail]').fill(MEI.email);
  await page.locator('[name=userpassword]').fill(MEI.password);
  await page.locator('[name=refresh]').click();
  await page.waitForLoadState();
  assert.notEqual(await ticket(page), first);
  assert.equal(await page.locator('[name=useremail]').inputValue(), MEI.email);
  assert.equal(await page.locator('[name=userpassword]').inputValue(), '');
  await signIn(page, server);
  isAt(page, HOME);
  await page.locator('form[action="/member/logout"] button').click();
  await page.waitForURL('**/member/login');
  // The picture that was passed over has not been used up.
  const form = {
    ticket: first,
    captcha: await server.answer(first),
    useremail: MEI.email,
    userpassword: MEI.password,
  };
  const answer = await context.request.post(LOGIN, { form, maxRedirects: 0 });
  assert.equal(answer.status(), 303);
});

test('remember-me outlives the browser and the server, a session does not', { timeout: 120_000 }, async () => {
  const server = await Server.start();
  await server.addMember(MEI);
  const profile = await Profile.create(server.url);
  try {
    await profile.page.goto(LOGIN);
    await signIn(profile.page, server);
    isAt(profile.page, HOME);
    await profile.restart();
    assert.deepEqual(await signedIn(profile.context), []);
    await profile.page.goto(HOME);
    isAt(profile.page, LOGIN);

    await signIn(profile.page, server, { remember: true });
    isAt(profile.page, HOME);
    const kept = await profile.context.cookies();
    for (const name of ['inkgate_remember', 'name']) {
      const days = (kept.find((cookie) => cookie.name === name).expires - Date.now() / 1_000) / 86_400;
      assert.ok(days > 6.9 && days < 7.1, `${name} lives ${days} days`);
    }
    await profile.restart();
    await server.restart();
    const before = await profile.context.cookies();
    assert.ok(!before.some((cookie) => cookie.name === 'inkgate_session'));
    await profile.page.goto(HOME);
    isAt(profile.page, HOME);
    await profile.page.getByText(MEI.name).first().waitFor();
    const rotated = (cookies) => cookies.find((cookie) => cookie.name === 'inkgate_remember').value;
    assert.notEqual(rotated(await profile.context.cookies()), rotated(before));

    await profile.page.locator('form[action="/member/logout"] button').click();
    await profile.page.waitForURL('**/member/login');
    await profile.restart();
    await profile.page.goto(HOME);
    isAt(profile.page, LOGIN);
  } finally {
    await profile.remove();
    await server.stop();
  }
});

test('the first member is made by the link that the server prints, once', { timeout: 120_000 }, async () => {
  const server = await Server.start();
  const profile = await Profile.create(server.url);
  const { page } = profile;
  try {
    const link = server.said.match(/http:\S+\/link\/[\w-]+/)?.[0];
    assert.ok(link, `no link in: ${server.said}`);
    await page.goto(link);
    await page.locator('[name=email]').fill(MEI.email);
    await page.locator('[name=name]').fill(MEI.name);
    await page.locator('[name=password]').fill(MEI.password);
    await page.locator('[name=again]').fill(MEI.password);
    await page.locator('[name=again]').press('Enter');
    await page.waitForLoadState();
    const again = await page.goto(link);
    assert.equal(again.status(), 410);
    await page.goto(LOGIN);
    await signIn(page, server);
    isAt(page, HOME);
  } finally {
    await profile.remove();
    await server.stop();
  }
});

const drawn = (page) => page.locator('form img').evaluate((image) => new URL(image.currentSrc).pathname);

story('a stronger style has its room before it comes, and is sharp and dark where the screen is', {
  environment: { INKGATE_PAGES_MEMBER_STYLE: 'ink' },
  members: [MEI],
  look: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, colorScheme: 'dark' },
}, async ({ page, server }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/challenge/**', async (route) => {
    await held;
    await route.continue();
  });
  const room = () => page.locator('form .picture').evaluate((button) => [button.offsetWidth, button.offsetHeight]);
  await page.goto(LOGIN, { waitUntil: 'commit' });
  await page.locator('button.go').waitFor();
  const before = await room();
  release();
  await page.waitForFunction(() => document.querySelector('form img').naturalWidth === 300);
  assert.deepEqual(await room(), before);
  assert.equal(await drawn(page), `/challenge/${await ticket(page)}@2x.dark.png`);
  await buttonSwapsThePicture(page);
  assert.equal(await drawn(page), `/challenge/${await ticket(page)}@2x.dark.png`);
  assert.deepEqual(await room(), before);
  await signIn(page, server);
  isAt(page, HOME);
});
