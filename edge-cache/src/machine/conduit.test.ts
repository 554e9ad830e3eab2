import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { Conduit } from './conduit.ts';

const bytes = (length: number) => Buffer.alloc(length, 'x');

async function read(conduit: Conduit): Promise<string> {
  let text = '';
  for await (const chunk of conduit.body()) text += chunk.toString();
  return text;
}

test('the head is there as soon as it is written, in either form', async () => {
  for (const write of [
    (c: Conduit) => c.writeHead(200, ['A', '1']),
    (c: Conduit) => c.writeHead(200, 'Fine', ['A', '1']),
  ]) {
    const conduit = new Conduit();
    assert.equal(conduit.headersSent, false);
    write(conduit);
    assert.equal(conduit.headersSent, true);
    assert.deepEqual(await conduit.head, { status: 200, fields: ['A', '1'] });
  }
});

test('the body is read as it comes', async () => {
  const conduit = new Conduit();
  const body = conduit.body();
  const first = body.next();
  conduit.write(Buffer.from('a'));
  assert.equal(`${(await first).value}`, 'a');
  const rest = body.next();
  conduit.end('b');
  assert.equal(`${(await rest).value}`, 'b');
  assert.equal((await body.next()).done, true);
  assert.equal(conduit.writableEnded, true);
});

test('who writes is held back until enough is read', async () => {
  const conduit = new Conduit();
  const drained: number[] = [];
  conduit.on('drain', () => drained.push(1));
  assert.equal(conduit.write(bytes(40_000)), true);
  assert.equal(conduit.write(bytes(40_000)), false);
  const body = conduit.body();
  await body.next();
  assert.equal(drained.length, 0, 'not yet');
  await body.next();
  assert.equal(drained.length, 1);
  assert.equal(conduit.write(bytes(1)), true);
});

test('who reads what breaks gets the fault', async () => {
  const fault = new Fault('timeout-between-bytes', 'silence');
  for (const breaking of [(c: Conduit) => c.destroy(fault), (c: Conduit) => setImmediate(() => c.destroy(fault))]) {
    const conduit = new Conduit();
    conduit.writeHead(200, []);
    conduit.write(bytes(1));
    const reading = read(conduit);
    breaking(conduit);
    await assert.rejects(reading, fault);
    assert.equal(conduit.destroyed, true);
  }
});

test('what breaks before its head has none', async () => {
  const conduit = new Conduit();
  conduit.destroy();
  assert.equal(await conduit.head, undefined);
  assert.equal(conduit.fault?.reason, 'reset-mid-body');
});

test('it closes when it is released, once, and not when it ends or breaks', async () => {
  for (const end of [(c: Conduit) => c.end(), (c: Conduit) => c.destroy(), () => undefined]) {
    const conduit = new Conduit();
    let closes = 0;
    conduit.on('close', () => {
      closes += 1;
    });
    conduit.write(bytes(1));
    end(conduit);
    await new Promise(setImmediate);
    assert.deepEqual([closes, conduit.closed], [0, false]);
    conduit.release();
    conduit.release();
    assert.deepEqual([closes, conduit.closed, conduit.destroyed], [1, true, true]);
  }
});

test('nothing is kept of what is written into one that is released', async () => {
  const conduit = new Conduit();
  conduit.release();
  assert.equal(conduit.write(bytes(100_000)), true);
  await assert.rejects(read(conduit), { reason: 'client-left' });
});
