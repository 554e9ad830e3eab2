import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { tellLog } from './upstream-log.ts';

function told(tell: (told: ReturnType<typeof tellLog>) => void): string {
  const lines: string[] = [];
  tell(tellLog(pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) }), 'app'));
  const { level, msg, why } = JSON.parse(lines.join());
  return `${pino.levels.labels[level]}: ${msg} (${why})`;
}

for (const [verdict, expected] of [
  ['sick', 'warn: app at 10.0.0.1:80 is sick (status 500)'],
  ['healthy', 'info: app at 10.0.0.1:80 is healthy (status 500)'],
  ['ejected', 'warn: app at 10.0.0.1:80 is asked last for a while (status 500)'],
  ['returned', 'info: app at 10.0.0.1:80 answers again (status 500)'],
] as const) {
  test(`a member that is ${verdict}: ${expected}`, () => {
    const change = { verdict, address: 'app:80', endpoint: '10.0.0.1:80', why: 'status 500' };
    assert.equal(
      told(({ onHealth }) => onHealth(change)),
      expected,
    );
  });
}

for (const [verdict, kept, expected] of [
  ['unresolved', ['10.0.0.1'], 'warn: the name a of app does not resolve; kept: 10.0.0.1 (x)'],
  ['unresolved', [], 'warn: the name a of app does not resolve; kept: none (x)'],
  ['resolved', ['10.0.0.1'], 'info: the name a of app resolves again (x)'],
] as const) {
  test(`a name that is ${verdict} with ${kept.length} known: ${expected}`, () => {
    assert.equal(
      told(({ onName }) => onName({ verdict, host: 'a', kept, why: 'x' })),
      expected,
    );
  });
}
