import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { testLanes } from '../testing/python-stand.ts';
import { answerFrames, type Frames } from '../testing/scripted-worker.ts';

const post = { method: 'POST', body: 'x' };

async function told(response: Response) {
  return { status: response.status, proxy: response.headers.get('proxy-status') ?? '', page: await response.text() };
}

for (const [what, frames] of [
  ['data before the head', [['T'], ['D', 'abc']]],
  ['an end before the head', [['T'], ['E']]],
  ['a head that was not announced', [['H', '200 OK'], ['E']]],
  ['two heads', [['T'], ['H', '200 OK'], ['H', '200 OK']]],
  ['a status that is none', [['T'], ['H', 'OK']]],
  ['a field of the connection', [['T'], ['H', '200 OK\0Transfer-Encoding\0chunked']]],
  ['a line end in a field', [['T'], ['H', '200 OK\0X\0a\r\nb']]],
  ['hints that are none', [['T'], ['Y', 'Link']]],
  ['a credit that is no number', [['T'], ['R', 'abc']]],
  ['a frame that nobody knows', [['T'], ['Z']]],
  ['a frame that is too long', [['T'], ['\xff\xff\xff\xff\xff', 'x'.repeat(8)]]],
] as readonly [string, Frames][]) {
  testLanes(`${what}: the worker is broken, its client gets 502, others are served`, async (open) => {
    await using stand = await open();
    const broken = await stand.slot(1, (_, self) => self.send(...frames));
    const response = await told(await fetch(stand.url));
    if (response.status === 200) return assert.fail('it was answered');
    assert.equal(response.status, 502);
    assert.match(response.proxy, /^app-backend; ?error=http_protocol_error/);
    assert.match(stand.pool.notes[0] ?? '', /^1 broken: /);
    await eventually(() => assert.ok(broken.socket.destroyed));
    await stand.slot(2, (_, self) => self.send(...answerFrames('hello')));
    assert.equal(await (await fetch(stand.url)).text(), 'hello');
  });
}

testLanes('a worker that speaks without being asked is broken', async (open) => {
  await using stand = await open();
  const slot = await stand.slot();
  slot.send(['E']);
  await eventually(() => assert.deepEqual(stand.pool.notes, ['1 broken: a frame E while idle']));
  assert.equal(stand.dispatcher.numbers.idle, 0);
});

describe('an application that failed', () => {
  const failure = (kind: string) =>
    JSON.stringify({ kind, message: 'no such table', trace: 'Traceback: no such table' });

  for (const [kind, message] of [
    ['exception', 'the application failed'],
    ['violation', 'the application broke the rules of WSGI'],
  ] as const) {
    testLanes(`before the head: 500 that tells nothing of it (${kind})`, async (open) => {
      await using stand = await open();
      await stand.slot(1, (_, self) => self.send(['T'], ['A', failure(kind)]));
      const { status, page } = await told(await fetch(stand.url));
      assert.equal(status, 500);
      assert.ok(page.includes(message));
      assert.doesNotMatch(page, /no such table/);
      await eventually(() => {
        const cause = stand.records[0]?.fault?.cause;
        assert.ok(cause instanceof Error);
        assert.deepEqual([cause.message, cause.stack], ['no such table', 'Traceback: no such table']);
      });
      assert.deepEqual([stand.dispatcher.numbers.idle, stand.pool.notes], [1, []]);
    });
  }

  testLanes('behind the head: the transfer breaks', async (open) => {
    await using stand = await open();
    await stand.slot(1, (_, self) => self.send(['T'], ['H', '200 OK'], ['D', 'abc'], ['A', failure('exception')]));
    const answer = await rawExchange(stand.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/);
    await eventually(() => assert.equal(stand.records[0]?.outcome, 'broken'));
    assert.equal(stand.dispatcher.numbers.idle, 1);
  });
});

describe('a worker that dies', () => {
  testLanes('before its answer to a GET: another is asked, once', async (open) => {
    await using stand = await open();
    const first = await stand.slot(1, (_, self) => {
      self.send(['T']);
      self.die();
    });
    const answer = fetch(stand.url);
    await first.next();
    await stand.slot(2, (_, self) => self.send(...answerFrames('from 2')));
    assert.equal(await (await answer).text(), 'from 2');
    assert.match(stand.records[0]?.why ?? '', /worker 1 died/);
  });

  testLanes('twice in a row: 502, which says how it ended', async (open) => {
    await using stand = await open();
    stand.pool.ending = 'SIGKILL';
    for (const worker of [1, 2, 3]) {
      await stand.slot(worker, (_, self) => {
        self.send(['T']);
        self.die();
      });
    }
    const { status, proxy, page } = await told(await fetch(stand.url));
    assert.equal(status, 502);
    assert.match(proxy, /error=connection_terminated/);
    assert.match(page, /worker-died:SIGKILL/);
    assert.equal(stand.dispatcher.numbers.idle, 1);
  });

  testLanes('in the midst of a POST: 502, nobody else is asked', async (open) => {
    await using stand = await open();
    await stand.slot(1, (_, self) => {
      self.send(['T']);
      self.die();
    });
    const { status, page } = await told(await fetch(stand.url, post));
    assert.equal(status, 502);
    assert.match(page, /worker-died: worker 1/);
    const [had] = stand.dispatcher.inFlightOf(1);
    assert.deepEqual([had?.method, had?.target], ['POST', '/']);
  });

  testLanes('before it took a POST: another is asked, with the whole body', async (open) => {
    await using stand = await open();
    const first = await stand.slot(1, (_, self) => self.die());
    const answer = fetch(stand.url, post);
    await first.next();
    const second = await stand.slot(2);
    assert.equal((await second.next()).variables.REQUEST_METHOD, 'POST');
    await eventually(() => assert.deepEqual([second.asked[0]?.body, second.heard], ['x', 'HDE']));
    second.send(...answerFrames('done'));
    assert.equal(await (await answer).text(), 'done');
  });

  testLanes('behind the head: the transfer breaks', async (open) => {
    await using stand = await open();
    const slot = await stand.slot();
    await using client = await rawConnect(stand.port);
    await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await slot.next();
    slot.send(['T'], ['H', '200 OK'], ['D', 'abc']);
    await client.readUntil('abc');
    slot.die();
    await client.closed.catch(() => undefined);
    await eventually(() => assert.equal(stand.records[0]?.fault?.reason, 'worker-died'));
    assert.equal(stand.records[0]?.outcome, 'broken');
  });

  testLanes('while it is idle is not missed by anybody', async (open) => {
    await using stand = await open();
    const slot = await stand.slot();
    slot.die();
    await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 0));
    assert.deepEqual(stand.pool.notes, []);
  });
});

describe('a worker that leaves', () => {
  testLanes('without taking the request: another is asked at once, and it is given nothing more', async (open) => {
    await using stand = await open();
    // Used last, so asked first.
    const leaving = await stand.slot(1, (_, self) => self.send(['L']));
    const answers = [fetch(stand.url, post), fetch(stand.url, post)];
    await leaving.next();
    await stand.slot(2, (request, self) => {
      void eventually(() => assert.ok(request.isBodyComplete)).then(() => self.send(...answerFrames(request.body)));
    });
    const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
    assert.deepEqual(texts, ['x', 'x']);
    assert.equal(leaving.asked.length, 1);
    assert.deepEqual([stand.pool.notes, stand.pool.served], [['1 leaving'], [2, 2]]);
  });

  testLanes('is retired by the pool when it has nothing more in flight', async (open) => {
    await using stand = await open();
    const slot = await stand.slot();
    const answer = fetch(stand.url);
    await slot.next();
    let isIdle = false;
    const idle = stand.dispatcher.retire(1).then(() => {
      isIdle = true;
    });
    const [had] = stand.dispatcher.inFlightOf(1);
    assert.deepEqual([had?.method, had?.target, isIdle], ['GET', '/', false]);
    slot.send(...answerFrames('last'));
    await idle;
    assert.equal(await (await answer).text(), 'last');
    assert.deepEqual([stand.dispatcher.inFlightOf(1), stand.dispatcher.numbers.idle], [[], 0]);
  });
});

testLanes('a worker that finds a request too late: 504', async (open) => {
  await using stand = await open();
  await stand.slot(1, (_, self) => self.send(['X']));
  const { status, page } = await told(await fetch(stand.url));
  assert.deepEqual([status, stand.dispatcher.numbers.idle], [504, 1]);
  assert.match(page, /queue-late/);
});
