/** A server with a watchdog (argument: its timeout, milliseconds) that says its port, and answers with its uptime. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { clearFd } from '@trivet/kit/http1/stand-in.ts';
import { Watchdog } from '../watchdog/watchdog.ts';

const watchdog = new Watchdog({ timeoutMs: Number(process.argv[2]), orphanMs: 60_000 });
watchdog.arm();
const server = createServer((request, response) => {
  const { method, url = '', socket } = request;
  const entry = watchdog.guard(clearFd(socket), method === 'HEAD', `id-of${url.replaceAll('/', '-')}`);
  if (url === '/hang') computeForEver();
  if (url === '/native') execFileSync('sleep', ['60']);
  if (url === '/wait') return;
  watchdog.release(entry);
  response.end(String(process.uptime()));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.stdout.write(`${address.port}\n`);
});

function computeForEver(): never {
  for (;;);
}
