import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { testAdmin } from '../testing/test-admin.ts';
import { openMetrics } from './metrics.ts';

async function refusing(token: string) {
  const lines: Record<string, unknown>[] = [];
  const { registry } = openMetrics('edge-cache');
  const admin = await testAdmin({
    token,
    registry,
    log: pino({}, { write: (line) => void lines.push(JSON.parse(line)) }),
  });
  return { admin, lines, registry, [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose]() };
}

test('who comes without the token is logged with his address, one line for many attempts, and counted', async () => {
  await using stand = await refusing('hush');
  for (const authorization of ['Bearer guess', 'Bearer guess2', 'Basic guess']) {
    const headers = { authorization };
    const { status } = await fetch(`${stand.admin.url}/purge?x=secret`, { method: 'POST', headers });
    assert.equal(status, 401);
  }
  const [line, ...rest] = stand.lines;
  assert.partialDeepStrictEqual(line, { level: 40, client: '127.0.0.1', path: '/purge', reason: 'token' });
  assert.deepEqual(rest, []);
  assert.doesNotMatch(JSON.stringify(line), /guess|hush|secret/);
  const metrics = await stand.registry.metrics();
  assert.match(metrics, /^trivet_admin_refusals_total\{reason="token",tier="edge-cache"\} 3$/m);
});

test('a page of another origin is counted and logged as such', async () => {
  await using stand = await refusing('');
  await fetch(`${stand.admin.url}/purge`, { method: 'POST', headers: { origin: 'http://evil.example' } });
  assert.partialDeepStrictEqual(stand.lines, [{ client: '127.0.0.1', reason: 'origin' }]);
});
