/** Others that speak the PROXY protocol: curl, which writes it, and nginx, which reads it. */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../testing/eventually.ts';
import { proxyBinary, proxyBlock, proxyLine } from '../testing/proxy-headers.ts';
import { type Door, rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';

const has = (program: string) => spawnSync(program, ['-V'], { stdio: 'ignore' }).error === undefined;
const absent = (program: string) => (has(program) ? false : `${program} is not on this machine`);

/** Answers with the client's address and port. */
const behindProxy = () =>
  testListener({
    proxyProtocol: true,
    trusted: (address) => address === '127.0.0.1',
    onRequest: ({ peer }, response) => void response.end(`<${peer.address} ${peer.port}>`),
  });

test('what curl writes is understood', { skip: absent('curl') }, async () => {
  await using server = await behindProxy();
  const ask = ['-sS', '--haproxy-protocol', '-w', '%{local_port}', `http://127.0.0.1:${server.port}/`];
  const { stdout } = await promisify(execFile)('curl', ask);
  assert.match(stdout, /^<127\.0\.0\.1 (\d+)>\1$/);
});

const v4 = Buffer.from([192, 0, 2, 1]);
const v6 = Buffer.from('20010db8000000000000000000000001', 'hex');
const headers: readonly [what: string, header: Buffer][] = [
  ['version 1, IPv4', proxyLine({ address: '192.0.2.1', port: 56324 })],
  ['version 1, IPv6', proxyLine({ address: '2001:db8::1', port: 1 })],
  ['version 2, IPv4', proxyBinary(v4, 56324)],
  ['version 2, IPv6', proxyBinary(v6, 65535)],
  ['version 2 with notes', proxyBinary(v4, 1, Buffer.from([4, 0, 200, ...Buffer.alloc(200, 'a')]))],
  ['an unknown protocol', Buffer.from('PROXY TCP5 192.0.2.1 192.0.2.1 1 1\r\n')],
  ['no address', Buffer.from('PROXY TCP4 nobody 192.0.2.1 1 1\r\n')],
  ['no port', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.1 x 1\r\n')],
  ['version 3', proxyBlock(0x11, Buffer.alloc(12), 0x31)],
  ['no room for its addresses', proxyBlock(0x11, Buffer.alloc(11))],
  ['none', Buffer.alloc(0)],
];

test('nginx reads the same clients from the same headers', { skip: absent('nginx') }, async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-nginx-'));
  await using server = await behindProxy();
  const path = join(folder.path, 'nginx.sock');
  const location = 'location / { default_type text/plain; return 200 "<$proxy_protocol_addr $proxy_protocol_port>"; }';
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder.path};`,
  );
  const http = `access_log off; ${places.join(' ')} server { listen unix:${path} proxy_protocol; ${location} }`;
  const config = join(folder.path, 'nginx.conf');
  await writeFile(
    config,
    `daemon off; master_process off; pid ${folder.path}/pid; error_log ${folder.path}/log;\nevents {}\nhttp { ${http} }`,
  );
  const nginx = spawn('nginx', ['-c', config, '-e', `${folder.path}/log`], { stdio: 'ignore' });
  try {
    const told = async (at: Door, header: Buffer) => {
      const answer = await rawExchange(
        at,
        Buffer.concat([header, Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')]),
      );
      return /<[\w.: ]+>$/.exec(answer)?.[0] ?? 'closed';
    };
    await eventually(async () => assert.equal(await told(path, proxyBinary(v4, 1)), '<192.0.2.1 1>'));
    for (const [what, header] of headers) assert.equal(await told(server.port, header), await told(path, header), what);
  } finally {
    nginx.kill('SIGKILL');
    await once(nginx, 'exit');
  }
});
