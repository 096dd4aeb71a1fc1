// Without JavaScript: a link to a page of the installation, and a line to copy.
import assert from 'node:assert/strict';

import { sent } from './shop.mjs';
import { fitsItsWidth, isAccessible, story } from './story.mjs';

const NOSCRIPT = `<form method="post" action="/comment"><inkgate-captcha sitekey="SITEKEY" required></inkgate-captcha>
<noscript><p><a href="INKGATE/fallback?sitekey=SITEKEY" target="_blank">Prove here</a></p>
<label>Proof <input name="inkgate-response" required></label></noscript><button>Send</button></form>`;

for (const [how, look] of Object.entries({
  'on a desk': {},
  'on a phone in the dark': { viewport: { width: 360, height: 640 }, colorScheme: 'dark' },
})) {
  story(`a visitor without JavaScript solves, copies and sends ${how}`, { embeds: true, look: { ...look, javaScriptEnabled: false } }, async ({ page, context, server, shop }) => {
    shop.page('/', NOSCRIPT, { head: '<script src="INKGATE/api.js" async defer></script>' });
    await page.goto('/');
    const opened = context.waitForEvent('page');
    await page.getByRole('link', { name: 'Prove here' }).click();
    const check = await opened;
    await check.getByText('For a form on').waitFor();
    const ticket = () => check.locator('[name=ticket]').inputValue();
    const first = await ticket();
    await check.getByRole('button', { name: 'Hard to read?' }).click();
    await check.locator(`[name=ticket]:not([value="${first}"])`).waitFor({ state: 'attached' });
    await check.getByLabel('Code').fill('?');
    await check.getByLabel('Code').press('Enter');
    await check.getByRole('alert').waitFor();
    await fitsItsWidth(check);
    await check.getByLabel('Code').fill(await server.answer(await ticket()));
    await check.getByRole('button', { name: 'Check' }).click();
    const proof = await check.getByLabel('Your proof').inputValue();
    await fitsItsWidth(check);
    await page.getByLabel('Proof').fill(proof);
    await page.getByRole('button', { name: 'Send' }).click();
    const told = await shop.verify(await sent(page, 'inkgate-response'));
    assert.deepEqual([told.success, told.hostname], [true, '127.0.0.1']);
  });
}

story('the page for them is accessible in every state', { embeds: true }, async ({ page, server, shop }) => {
  const address = `${server.url}/fallback?sitekey=${shop.sitekey}`;
  await page.goto(address);
  await isAccessible(page);
  await page.getByLabel('Code').fill('?');
  await page.getByLabel('Code').press('Enter');
  await page.getByRole('alert').waitFor();
  await isAccessible(page);
  await page.getByRole('button', { name: '繁體中文' }).click();
  await page.getByText('不用 JavaScript 的驗證').first().waitFor();
  await page.getByLabel('驗證碼').fill(await server.answer(await page.locator('[name=ticket]').inputValue()));
  await page.getByLabel('驗證碼').press('Enter');
  await page.getByLabel('驗證憑證').waitFor();
  await isAccessible(page);
});

// WEB-08
story('it may stand in a frame of the site', { embeds: true }, async ({ page, server, shop }) => {
  const frames = (response) => response.setHeader('Content-Security-Policy', `default-src 'none'; script-src 'self'; frame-src ${server.url}`);
  shop.page('/', '<iframe title="Verification" src="INKGATE/fallback?sitekey=SITEKEY" width="360" height="700"></iframe>', { policy: frames });
  await page.goto('/');
  const frame = page.frameLocator('iframe');
  await frame.getByLabel('Code').fill(await server.answer(await frame.locator('[name=ticket]').inputValue()));
  await frame.getByRole('button', { name: 'Check' }).click();
  assert.equal((await shop.verify(await frame.getByLabel('Your proof').inputValue())).success, true);
});
