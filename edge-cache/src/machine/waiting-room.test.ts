import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Asker, type Landing } from './asker.ts';
import { WaitingRoom } from './waiting-room.ts';

const entry: Landing = { is: 'left' };
const shared = { vary: ['foo'], variant: 'foo:1\n', sharing: 'all' } as const;

function filled() {
  const room = new WaitingRoom();
  const leader = new Asker(['Foo', '1', 'Cookie', 'a=b']);
  const same = new Asker(['Foo', '1']);
  const withCookie = new Asker(['Foo', '1', 'Cookie', 'a=b']);
  const other = new Asker(['Foo', '2']);
  room.lead(leader);
  for (const asker of [same, withCookie, other]) room.add(asker);
  const told = async () => await Promise.all([leader, same, withCookie, other].map(({ landing }) => landing));
  return { room, leader, same, told };
}

const again = { is: 'again', isAlone: false };
const alone = { is: 'again', isAlone: true };

for (const [sharing, expected] of [
  ['all', [entry, entry, entry, again]],
  ['without-cookies', [entry, entry, alone, again]],
  ['none', [entry, alone, alone, alone]],
] as const) {
  test(`an answer that is shared by ${sharing}`, async () => {
    const { room, told } = filled();
    room.share({ ...shared, sharing }, () => entry);
    assert.deepEqual(await told(), expected);
    assert.equal(room.size, 0);
  });
}

test('an answer for the leader alone', async () => {
  const { room, told } = filled();
  room.release(() => entry);
  assert.deepEqual(await told(), [entry, alone, alone, alone]);
});

test('the same for all, or for all of one variant', async () => {
  const { room, told } = filled();
  room.tellAll(entry, shared);
  assert.deepEqual(await told(), [entry, entry, entry, again]);
});

test('one that leaves is told so, and counts no more', async () => {
  const { room, leader, same } = filled();
  assert.equal(room.leave(leader), true);
  assert.equal(room.leave(leader), false);
  assert.deepEqual(await leader.landing, { is: 'left' });
  assert.equal(room.hasLeader, false);
  assert.equal(room.size, 3);
  room.lookAgain();
  assert.deepEqual(await same.landing, again);
});
