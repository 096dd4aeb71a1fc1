// Every page in every state that a visitor can reach: axe-core finds nothing in light and in
// dark, and nothing has to be scrolled sideways. The notices for 500 and 503 are the same page
// with other words; no visitor can call them up.
import assert from 'node:assert/strict';

import { MEI, fitsItsWidth, isAccessible, story, ticket } from './story.mjs';

const LOOKS = {
  'a phone': { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  'a tablet': { viewport: { width: 768, height: 1024 } },
  'a desktop': { viewport: { width: 1280, height: 800 } },
};

const NEWPAGE = '/newpage/login/';
const MEMBER = '/member/login';

async function isFine(page) {
  await fitsItsWidth(page);
  for (const colorScheme of ['light', 'dark']) {
    // What moves has the colours of neither scheme for a moment.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await isAccessible(page);
  }
}

async function isFineAt(page, path, status) {
  const answer = await page.goto(path);
  assert.equal(answer.status(), status);
  await isFine(page);
}

// Sends the page's form and looks at what comes.
async function submit(page, status, fields = {}) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() !== 303),
    page.waitForEvent('load'),
    page.locator('main form').evaluate((form, values) => {
      for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
      form.submit();
    }, fields),
  ]);
  assert.equal(answer.status(), status);
  await isFine(page);
}

for (const [title, look] of Object.entries(LOOKS)) {
  story(`newpage is accessible and fits on ${title}`, { look }, async ({ page, server }) => {
    for (const path of [NEWPAGE, `${NEWPAGE}?again=wrong`, `${NEWPAGE}?again=expired`]) await isFineAt(page, path, 200);
    await submit(page, 200, { username: '小明', verify_code: await server.answer(await ticket(page)) });
    await page.getByText('登录成功').first().waitFor();
  });

  story(`member is accessible and fits on ${title}`, { look, members: [MEI] }, async ({ page, server }) => {
    const entry = { useremail: MEI.email, userpassword: MEI.password };
    const answer = async () => server.answer(await ticket(page));
    await isFineAt(page, MEMBER, 200);
    await submit(page, 422, { ...entry, captcha: 'ZZZZZ' });
    await submit(page, 422, { ...entry, userpassword: 'not it at all, no', captcha: await answer() });
    await submit(page, 200, { ...entry, captcha: await answer() });
    await isFineAt(page, '/member/', 200);
    await isFineAt(page, MEMBER, 200);
  });

  story(`links are accessible and fit on ${title}`, { look }, async ({ page, server }) => {
    const link = server.said.match(/http:\S+\/link\/[\w-]+/)[0];
    const entry = { email: MEI.email, name: MEI.name, password: MEI.password, again: MEI.password };
    await isFineAt(page, link, 200);
    await submit(page, 422, { ...entry, email: 'mei' });
    await submit(page, 422, { ...entry, again: 'something else' });
    await submit(page, 422, { ...entry, password: '1234567890123456', again: '1234567890123456' });
    await submit(page, 200, entry);
    await isFineAt(page, link, 410);
    const another = (await server.command(['member', 'link', MEI.email])).match(/\/link\/[\w-]+/)[0];
    await isFineAt(page, another, 200);
    await submit(page, 422, { password: 'too short', again: 'too short' });
    await submit(page, 200, { password: MEI.password, again: MEI.password });
  });

  story(`the front page and the notices are accessible and fit on ${title}`, { look }, async ({ page, context }) => {
    await isFineAt(page, '/', 200);
    await isFineAt(page, '/nothing-here', 404);
    await isFineAt(page, '/lang', 405);
    await page.goto(NEWPAGE);
    await submit(page, 400, { username: '\u202e' });
    await page.goto(NEWPAGE);
    await submit(page, 413, { username: 'x'.repeat(16_384) });
    // A form of another site: its origin is opaque.
    const action = new URL('/lang', page.url()).href;
    await page.goto('about:blank');
    await page.setContent(`<main><form method="post" action="${action}"></form></main>`);
    await submit(page, 403);
    // A machine that takes a second to the next page has another ticket for it.
    let status = 200;
    while (status === 200) {
      await Promise.all(Array.from({ length: 70 }, () => context.request.get('/newpage/getcode/')));
      status = (await page.goto(NEWPAGE)).status();
    }
    assert.equal(status, 429);
    await isFine(page);
  });
}
