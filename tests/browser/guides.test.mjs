// The pages of docs/from-*.md and docs/widget.md, as they stand there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { sent, solve } from './shop.mjs';
import { story } from './story.mjs';

const GUIDES = {
  'from-recaptcha.md': 'g-recaptcha-response',
  'from-hcaptcha.md': 'h-captcha-response',
  'from-turnstile.md': 'cf-turnstile-response',
  'widget.md': 'inkgate-response',
};

for (const [guide, field] of Object.entries(GUIDES)) {
  story(`the page in docs/${guide} works as it stands`, { embeds: true }, async ({ page, server, shop }) => {
    const text = readFileSync(new URL(`../../docs/${guide}`, import.meta.url), 'utf8');
    const snippet = /^```html\n([^]*?)^```$/m.exec(text)[1];
    shop.page('/', snippet.replaceAll('https://captcha.example.org', 'INKGATE').replaceAll('YOUR_SITE_KEY', 'SITEKEY'));
    await page.goto('/');
    await solve(page, server);
    await page.getByRole('button', { name: 'Send' }).click();
    assert.equal((await shop.verify(await sent(page, field))).success, true);
  });
}
