import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminal } from './terminal.ts';

function captured(format: string | undefined) {
  const out: string[] = [];
  const errors: string[] = [];
  return { out, errors, terminal: terminal(format, { out: (l) => out.push(l), error: (l) => errors.push(l) }) };
}

const exchange = JSON.stringify({
  level: 'info',
  time: 0,
  msg: 'exchange',
  method: 'GET',
  target: '/',
  status: 200,
  ms: 1,
});

test('lines of all tiers stand side by side, each with the name of its tier', () => {
  const { out, terminal } = captured(undefined);
  terminal.line('app-backend', exchange);
  terminal.line('static-frontend', 'not JSON');
  assert.deepEqual(out, ['app-backend     | 00:00:00.000 info  GET / 200 1ms', 'static-frontend | not JSON']);
});

test('a line that a tier passes on has the name of the one that wrote it', () => {
  const { out, terminal } = captured(undefined);
  terminal.line('static-frontend', JSON.stringify({ ...JSON.parse(exchange), tier: 'app-backend' }));
  assert.match(String(out[0]), /^app-backend {5}\| .*GET/);
});

test('with LOG_FORMAT=json the lines are left as they are', () => {
  const { out, terminal } = captured('json');
  terminal.line('app-backend', exchange);
  assert.deepEqual(out, [exchange]);
});

test('a complaint names its tier once', () => {
  const { errors, terminal } = captured(undefined);
  terminal.complaint('edge-cache', 'edge-cache: 0.0.0.0:8080 is in use by another process');
  terminal.complaint('edge-cache', 'oh');
  terminal.event('edge-cache', 'is back');
  assert.deepEqual(errors, [
    'edge-cache: 0.0.0.0:8080 is in use by another process',
    'edge-cache: oh',
    'edge-cache is back',
  ]);
});
