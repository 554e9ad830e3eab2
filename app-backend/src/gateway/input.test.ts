import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { everySplit } from '@trivet/kit/testing/every-split.ts';
import fc from 'fast-check';
import { chunksOf } from '../testing/recording.ts';
import { Input } from './input.ts';

const text = 'one\ntwo\n\nthree';

function inputOf(chunks: Iterable<Uint8Array>, length?: number): Input {
  return new Input({ open: () => chunksOf(chunks), length });
}

const inputOfText = (body: string, length?: number) => inputOf([Buffer.from(body)], length);

async function textOf(bytes: Promise<Uint8Array>): Promise<string> {
  return Buffer.from(await bytes).toString();
}

test('however the network cuts a body, it is read and read in lines as if whole', async () => {
  for (const chunks of everySplit(Buffer.from(text))) {
    assert.equal(await textOf(inputOf(chunks).read()), text);
    const lines = await inputOf(chunks, text.length).readlines();
    assert.deepEqual(lines.map(String), ['one\n', 'two\n', '\n', 'three']);
  }
});

type Read = { readonly how: 'read' | 'readline'; readonly size: number | undefined };

/** Python's io.BytesIO in a few lines: what the reads must give. */
function expected(body: Buffer, reads: readonly Read[]): string[] {
  let rest = body;
  return reads.map(({ how, size }) => {
    const line = rest.indexOf(10) + 1 || rest.length;
    const most = size === undefined || size < 0 ? rest.length : size;
    const taken = rest.subarray(0, how === 'read' ? most : Math.min(line, most));
    rest = rest.subarray(taken.length);
    return taken.toString('latin1');
  });
}

test('any series of reads over any split gives what a file would give', async () => {
  const chunk = fc.array(fc.constantFrom(10, 97, 98), { maxLength: 8 }).map((bytes) => Buffer.from(bytes));
  const read = fc.record({
    how: fc.constantFrom<Read['how'][]>('read', 'readline'),
    size: fc.option(fc.integer({ min: -1, max: 9 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(chunk, { maxLength: 8 }),
      fc.array(read, { maxLength: 8 }),
      fc.boolean(),
      async (chunks, reads, isSized) => {
        const body = Buffer.concat(chunks);
        const input = inputOf(chunks, isSized ? body.length : undefined);
        // Not awaited one by one: reads are served in turn.
        const got = await Promise.all(reads.map(({ how, size }) => input[how](size)));
        assert.deepEqual(
          got.map((bytes) => Buffer.from(bytes).toString('latin1')),
          expected(body, reads),
        );
      },
    ),
  );
});

test('the end of the body is no bytes, for ever', async () => {
  for (const input of [inputOfText('abc'), inputOfText('abc', 3)]) {
    await input.read();
    for (const read of [input.read(), input.read(5), input.readline(), input.read()])
      assert.equal((await read).length, 0);
    assert.deepEqual(await input.readlines(), []);
  }
});

test('not a byte beyond Content-Length is given', async () => {
  assert.equal(await textOf(inputOfText('abcGET / HTTP/1.1', 3).read()), 'abc');
  assert.equal(await textOf(inputOfText('abcGET / HTTP/1.1', 3).read(1000)), 'abc');
  assert.equal(await textOf(inputOfText('abcGET / HTTP/1.1', 3).readline()), 'abc');
});

test('a source whose Content-Length is zero is never opened', async () => {
  const input = new Input({ open: () => assert.fail('opened'), length: 0 });
  assert.equal((await input.read()).length, 0);
});

test('the source is opened by the first read that needs it', async () => {
  let opened = 0;
  const open = () => {
    opened++;
    return chunksOf([Buffer.from('a')]);
  };
  const input = new Input({ open, length: 1 });
  assert.equal(opened, 0);
  await input.read(0);
  assert.equal(opened, 0);
  await input.read(1);
  assert.equal(opened, 1);
});

test('a read that is satisfied takes no further chunk', async () => {
  const source = chunksOf([Buffer.from('abc'), Buffer.from('def')]);
  let taken = 0;
  const next = () => {
    taken++;
    return source.next();
  };
  const input = new Input({ open: () => ({ next }), length: 6 });
  await input.read(2);
  await input.read(1);
  assert.equal(taken, 1);
});

test('readlines stops after the line with which its hint is reached', async () => {
  const input = inputOfText('1234\n5678\n90');
  assert.deepEqual((await input.readlines(6)).map(String), ['1234\n', '5678\n']);
  assert.deepEqual((await input.readlines()).map(String), ['90']);
});

test('iteration is by lines', async () => {
  const lines: string[] = [];
  for await (const line of inputOfText(text)) lines.push(String(line));
  assert.deepEqual(lines, ['one\n', 'two\n', '\n', 'three']);
});

test('a body that ends before its Content-Length is a fault of the client, at every further read too', async () => {
  const input = inputOfText('abc', 5);
  for (let i = 0; i < 2; i++) {
    await assert.rejects(input.read(), (error) => error instanceof Fault && error.reason === 'client-left');
  }
});

test('bytes that came before the break can be read', async () => {
  const input = inputOfText('abc', 5);
  assert.equal(await textOf(input.read(3)), 'abc');
  await assert.rejects(input.read(1));
});

test('the error of a source is kept as the cause', async () => {
  const broken = new Error('reset');
  const input = new Input({ open: () => ({ next: () => Promise.reject(broken) }), length: 5 });
  await assert.rejects(input.read(), (error) => error instanceof Fault && error.cause === broken);
});

test('a fault of the source stays the fault that it is', async () => {
  const fault = new Fault('body-timeout', 'silent');
  const input = new Input({ open: () => ({ next: () => Promise.reject(fault) }), length: 5 });
  await assert.rejects(input.read(), (error) => error === fault);
});

test('a long line in chunks of one byte is read in linear time', async () => {
  const chunks = Array.from({ length: 50_000 }, () => Buffer.from('a'));
  assert.equal((await inputOf(chunks).readline()).length, 50_000);
});

test('read1 gives what has come, at most so much of it, and nothing at the end', async () => {
  const input = inputOf(
    ['one', 'two', 'three'].map((word) => Buffer.from(word)),
    8,
  );
  const read = (size?: number) => textOf(input.read1(size));
  assert.deepEqual(
    [await read(2), await read(9), await read(), await read(9), await read()],
    ['on', 'e', 'two', 'th', ''],
  );
});
