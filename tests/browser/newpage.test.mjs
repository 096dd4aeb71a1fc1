// Site one, "newpage": 简体中文, a form with a picture that signs nobody in.
import assert from 'node:assert/strict';

import { story, ticket } from './story.mjs';

const LOGIN = '/newpage/login/';

const picture = (page) => page.locator('form img');
const submit = (page) => page.getByRole('button', { name: '登录', exact: true }).click();

async function fill(page, code) {
  await page.locator('[name=username]').fill('小明');
  await page.locator('[name=verify_code]').fill(code);
}

async function pictureChanges(page, act) {
  const before = { ticket: await ticket(page), src: await picture(page).getAttribute('src') };
  await page.evaluate(() => (globalThis.notReloaded = true));
  await act();
  await page.waitForFunction(
    (old) => document.querySelector('input[name=ticket]').value !== old,
    before.ticket,
  );
  await page.waitForFunction((old) => document.querySelector('form img').getAttribute('src') !== old, before.src);
  assert.equal(await page.evaluate(() => globalThis.notReloaded), true);
  await page.waitForFunction(() => document.querySelector('form img').complete);
  const drawn = await picture(page).evaluate((image) => [image.naturalWidth, image.naturalHeight]);
  assert.ok(drawn.every((side) => side > 0), `the new picture is ${drawn}`);
}

async function passes(page, server) {
  await fill(page, await server.answer(await ticket(page)));
  await submit(page);
  await page.getByText('登录成功').first().waitFor();
}

story('a right code is accepted', {}, async ({ page, server }) => {
  await page.goto(LOGIN);
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
  await page.getByPlaceholder('请输入用户名').waitFor();
  await page.getByPlaceholder('请输入下图中的验证码').waitFor();
  await passes(page, server);
});

story('a code is accepted whatever its case and width', {}, async ({ page, server }) => {
  await page.goto(LOGIN);
  const answer = await server.answer(await ticket(page));
  const wide = answer.toLowerCase().replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
  await fill(page, ` ${wide} `);
  await submit(page);
  await page.getByText('登录成功').first().waitFor();
});

story('a wrong code leads back to the form, which says so', {}, async ({ page, server }) => {
  await page.goto(LOGIN);
  const answer = await server.answer(await ticket(page));
  const old = await ticket(page);
  await fill(page, answer === '2222' ? '3333' : '2222');
  await submit(page);
  await page.waitForURL('**/newpage/login/?again=wrong');
  await page.getByRole('alert').waitFor();
  assert.notEqual(await ticket(page), old);
  await passes(page, server);
});

story('a code is accepted once', {}, async ({ page, server }) => {
  await page.goto(LOGIN);
  const used = await ticket(page);
  const answer = await server.answer(used);
  await passes(page, server);
  await page.goto(LOGIN);
  await page.locator('input[name=ticket]').evaluate((field, value) => (field.value = value), used);
  await fill(page, answer);
  await submit(page);
  await page.waitForURL('**/newpage/login/?again=wrong');
});

story('a click on the picture fetches another', {}, async ({ page, server }) => {
  await page.goto(LOGIN);
  await page.locator('[name=username]').fill('小明');
  await pictureChanges(page, () => picture(page).click());
  await pictureChanges(page, () => picture(page).click());
  assert.equal(await page.locator('[name=username]').inputValue(), '小明');
  await passes(page, server);
});

story('two tabs do not disturb each other', {}, async ({ context, page, server }) => {
  await page.goto(LOGIN);
  const other = await context.newPage();
  await other.goto(LOGIN);
  await pictureChanges(other, () => picture(other).click());
  await passes(page, server);
  await passes(other, server);
});

story('without JavaScript a button shows another picture and keeps the name', {
  look: { javaScriptEnabled: false },
}, async ({ page, server, context }) => {
  await page.goto(LOGIN);
  const first = await ticket(page);
  await page.locator('[name=username]').fill('小明');
  await page.locator('[name=refresh]').click();
  await page.waitForLoadState();
  assert.notEqual(await ticket(page), first);
  assert.equal(await page.locator('[name=username]').inputValue(), '小明');
  await passes(page, server);
  // The picture that was passed over has not been used up.
  const form = { ticket: first, verify_code: await server.answer(first) };
  const answer = await context.request.post(LOGIN, { form, maxRedirects: 0 });
  assert.equal(answer.status(), 200);
});

story('the keyboard is enough', {}, async ({ page, server }) => {
  await page.goto(LOGIN);
  const focusOn = async (selector) => {
    for (let steps = 0; steps < 40; steps += 1) {
      const reached = page.locator(`${selector}:focus`);
      if ((await reached.count()) > 0) {
        const ring = await reached.evaluate((element) => {
          const { outlineStyle, boxShadow } = getComputedStyle(element);
          return outlineStyle !== 'none' || boxShadow !== 'none';
        });
        assert.ok(ring, `the focus on ${selector} can be seen`);
        return;
      }
      await page.keyboard.press('Tab');
    }
    assert.fail(`the Tab key never reaches ${selector}`);
  };
  await focusOn('[name=username]');
  await page.keyboard.type('xiaoming');
  await pictureChanges(page, async () => {
    await focusOn('[name=refresh]');
    await page.keyboard.press('Enter');
  });
  await page.locator('[name=verify_code]').focus();
  await page.keyboard.type(await server.answer(await ticket(page)));
  await page.keyboard.press('Enter');
  await page.getByText('登录成功').first().waitFor();
});
