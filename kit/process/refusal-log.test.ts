import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { ManualClock } from '../testing/clock.ts';
import { RefusalLog } from './refusal-log.ts';

function kept() {
  const clock = new ManualClock();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { clock, lines, refusals: new RefusalLog(log, clock.read) };
}

test('the first attempt of an address is logged at once, as a warning', () => {
  const { lines, refusals } = kept();
  refusals.note('192.0.2.1', { client: '192.0.2.1' }, 'refused');
  assert.deepEqual(lines, [{ level: 40, client: '192.0.2.1', msg: 'refused' }]);
});

test('what follows within ten seconds is counted, and told with the next line', () => {
  const { clock, lines, refusals } = kept();
  for (let i = 0; i < 1000; i += 1) refusals.note('a', {}, 'refused');
  refusals.note('b', {}, 'refused');
  clock.advance(10_000);
  refusals.note('a', {}, 'refused');
  assert.deepEqual(
    lines.map(({ unsaid }) => unsaid),
    [undefined, 999, undefined],
  );
});

test('a flood from ever new addresses is twenty lines in ten seconds', () => {
  const { clock, lines, refusals } = kept();
  for (let i = 0; i < 10_000; i += 1) refusals.note(`2001:db8::${i.toString(16)}`, {}, 'refused');
  assert.equal(lines.length, 20);
  clock.advance(10_000);
  refusals.note('::1', {}, 'refused');
  assert.equal(lines.at(-1)?.unsaid, 9980);
});
