// Somebody else's web site, on a port of its own: pages with the widget under a strict content
// security policy, and a back end that shows what a form sent it.
import { once } from 'node:events';
import { createServer } from 'node:http';

const STANDS = /^\/(api\.js|work\.js|api\/|challenge\/)/;

export class Shop {
  static async open(server, presets = ['ink']) {
    const shop = new Shop();
    const asked = presets.flatMap((preset) => ['--preset', preset]);
    const added = await server.command(['site', 'add', 'shop', '--host', '127.0.0.1', ...asked]);
    for (const line of added.split('\n')) {
      const [name, value] = line.split('\t');
      if (name === 'sitekey' || name === 'secret') shop[name] = value;
    }
    shop.inkgate = server.url;
    shop.files = new Map();
    shop.listener = createServer((request, response) => shop.answer(request, response)).listen(0, '127.0.0.1');
    await once(shop.listener, 'listening');
    shop.url = `http://127.0.0.1:${shop.listener.address().port}`;
    return shop;
  }

  // Puts up a page; `script` is its own script, `lang` and `dir` its language, `policy` sets another
  // content security policy.
  page(path, body, { script = '', lang = 'en', dir = 'ltr', head = '', policy } = {}) {
    this.policy = policy;
    this.files.set('/page.js', ['text/javascript', script.replaceAll('SITEKEY', this.sitekey)]);
    const html = `<!doctype html>
<html lang="${lang}" dir="${dir}"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<script src="/page.js"></script>${head}</head><body><main><h1>Shop</h1>${body}</main></body></html>`;
    this.files.set(path, ['text/html; charset=utf-8', html.replaceAll('SITEKEY', this.sitekey).replaceAll('INKGATE', this.inkgate)]);
  }

  async answer(request, response) {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { pathname } = new URL(request.url, this.url);
    // WEB-07 for a page that embeds: no inline script or style, nothing from a string of text.
    response.setHeader(
      'Content-Security-Policy',
      `default-src 'none'; script-src 'self' ${this.inkgate}; style-src 'self'; img-src 'self' ${this.inkgate}; ` +
        `connect-src ${this.inkgate}; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'`,
    );
    this.policy?.(response);
    if (this.stands && STANDS.test(pathname)) return this.passOn(request, response, body);
    if (request.method === 'POST') {
      const rows = [...new URLSearchParams(body)].map(([name, value]) => `<dt>${name}</dt><dd>${value.replace(/[<&]/g, '_')}</dd>`);
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><html lang="en"><title>Sent</title><main><h1>Sent</h1><dl>${rows.join('')}</dl></main></html>`);
      return;
    }
    const [kind, content] = this.files.get(pathname) ?? ['text/plain', ''];
    response.setHeader('Content-Type', kind);
    response.end(content);
  }

  // With `stands`, the installation stands behind the shop's own address.
  async passOn(request, response, body) {
    const { host, connection, ...headers } = request.headers;
    const answer = await fetch(`${this.inkgate}${request.url}`, { method: request.method, headers, body: body || undefined });
    response.statusCode = answer.status;
    response.setHeader('Content-Type', answer.headers.get('content-type'));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  // What `siteverify` says of a token, as the shop's back end asks it.
  async verify(token, path = '/turnstile/v0/siteverify') {
    const body = new URLSearchParams({ secret: this.secret, response: token });
    const response = await fetch(`${this.inkgate}${path}`, { method: 'POST', body });
    return response.json();
  }

  async close() {
    this.listener.closeAllConnections();
    this.listener.close();
    await once(this.listener, 'close');
  }
}

// The widget of a page, the nth of several.
export const widget = (page, n = 0) => page.locator('inkgate-captcha').nth(n);
export const code = (page, n = 0) => widget(page, n).getByRole('textbox');
export const news = (page, n = 0) => widget(page, n).getByRole('status');

// The ticket whose picture a widget shows, once it is there.
export async function shown(page, n = 0) {
  const image = widget(page, n).getByRole('img');
  await image.waitFor();
  return /\/challenge\/([\w-]+)/.exec(await image.getAttribute('src'))[1];
}

// Types what the picture shows, and waits for the verdict.
export async function solve(page, server, n = 0) {
  await code(page, n).fill(await server.answer(await shown(page, n)));
  await code(page, n).press('Enter');
  await widget(page, n).getByText(/Verified|验证通过|驗證通過/).waitFor();
}

// What a page's back end was sent under this name.
export const sent = (page, name) => page.locator(`dt:text-is("${name}") + dd`).first().innerText();
