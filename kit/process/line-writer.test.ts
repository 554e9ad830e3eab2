import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HELD_BACK_MS, LineWriter, type Taken } from './line-writer.ts';

/** An outlet that takes a write when the test says so, and a writer on it. */
function stand({ batch = 16, most = 64 } = {}) {
  const written: string[] = [];
  const atExit: string[] = [];
  const pending: ((taken: Taken) => void)[] = [];
  const outlet = {
    batch,
    write: (bytes: Buffer, done: (taken: Taken) => void) => {
      assert.equal(pending.length, 0, 'one write at a time');
      written.push(bytes.toString());
      pending.push(done);
    },
    writeNow: (bytes: Buffer) => void atExit.push(bytes.toString()),
  };
  const writer = new LineWriter({ outlet, most, report: (lost) => `lost ${lost}\n` });
  const take = (taken: Taken = 'taken') => pending.shift()?.(taken);
  const takeAll = () => {
    while (pending.length > 0) take();
  };
  return { writer, written, atExit, take, takeAll, isWriting: () => pending.length > 0 };
}

describe('lines', () => {
  test('go out together, as many as one write should have, in their order', () => {
    const { writer, written, takeAll } = stand();
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n']) writer.write(line);
    assert.deepEqual(written, ['one\ntwo\nthree\n']);
    writer.flush();
    takeAll();
    assert.deepEqual(written, ['one\ntwo\nthree\n', 'four\nfive\n']);
  });

  test('go out after a while when no others come', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { writer, written } = stand();
    writer.write('one\n');
    t.mock.timers.tick(HELD_BACK_MS - 1);
    assert.deepEqual(written, []);
    t.mock.timers.tick(1);
    assert.deepEqual(written, ['one\n']);
  });

  test('that are urgent go out together when they come faster than they are taken', () => {
    const { writer, written, take } = stand();
    for (const line of ['one\n', 'two\n', 'three\n']) {
      writer.write(line);
      writer.flush();
    }
    assert.deepEqual(written, ['one\n']);
    take();
    assert.deepEqual(written, ['one\n', 'two\nthree\n']);
  });

  test('of other than ASCII characters are cut into writes between lines', () => {
    const { writer, written, takeAll } = stand();
    for (const line of ['ééé\n', 'üüü\n', 'ööö\n', 'x\n']) writer.write(line);
    writer.flush();
    takeAll();
    assert.deepEqual(written, ['ééé\nüüü\n', 'ööö\nx\n']);
  });

  test('that are longer than one write should be go out alone', () => {
    const { writer, written, takeAll } = stand();
    for (const line of ['a\n', `${'b'.repeat(40)}\n`, 'c\n']) writer.write(line);
    writer.flush();
    takeAll();
    assert.deepEqual(written, ['a\n', `${'b'.repeat(40)}\n`, 'c\n']);
  });
});

describe('when nobody takes the lines', () => {
  test('those beyond the limit are lost and counted, and a line says so once there is room', () => {
    const { writer, written, takeAll } = stand({ batch: 8, most: 24 });
    for (let i = 0; i < 10; i++) writer.write(`line ${i}\n`);
    assert.equal(writer.lost, 7);
    takeAll();
    writer.write('after\n');
    writer.flush();
    takeAll();
    assert.deepEqual(written, ['line 0\n', 'line 1\n', 'line 2\n', 'lost 7\n', 'after\n']);
    assert.equal(writer.lost, 7);
  });

  test('a single line is always taken', () => {
    const { writer, written } = stand({ most: 0 });
    writer.write('one\n');
    writer.flush();
    assert.deepEqual(written, ['one\n']);
  });

  test('those that failed are lost, and it goes on', () => {
    const { writer, written, take, takeAll } = stand();
    writer.write('a\n');
    writer.write('b\n');
    writer.flush();
    take('failed');
    assert.equal(writer.lost, 2);
    writer.write('c\n');
    writer.flush();
    takeAll();
    assert.deepEqual(written, ['a\nb\n', 'c\n', 'lost 2\n']);
  });

  test('any more, all that waits and all that comes is lost, and nothing is kept', async () => {
    const { writer, written, take } = stand({ batch: 4 });
    for (const line of ['one\n', 'two\n', 'six\n']) writer.write(line);
    take('over');
    writer.write('ten\n');
    writer.flush();
    assert.deepEqual([written, writer.lost], [['one\n'], 4]);
    await writer.close(60_000);
  });
});

describe('at the end', () => {
  test('everything is written, and what comes later is lost', async () => {
    const { writer, written, take } = stand({ batch: 4 });
    for (const line of ['one\n', 'two\n']) writer.write(line);
    const closed = writer.close(60_000);
    take();
    take();
    await closed;
    writer.write('late\n');
    writer.flush();
    assert.deepEqual([written, writer.lost], [['one\n', 'two\n'], 1]);
  });

  test('it is over at the deadline though nobody takes the lines', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { writer } = stand({ batch: 4 });
    for (const line of ['one\n', 'two\n']) writer.write(line);
    const closed = writer.close(2_000);
    t.mock.timers.tick(2_000);
    await closed;
    assert.equal(writer.lost, 2);
  });

  test('of the process, what was not written is written on the spot, and what is being written is not repeated', () => {
    const { writer, written, atExit } = stand({ batch: 4 });
    for (const line of ['one\n', 'two\n', 'six\n']) writer.write(line);
    writer.flushNow();
    assert.deepEqual([written, atExit], [['one\n'], ['two\nsix\n']]);
  });
});

const steps = fc.array(
  fc.oneof(
    fc.constantFrom('flush' as const, 'take' as const),
    fc.record({ say: fc.string({ unit: 'binary', maxLength: 20 }) }),
  ),
  {
    maxLength: 200,
  },
);

/** Does the steps, then lets everything out; the lines that were given. */
function performed(given: typeof steps extends fc.Arbitrary<infer S> ? S : never, on: ReturnType<typeof stand>) {
  const lines: string[] = [];
  const say = (text: string) => {
    const line = `${lines.length} ${Buffer.from(text).toString().replaceAll('\n', '')}\n`;
    lines.push(line);
    on.writer.write(line);
  };
  for (const step of given) {
    if (step === 'flush') on.writer.flush();
    else if (step === 'take') on.take();
    else say(step.say);
  }
  on.takeAll();
  on.writer.flush();
  on.takeAll();
  return lines;
}

test('whatever comes in whatever order, each line goes out once and whole, or is counted as lost', () => {
  fc.assert(
    fc.property(steps, (given) => {
      const on = stand({ batch: 32, most: 100 });
      const lines = performed(given, on);
      const { lost } = on.writer;
      for (const batch of on.written) {
        assert.ok(Buffer.byteLength(batch) <= 32 || batch.indexOf('\n') === batch.length - 1);
      }
      const out = on.written.flatMap((batch) => batch.split(/(?<=\n)/));
      const reports = out.filter((line) => line.startsWith('lost '));
      const kept = out.filter((line) => !line.startsWith('lost '));
      const inOrder = lines.filter((line) => kept.includes(line));
      assert.deepEqual(kept, inOrder);
      assert.equal(kept.length + lost, lines.length);
      const told = reports.reduce((sum, line) => sum + Number(line.slice(5)), 0);
      assert.equal(told, lost);
    }),
  );
});
