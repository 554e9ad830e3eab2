import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import type { Serving } from './places.ts';
import { Announcer } from './senders.ts';

const serving = (...ready: string[]): Serving => ({ ready, nobody: '/none', isExpected: true });

describe('those who send requests', () => {
  test('are told who serves when they come, and whenever it is somebody else', () => {
    const announcer = new Announcer(silentLog);
    const told: (readonly string[])[] = [];
    announcer.tell(serving('/a'));
    announcer.follow({ take: ({ ready }) => void told.push(ready), inFlight: () => 0 }, serving('/a'));
    announcer.tell(serving('/a'));
    announcer.tell(serving('/a', '/b'));
    announcer.tell({ ...serving('/a', '/b'), isExpected: false });
    assert.deepEqual(told, [['/a'], ['/a', '/b'], ['/a', '/b']]);
  });

  test('have nothing on its way to one that left once they have heard it and all of it is answered', async () => {
    const announcer = new Announcer(silentLog);
    const heard = Promise.withResolvers<void>();
    const asked: string[] = [];
    const left = [2, 1, 0];
    const inFlight = (socket: string) => {
      asked.push(socket);
      return left.shift() ?? 0;
    };
    announcer.follow({ take: () => heard.promise, inFlight }, serving());
    const idle = announcer.idle('/a', () => true);
    await Promise.resolve();
    assert.deepEqual(asked, [], 'nobody is asked who may still send');
    heard.resolve();
    await idle;
    assert.deepEqual(asked, ['/a', '/a', '/a']);
  });

  test('are not waited for when nobody waits for it any more', async () => {
    const announcer = new Announcer(silentLog);
    announcer.follow({ take: () => undefined, inFlight: () => 1 }, serving());
    let turns = 0;
    await announcer.idle('/a', () => ++turns < 3);
    assert.equal(turns, 3);
  });

  test('that cannot say what is on its way, or be told, are taken to have something, and to go on', async () => {
    const announcer = new Announcer(silentLog);
    let asked = 0;
    const inFlight = () => {
      asked += 1;
      if (asked === 1) throw new Error('gone');
      return 0;
    };
    announcer.follow({ take: () => Promise.reject(new Error('gone')), inFlight }, serving());
    await announcer.idle('/a', () => true);
    assert.equal(asked, 2);
  });
});

test('without anybody who sends there is nothing on its way', async () => {
  await new Announcer(silentLog).idle('/a', () => true);
});
