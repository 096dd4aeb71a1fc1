// A real `inkgate serve` on a free port of loopback, with a data folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const INKGATE = process.env.INKGATE ?? 'target/release/inkgate';

export class Server {
  static async start(environment = {}) {
    const server = new Server();
    server.environment = environment;
    server.data = await mkdtemp(join(tmpdir(), 'inkgate-story-'));
    server.url = `http://127.0.0.1:${await freePort()}`;
    server.said = '';
    await server.run();
    return server;
  }

  async run() {
    this.process = spawn(INKGATE, ['serve', '--listen', new URL(this.url).host, '--data', this.data], {
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (text) => (this.said += text);
    this.process.stdout.setEncoding('utf8').on('data', hear);
    this.process.stderr.setEncoding('utf8').on('data', hear);
    for (let tries = 0; tries < 100; tries += 1) {
      if (this.process.exitCode !== null) break;
      const answered = await fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false);
      if (answered) return;
      await sleep(50);
    }
    throw new Error(`the server did not start: ${this.said}`);
  }

  async halt() {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const [code] = await ended;
    if (code !== 0) throw new Error(`the server ended with ${code}: ${this.said}`);
  }

  async restart() {
    await this.halt();
    await this.run();
  }

  async stop() {
    await this.halt();
    await rm(this.data, { recursive: true });
  }

  // What the picture of a ticket shows, as the operator reads it.
  async answer(ticket) {
    const contents = await this.command(['inspect', ticket]);
    const line = contents.split('\n').find((row) => row.startsWith('answer\t'));
    if (!line) throw new Error(`no answer in: ${contents}`);
    return line.split('\t')[1];
  }

  async addMember({ email, name, password }) {
    await this.command(['member', 'add', email, '--name', name], `${password}\n${password}\n`);
  }

  async command(words, input = '') {
    const child = spawn(INKGATE, [...words, '--data', this.data]);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    // A command that reads nothing may be gone before its input; its exit code tells the rest.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`inkgate ${words.join(' ')}: ${err}`);
    return out;
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
