import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { eventually } from '../testing/eventually.ts';
import { passingTier } from '../testing/passing-tier.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { testUpstream } from '../testing/upstream-stand.ts';

const H = 'Host: a\r\n';
const get = (more = '') => `GET / HTTP/1.1\r\n${H}${more}\r\n`;
const last = get('Connection: close\r\n');
const get10 = 'GET / HTTP/1.0\r\n\r\n';

describe('an answer is relayed', () => {
  const whole = [
    ['with its length', ['Content-Length', '5'], last, /\r\nContent-Length: 5\r\n[\s\S]*\r\n\r\nhello$/],
    [
      'with its length, in two pieces',
      ['Content-Length', '10'],
      last,
      /\r\nContent-Length: 10\r\n[\s\S]*\r\n\r\nhellohello$/,
    ],
    ['in chunks', [], last, /\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/],
    ['to HTTP/1.0 up to the end of the connection', [], get10, /\r\nConnection: close\r\n\r\nhello$/],
    ['to HTTP/1.0 with its length', ['Content-Length', '5'], get10, /\r\nContent-Length: 5\r\n[\s\S]*\r\n\r\nhello$/],
  ] as const;
  for (const [how, fields, request, expected] of whole) {
    test(how, async () => {
      await using origin = await scriptedOrigin((_request, reply) => {
        reply.head(200, fields);
        if (how.endsWith('two pieces')) void reply.write('hello');
        reply.end('hello');
      });
      await using upstream = testUpstream([origin.address]);
      await using tier = await passingTier(upstream);
      assert.match(await rawExchange(tier.port, request), expected);
      await eventually(() => assert.equal(tier.records[0]?.outcome, 'done'));
    });
  }

  const bodyless = [
    ['HEAD', 200, ['Content-Length', '5'], /^Content-Length: 5\r$/m],
    ['HEAD', 200, [], /^HTTP\/1\.1 200/],
    ['GET', 204, [], /^HTTP\/1\.1 204/],
    ['GET', 304, ['ETag', '"x"', 'Content-Length', '5'], /^Content-Length: 5\r$/m],
  ] as const;
  for (const [method, status, fields, expected] of bodyless) {
    test(`without a body: ${method} ${status} ${fields.join(' ')}`, async () => {
      await using origin = await rawOrigin((socket) => {
        const lines = Array.from({ length: fields.length / 2 }, (_, i) => `${fields[2 * i]}: ${fields[2 * i + 1]}\r\n`);
        socket.on('data', () => socket.write(`HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n`));
      });
      await using upstream = testUpstream([origin.address]);
      await using tier = await passingTier(upstream);
      const requests = (get() + last).replaceAll('GET', method);
      const answers = (await rawExchange(tier.port, requests)).split(/(?=HTTP\/1\.1)/);
      assert.equal(answers.length, 2);
      for (const answer of answers) {
        assert.match(answer, expected);
        assert.equal(answer.indexOf('\r\n\r\n'), answer.length - 4, answer);
      }
    });
  }

  test('as it comes: the head at once, each event at once', async () => {
    const events = [new Barrier(1), new Barrier(1), new Barrier(1)];
    await using origin = await scriptedOrigin(async (_request, reply) => {
      reply.head(200, ['Content-Type', 'text/event-stream']);
      for (const [i, event] of events.entries()) {
        await event.passed;
        await reply.write(`data: ${i}\n\n`);
      }
      reply.end();
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    await using client = await rawConnect(tier.port);
    await client.write(get());
    assert.match(await client.readUntil('\r\n\r\n'), /^Content-Type: text\/event-stream\r$/m);
    for (const [i, event] of events.entries()) {
      assert.doesNotMatch(client.received, new RegExp(`data: ${i}`));
      event.arrive();
      await client.readUntil(`data: ${i}\n\n`);
    }
    await client.readUntil('0\r\n\r\n');
  });

  test('in order though requests are pipelined', async () => {
    await using origin = await scriptedOrigin((request, reply) => {
      reply.send(200, [], request.target.padEnd(200_000, '.'));
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    const requests = ['/a', '/b', '/c'].map((target) => get().replace(' / ', ` ${target} `)).join('');
    const answers = await rawExchange(tier.port, requests + last);
    assert.deepEqual(answers.match(/\/[abc]\./g), ['/a.', '/b.', '/c.']);
  });
});

describe('what not every client understands', () => {
  const script = (reply: Parameters<Parameters<typeof scriptedOrigin>[0]>[1]) => {
    reply.interim(103, ['Link', '</a.css>', 'Connection', 'x-hop', 'X-Hop', '1']);
    reply.head(200);
    reply.end('ok', ['X-Sum', '1', 'Content-Type', 'x/y', 'Set-Cookie', 'a=b', 'Keep-Alive', 'x', 'x-sum', '2']);
  };

  for (const [what, request, takesTrailers, expected] of [
    ['1xx and trailers go to those who take them', last, true, [103, 200]],
    ['trailers do not go to others', last, false, [103, 200]],
    ['1xx does not go to HTTP/1.0', get10, false, [200]],
  ] as const) {
    test(what, async () => {
      await using origin = await scriptedOrigin((_request, reply) => script(reply));
      await using upstream = testUpstream([origin.address]);
      await using tier = await passingTier(upstream, { takesTrailers });
      const answer = await rawExchange(tier.port, request);
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
      assert.deepEqual(statuses, expected);
      if (statuses[0] === 103) assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>\r\n\r\nHTTP/);
      const trailers = takesTrailers ? 'X-Sum: 1\r\nx-sum: 2\r\n' : '';
      const end = request === get10 ? 'ok' : `2\r\nok\r\n0\r\n${trailers}\r\n`;
      assert.ok(answer.endsWith(`\r\n\r\n${end}`), answer);
    });
  }
});

describe('what breaks', () => {
  test('before the head is the caller’s to answer', async () => {
    await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.end()));
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    assert.match(await rawExchange(tier.port, last), /^HTTP\/1\.1 502 [\s\S]*reset-before-head/);
    assert.deepEqual(tier.broken, []);
  });

  test('in dressing the head is our own fault, and the next hop is let go', async () => {
    await using origin = await scriptedOrigin(async (_request, reply) => {
      reply.head(200);
      await reply.closed;
    });
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream, {
      dress: () => {
        throw new TypeError('secret text');
      },
    });
    const answer = await rawExchange(tier.port, last);
    assert.match(answer, /^HTTP\/1\.1 500 /);
    assert.doesNotMatch(answer, /secret text/);
  });

  test('because the head cannot be written is the next hop’s fault', async () => {
    await using origin = await scriptedOrigin((_request, reply) => reply.send(200));
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream, { dress: () => ({ status: 200, fields: ['X', 'a\nb'] }) });
    assert.match(await rawExchange(tier.port, last), /^HTTP\/1\.1 502 [\s\S]*bad-response/);
  });

  for (const [framing, fields, request, end] of [
    ['in chunks', ['Transfer-Encoding', 'chunked'], get(), 'end'],
    ['with its length', ['Content-Length', '10'], get(), 'end'],
    ['that ends with the connection', ['Transfer-Encoding', 'chunked'], get10, 'ECONNRESET'],
  ] as const) {
    test(`inside an answer ${framing} breaks the transfer`, async () => {
      const half = new Barrier(1);
      await using origin = await scriptedOrigin(async (_request, reply) => {
        reply.head(200, fields);
        await reply.write('half');
        await half.passed;
        reply.break();
      });
      await using upstream = testUpstream([origin.address]);
      await using tier = await passingTier(upstream);
      await using client = await rawConnect(tier.port);
      const ended = new Promise((resolve) => {
        client.socket.once('end', () => resolve('end'));
        client.socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      await client.write(request);
      await client.readUntil('half');
      half.arrive();
      assert.equal(await ended, end);
      await client.closed;
      assert.doesNotMatch(client.received, /\r\n0\r\n/);
      await eventually(() => assert.equal(tier.settled.count, 1));
      assert.deepEqual(
        tier.broken.map(({ reason }) => reason),
        ['reset-mid-body'],
      );
    });
  }
});
