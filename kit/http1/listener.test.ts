import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { Barrier } from '../testing/barrier.ts';
import { describeLanes, testLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';

const H = 'Host: a\r\n';
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

describeLanes('the listener answers expectations when the body is wanted', (testListener) => {
  const expecting = `POST / HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`;

  test('[case 66] 100 Continue goes out at the first read', async () => {
    await using server = await testListener({
      onRequest: async (inbound, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of inbound.body ?? []) chunks.push(chunk);
        response.end(Buffer.concat(chunks));
      },
    });
    await using client = await rawConnect(server.port);
    await client.write(expecting);
    await client.readUntil('HTTP/1.1 100 Continue\r\n\r\n');
    await client.write('ab');
    assert.match(await client.readUntil('\r\n\r\nab'), /200 OK/);
  });

  test('a client that wants its connection closed gets that, with the 100 before', async () => {
    await using server = await testListener({
      onRequest: async (inbound, response) => {
        await inbound.body?.resume().toArray();
        response.end('ok');
      },
    });
    const answer = await rawExchange(server.port, [expecting.replace(H, `${H}Connection: close\r\n`), 'ab']);
    assert.deepEqual(statuses(answer), [100, 200]);
    assert.match(answer, /^connection: close\r$/im);
  });

  test('HTTP/1.0 has no 100', async () => {
    await using server = await testListener({
      onRequest: async (inbound, response) => {
        await inbound.body?.resume().toArray();
        response.end('ok');
      },
    });
    const answer = await rawExchange(server.port, `${expecting.replace('1.1', '1.0')}ab`);
    assert.deepEqual(statuses(answer), [200]);
  });

  test('[case 66] an answer without a read closes: the body may or may not come', async () => {
    await using server = await testListener();
    const answer = await rawExchange(server.port, expecting);
    assert.deepEqual(statuses(answer), [200]);
    assert.match(answer, /^connection: close\r$/im);
  });
});

describeLanes('the listener drains', (testListener) => {
  test('what is in flight finishes with Connection: close, idle connections close, new ones are not accepted', async () => {
    const barrier = new Barrier(2);
    await using server = await testListener({
      onRequest: async (inbound, response) => {
        if (inbound.target === '/slow') await barrier.passed;
        response.end('done');
      },
    });
    await using idle = await rawConnect(server.port);
    await idle.write(`GET / HTTP/1.1\r\n${H}\r\n`);
    await idle.readUntil('done');
    await using busy = await rawConnect(server.port);
    await busy.write(`GET /slow HTTP/1.1\r\n${H}\r\n`);
    await eventually(() => assert.equal(server.listener.connections(), 2));
    await eventually(() => assert.equal(server.records.length, 1));
    const drained = server.listener.drain(5_000);
    await idle.closed;
    await assert.rejects(rawConnect(server.port), { code: 'ECONNREFUSED' });
    assert.equal(server.listener.isDraining, true);
    barrier.arrive();
    barrier.arrive();
    assert.match(await busy.readUntil('done'), /^connection: close\r$/im);
    await busy.closed;
    assert.equal(await drained, 'clean');
  });

  test('what is still in flight at the deadline is cut', async () => {
    await using server = await testListener({ onRequest: () => undefined });
    await using busy = await rawConnect(server.port);
    await busy.write(`GET /never HTTP/1.1\r\n${H}\r\n`);
    await eventually(() => assert.equal(server.listener.connections(), 1));
    assert.equal(await server.listener.drain(50), 'cut');
    await busy.closed;
  });
});

describeLanes('the listener keeps records', (testListener) => {
  test('of what was answered, what was refused and who left', async () => {
    await using server = await testListener({
      onRequest: (inbound, response) => void (inbound.target === '/never' || response.end('ok')),
    });
    await rawExchange(server.port, `GET /x HTTP/1.1\r\n${H}Connection: close\r\nUser-Agent: test\r\n\r\n`);
    await rawExchange(server.port, 'nonsense\r\n\r\n');
    {
      await using client = await rawConnect(server.port);
      await client.write(`GET /never HTTP/1.1\r\n${H}\r\n`);
      await eventually(() => assert.equal(server.listener.connections(), 1));
      client.reset();
    }
    await eventually(() => assert.equal(server.records.length, 3));
    const told = server.records.map(({ method, target, status, outcome }) => ({ method, target, status, outcome }));
    assert.deepEqual(told, [
      { method: 'GET', target: '/x', status: 200, outcome: 'done' },
      { method: '-', target: '-', status: 400, outcome: 'done' },
      { method: 'GET', target: '/never', status: 499, outcome: 'client-left' },
    ]);
    assert.equal(server.records[0]?.userAgent, 'test');
    assert.ok((server.records[0]?.bytes ?? 0) > 50);
  });

  test('a handler that throws is an error page, and the server lives', async () => {
    await using server = await testListener({
      onRequest: (inbound, response) => {
        if (inbound.target === '/throws') throw new Error('secret text');
        response.end('ok');
      },
    });
    const answer = await rawExchange(
      server.port,
      `GET /throws HTTP/1.1\r\n${H}\r\nGET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`,
    );
    assert.deepEqual(statuses(answer), [500, 200]);
    assert.doesNotMatch(answer, /secret text/);
    assert.equal(server.records[0]?.fault?.blame, 'self');
  });

  test('a body that nobody read does not stop the next request on the connection', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    await client.write(`POST / HTTP/1.1\r\n${H}Content-Length: 20000\r\n\r\n`);
    await client.readUntil('ok');
    await client.write('x'.repeat(20_000));
    await client.write(`GET / HTTP/1.1\r\n${H}\r\n`);
    assert.match(await client.readUntil('ok'), /200 OK/);
  });
});

testLanes('a real client is served over one connection', async (testListener) => {
  await using server = await testListener();
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest({ port: server.port, host: '127.0.0.1' }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(answer, 200);
});
