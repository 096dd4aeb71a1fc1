// When something goes wrong on the way, the pages say so, and what was typed is not lost.
import assert from 'node:assert/strict';

import { MEI, story, ticket } from './story.mjs';

const SITES = {
  newpage: { path: '/newpage/login/', told: { offline: '新图没有载入', 429: '换图太频繁了' } },
  member: { path: '/member/login', told: { offline: '新圖沒有載入', 429: '換圖太頻繁了' } },
};

// Replaces the page's way to the server; what really fails would also write into the console.
const FETCHES = {
  offline: () => (globalThis.fetch = () => Promise.reject(new TypeError('no network'))),
  429: () => (globalThis.fetch = async () => new Response(null, { status: 429 })),
};

for (const [site, { path, told }] of Object.entries(SITES)) {
  for (const [trouble, text] of Object.entries(told)) {
    story(`${site} tells that no new picture came (${trouble}) and keeps the old`, {}, async ({ page }) => {
      await page.addInitScript(FETCHES[trouble]);
      await page.goto(path);
      const picture = page.locator('form img');
      const before = [await ticket(page), await picture.getAttribute('src')];
      await picture.click();
      await page.getByRole('status').getByText(text).waitFor();
      assert.deepEqual([await ticket(page), await picture.getAttribute('src')], before);
    });
  }
}

story('a new picture is announced, and the code is typed next', {}, async ({ page, server }) => {
  await page.goto('/newpage/login/');
  await page.locator('[name=username]').fill('小明');
  await page.locator('[name=verify_code]').fill('old');
  await page.locator('form img').click();
  await page.getByRole('status').getByText('已换新图').waitFor();
  assert.equal(await page.locator('[name=verify_code]').inputValue(), '');
  await page.keyboard.type(await server.answer(await ticket(page)));
  await page.keyboard.press('Enter');
  await page.getByText('登录成功').first().waitFor();
});

// C-68
story('the name outlives a wrong code, and the code has the focus', {}, async ({ page }) => {
  await page.goto('/newpage/login/');
  await page.locator('[name=username]').fill('小明 & <b>');
  await page.locator('[name=verify_code]').fill('?');
  await page.locator('[name=username]').press('Enter');
  await page.waitForURL('**/newpage/login/?again=wrong');
  assert.equal(await page.locator('[name=username]').inputValue(), '小明 & <b>');
  await page.locator('[name=verify_code]:focus').waitFor();
  await page.goto('/newpage/login/');
  assert.equal(await page.locator('[name=username]').inputValue(), '');
});

// C-68
story('the field in error has the focus and a description', { members: [MEI] }, async ({ page, server }) => {
  await page.goto('/member/login');
  for (const [code, field] of [['ZZZZZ', 'captcha'], [null, 'userpassword']]) {
    await page.locator('[name=useremail]').fill(MEI.email);
    await page.locator('[name=userpassword]').fill('not it at all, no');
    await page.locator('[name=captcha]').fill(code ?? (await server.answer(await ticket(page))));
    await page.locator('[name=captcha]').press('Enter');
    const focused = page.locator(`[name=${field}]:focus`);
    await focused.waitFor();
    const describedBy = await focused.getAttribute('aria-describedby');
    const description = await page.locator(`#${describedBy}`).innerText();
    assert.equal(description, await page.getByRole('alert').innerText());
    assert.match(await page.title(), new RegExp(`^${description.split('\n')[0]}`));
  }
});
