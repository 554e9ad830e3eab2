import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundTo } from './bind-address.ts';

for (const [text, bound] of [
  ['127.0.0.1:80', { listen: '127.0.0.1:80' }],
  ['tcp://127.0.0.1:80', { listen: '127.0.0.1:80' }],
  [':80', { listen: '0.0.0.0:80' }],
  ['', { listen: '0.0.0.0:8000' }],
  ['localhost', { listen: 'localhost:8000' }],
  ['[::1]', { listen: '[::1]:8000' }],
  ['[::1]:80', { listen: '[::1]:80' }],
  ['unix:/run/a:b.sock', { listen: 'unix:/run/a:b.sock' }],
  ['unix:///run/a.sock', { listen: 'unix:///run/a.sock' }],
  ['unix:@a', { listen: 'unix:@a' }],
  ['fd://3', { fd: 3 }],
] as const) {
  test(`--bind ${text} is ${JSON.stringify(bound)}`, () => assert.deepEqual(boundTo(text), bound));
}

test('a socket that has no number is refused', () => assert.throws(() => boundTo('fd://x'), /is not fd:\/\/NUMBER/));
