// A picture that expired while the visitor was away is swapped before a code is typed for nothing.
import assert from 'node:assert/strict';

import { MEI, story, ticket } from './story.mjs';

const SITES = {
  newpage: {
    path: '/newpage/login/',
    code: '[name=verify_code]',
    renewed: '原来的图已过期，已换新图。',
    entry: { username: '小明' },
    within: '登录成功',
  },
  member: {
    path: '/member/login',
    code: '[name=captcha]',
    renewed: '原來的圖已過期，已換新圖。',
    entry: { useremail: MEI.email, userpassword: MEI.password },
    within: '登入成功',
  },
};

// The least that may be set.
const environment = { INKGATE_TICKET_TTL_SECONDS: '30' };

// What brings a visitor back to the picture.
const RETURNS = {
  'to the field': (page, code) => page.locator(code).focus(),
  'to the tab': (page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))),
  'and types on': async (page, code) => {
    await page.locator(code).focus();
    await page.clock.fastForward(26_000);
    await page.keyboard.type('a');
  },
};

for (const [site, { path, code, renewed, entry, within }] of Object.entries(SITES)) {
  for (const [how, comeBack] of Object.entries(RETURNS)) {
    story(`${site} swaps an expired picture for whoever comes back ${how}`, {
      environment,
      members: site === 'member' ? [MEI] : [],
    }, async ({ page, server }) => {
      await page.clock.install();
      await page.goto(path);
      const old = await ticket(page);
      for (const [name, text] of Object.entries(entry)) await page.locator(`[name=${name}]`).fill(text);
      await page.locator(code).focus();
      assert.equal(await ticket(page), old);
      await page.locator(code).blur();
      if (how !== 'and types on') await page.clock.fastForward(26_000);
      await comeBack(page, code);
      await page.getByRole('status').getByText(renewed).waitFor();
      assert.notEqual(await ticket(page), old);
      assert.equal(await page.locator(code).inputValue(), '');
      // The new one lives as long again.
      const fresh = await ticket(page);
      await page.locator(code).blur();
      await page.locator(code).fill(await server.answer(fresh));
      assert.equal(await ticket(page), fresh);
      await page.locator(code).press('Enter');
      await page.getByText(within).first().waitFor();
    });
  }
}
