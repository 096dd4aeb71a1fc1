// A story: one visitor's way through the real server in a real browser. Whatever else it shows,
// it fails on any console error, blocked resource, failed request or uncaught exception.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { chromium } from 'playwright-core';

import { Server } from './server.mjs';
import { Shop } from './shop.mjs';

const LAUNCH = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export const MEI = { email: 'mei@example.org', name: '王小美', password: '正確的馬 battery staple' };

let shared;
const browser = () => (shared ??= chromium.launch(LAUNCH));
after(async () => (await shared)?.close());

// Tells one story. `look` is what the browser is (playwright's context options), `environment`
// what the server is started with, `members` who may sign in. With `embeds`, the pages are those of
// a shop that has the widget, its site with `presets`; `forgives` are console lines that belong to the story.
export function story(name, { look = {}, environment = {}, members = [], embeds = false, presets, forgives }, tell) {
  test(name, { timeout: 120_000 }, async () => {
    const server = await Server.start(environment);
    const shop = embeds ? await Shop.open(server, presets) : null;
    try {
      for (const member of members) await server.addMember(member);
      const baseURL = (shop ?? server).url;
      const context = await (await browser()).newContext({ baseURL, ...look });
      const problems = watch(context, shop ? [server.url, shop.url] : [server.url]);
      await tell({ server, shop, context, page: await context.newPage() });
      assert.deepEqual(problems.filter((problem) => !forgives?.test(problem)), []);
      await context.close();
    } finally {
      await shop?.close();
      await server.stop();
    }
  });
}

// A browser with a profile on disk, which can be closed and started again.
export class Profile {
  static async create(baseURL) {
    const profile = new Profile();
    profile.folder = await mkdtemp(join(tmpdir(), 'inkgate-profile-'));
    profile.options = { ...LAUNCH, baseURL };
    await profile.start();
    return profile;
  }

  async start() {
    this.context = await chromium.launchPersistentContext(this.folder, this.options);
    this.problems = watch(this.context, [this.options.baseURL]);
    this.page = await this.context.newPage();
  }

  async restart() {
    await this.close();
    await this.start();
  }

  async close() {
    assert.deepEqual(this.problems, []);
    await this.context.close();
  }

  async remove() {
    await this.close();
    await rm(this.folder, { recursive: true });
  }
}

function watch(context, origins) {
  const problems = [];
  // WEB-13: nothing is asked of anybody else.
  context.on('request', (request) => {
    const isOurs = origins.some((origin) => request.url().startsWith(`${origin}/`));
    if (!isOurs && !request.url().startsWith('blob:')) problems.push(request.url());
  });
  // Chromium also reports a page whose status is an error, such as the form's 422, as a
  // resource that failed to load. Stories look at the status of pages themselves.
  const pages = new Set();
  context.on('response', (response) => {
    if (response.request().isNavigationRequest()) pages.add(response.url());
  });
  context.on('console', (message) => {
    const isPage = message.text().startsWith('Failed to load resource') && pages.has(message.location().url);
    if (['error', 'warning'].includes(message.type()) && !isPage) problems.push(message.text());
  });
  context.on('weberror', (error) => problems.push(String(error.error())));
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // A picture still on its way when the visitor leaves the page.
    if (why !== 'net::ERR_ABORTED') problems.push(`${request.url()} ${why}`);
  });
  return problems;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Asserts that axe-core finds nothing on the page.
export async function isAccessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await globalThis.axe.run()).violations);
  const told = found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  assert.deepEqual(told, [], `${page.url()} in axe-core`);
}

// Asserts that nothing has to be scrolled sideways.
export async function fitsItsWidth(page) {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(content <= window, `${page.url()} is ${content} px wide in a window of ${window}`);
}

// The form's hidden ticket.
export const ticket = (page) => page.locator('input[name=ticket]').inputValue();
