// The product's own sign-in and the account behind it: with scripts and without, by keyboard, on a
// phone, in light and dark, in three languages.
import assert from 'node:assert/strict';

import { MEI, fitsItsWidth, isAccessible, story, ticket } from './story.mjs';

const LOOKS = {
  'a phone': { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  'a desktop': { viewport: { width: 1280, height: 800 } },
};
const OPEN = { INKGATE_LOGIN_REGISTRATION: 'true', INKGATE_LOGIN_NAME: 'Paper Mill' };
const NEW = 'kettle pylon wave';

async function isFine(page) {
  await fitsItsWidth(page);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await isAccessible(page);
  }
}

async function fill(page, server, password) {
  await page.locator('[name=email]').fill(MEI.email);
  await page.locator('[name=password]').fill(password);
  if (await page.locator('[name=captcha]').count()) {
    await page.locator('[name=captcha]').fill(await server.answer(await ticket(page)));
  }
}

const isAt = (page, path) => assert.equal(new URL(page.url()).pathname, path);

for (const [title, look] of Object.entries(LOOKS)) {
  story(`the sign-in and the account are accessible and fit on ${title}`, { look, members: [MEI], environment: OPEN },
    async ({ page, server }) => {
      await page.goto('/login');
      assert.match(await page.title(), /Paper Mill$/);
      await isFine(page);
      for (let number = 0; number < 3; number += 1) {
        await fill(page, server, 'not the password');
        await page.locator('form#login button.go').click();
        await page.locator('[role=alert]').waitFor();
      }
      assert.equal(await page.locator('[name=captcha]').count(), 1, 'a captcha is asked after three failures');
      await isFine(page);
      await fill(page, server, MEI.password);
      await page.locator('form#login button.go').click();
      await page.waitForURL('**/account');
      await isFine(page);
      await page.locator('summary').click();
      await isFine(page);
      await page.goto('/register');
      await isFine(page);
    });
}

for (const [locale, words] of Object.entries({ 'en-GB': 'Sign in', 'zh-CN': '登录', 'zh-TW': '登入' })) {
  story(`the sign-in speaks the browser's language: ${locale}`, { look: { locale } }, async ({ page }) => {
    await page.goto('/login');
    assert.equal(await page.locator('h1').textContent(), words);
  });
}

for (const [kind, look] of Object.entries({ with: {}, without: { javaScriptEnabled: false } })) {
  story(`a password is changed and sessions are ended, ${kind} JavaScript`, { look, members: [MEI] },
    async ({ page, server }) => {
      await page.goto('/login');
      await fill(page, server, MEI.password);
      await page.locator('form#login button.go').click();
      await page.waitForURL('**/account');
      await page.locator('#current').fill(MEI.password);
      await page.locator('#password').fill(NEW);
      await page.locator('#again').fill(NEW);
      await page.getByRole('button', { name: 'Change the password' }).click();
      await page.getByRole('status').waitFor();
      isAt(page, '/account');
      await page.getByRole('button', { name: 'Sign out everywhere' }).click();
      await page.getByRole('heading', { name: 'You are signed out everywhere' }).waitFor();
      await page.goto('/account');
      isAt(page, '/login');
      await fill(page, server, NEW);
      await page.locator('form#login button.go').click();
      await page.waitForURL('**/account');
    });
}

story('the keyboard alone signs in', { members: [MEI], environment: { INKGATE_LOGIN_CAPTCHA: 'always' } },
  async ({ page, server }) => {
    await page.goto('/login');
    await page.locator('[name=email]').focus();
    await page.keyboard.type(MEI.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(MEI.password);
    await page.locator('[name=captcha]').focus();
    await page.keyboard.type(await server.answer(await ticket(page)));
    await page.keyboard.press('Enter');
    await page.waitForURL('**/account');
  });

story('another picture comes without loading the page again', { environment: { INKGATE_LOGIN_CAPTCHA: 'always' } },
  async ({ page }) => {
    await page.goto('/login');
    await page.locator('[name=email]').fill(MEI.email);
    const old = await ticket(page);
    await page.locator('button.picture').click();
    await page.waitForFunction((before) => document.querySelector('[name=ticket]').value !== before, old);
    assert.equal(await page.locator('[name=email]').inputValue(), MEI.email);
  });

story('a visitor makes an account and signs in', { environment: OPEN }, async ({ page, server }) => {
  await page.goto('/login');
  await page.getByRole('link', { name: 'Make an account' }).click();
  await page.locator('[name=email]').fill('ann@example.org');
  await page.locator('[name=name]').fill('Ann');
  await page.locator('[name=password]').fill(NEW);
  await page.locator('[name=again]').fill(NEW);
  await page.locator('[name=captcha]').fill(await server.answer(await ticket(page)));
  await page.locator('form#login button.go').click();
  await page.getByRole('heading', { name: 'Your account is made' }).waitFor();
});
