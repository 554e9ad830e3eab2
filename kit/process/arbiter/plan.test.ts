import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Action, type GroupView, type MemberView, plan, rareMs } from './plan.ts';

const limits = { startupMs: 1000, gracefulMs: 500 };

const worker = (given: Partial<MemberView>): MemberView => ({
  ...{ id: 1, place: 1, generation: 1, state: 'ready', since: 0, inFlight: 1 },
  hasServed: given.state !== 'starting',
  ...given,
});
const group = (members: readonly Partial<MemberView>[], rest: Partial<GroupView> = {}): GroupView => ({
  ...{ notBefore: [0], generation: 1, failedBoots: 0, lastFall: 0 },
  wanted: rest.notBefore?.length ?? 1,
  ...rest,
  members: members.map(worker),
});

describe('the plan for a group of processes', () => {
  const two = { notBefore: [0, 0] };
  for (const [what, given, now, expected] of [
    [
      'starts all that are missing, at once',
      group([], two),
      0,
      [
        { do: 'start', place: 1, why: 'missing' },
        { do: 'start', place: 2, why: 'missing' },
      ],
    ],
    ['leaves those alone that serve', group([{}, { id: 2, place: 2 }], two), 9e9, []],
    ['waits where somebody fell again and again', group([], { notBefore: [250] }), 100, [{ do: 'wait', until: 250 }]],
    [
      'starts in his place when that is over',
      group([], { notBefore: [250] }),
      250,
      [{ do: 'start', place: 1, why: 'missing' }],
    ],
    [
      'kills who does not come up',
      group([{ state: 'starting' }]),
      1000,
      [{ do: 'kill', id: 1, why: 'startup-timeout' }],
    ],
    ['gives him his time', group([{ state: 'starting' }]), 400, [{ do: 'wait', until: 1000 }]],
    [
      'begins a reload with one more process',
      group([{}, { id: 2, place: 2 }], { ...two, generation: 2 }),
      0,
      [{ do: 'start', place: 1, why: 'reload' }],
    ],
    [
      'takes nobody off the list before the new one is ready',
      group([{}, { id: 2, place: 2 }, { id: 3, generation: 2, state: 'starting' }], { ...two, generation: 2 }),
      0,
      [{ do: 'wait', until: 1000 }],
    ],
    [
      'takes the old one off once it is, and goes on with the next',
      group([{}, { id: 2, place: 2 }, { id: 3, generation: 2 }], { ...two, generation: 2 }),
      0,
      [
        { do: 'retire', id: 1, why: 'reload' },
        { do: 'start', place: 2, why: 'reload' },
      ],
    ],
    [
      'ends who is off the list when all is answered',
      group([{ state: 'leaving', inFlight: 0 }, { id: 2 }]),
      0,
      [{ do: 'end', id: 1, why: 'idle' }],
    ],
    [
      'or when that takes too long',
      group([{ state: 'leaving' }, { id: 2 }]),
      500,
      [{ do: 'end', id: 1, why: 'graceful-timeout' }],
    ],
    [
      'kills who does not end',
      group([{ state: 'ending' }, { id: 2 }]),
      10_500,
      [{ do: 'kill', id: 1, why: 'does-not-end' }],
    ],
    [
      'kills who is loading code that has changed since, and starts another',
      group([{ state: 'starting' }], { generation: 2 }),
      0,
      [
        { do: 'kill', id: 1, why: 'outdated' },
        { do: 'start', place: 1, why: 'missing' },
      ],
    ],
    ['gives code up that failed twice; who serves goes on', group([{}], { generation: 2, failedBoots: 2 }), 9e9, []],
    [
      'tries that code all the same where nobody serves',
      group([{}], { ...two, generation: 2, failedBoots: 2 }),
      0,
      [{ do: 'start', place: 2, why: 'missing' }],
    ],
    [
      'starts who is to replace a tired one before that goes',
      group([{ tired: 'max-requests' }, { id: 2, place: 2, tired: 'max-age' }], two),
      0,
      [{ do: 'start', place: 1, why: 'max-requests' }],
    ],
    [
      'lets the tired one go then, and begins with the next',
      group([{ tired: 'max-requests' }, { id: 2, place: 2, tired: 'max-age' }, { id: 3 }], two),
      0,
      [
        { do: 'retire', id: 1, why: 'max-requests' },
        { do: 'start', place: 2, why: 'max-age' },
      ],
    ],
    [
      'does not wait for one that hangs: it is to say where, and another is started',
      group([{ tired: 'timeout' }]),
      0,
      [
        { do: 'dump', id: 1, why: 'timeout' },
        { do: 'start', place: 1, why: 'missing' },
      ],
    ],
    [
      'ends it when it has had the time to say it',
      group([{ tired: 'timeout', state: 'hung' }, { id: 2 }]),
      1000,
      [{ do: 'end', id: 1, why: 'timeout' }],
    ],
    [
      'and kills it soon',
      group([{ tired: 'timeout', state: 'ending' }, { id: 2 }]),
      1000,
      [{ do: 'kill', id: 1, why: 'does-not-end' }],
    ],
    [
      'lets those at the last places go when fewer are wanted, started or not',
      group([{}, { id: 2, place: 2 }, { id: 3, place: 3, state: 'starting' }], { ...two, wanted: 1 }),
      0,
      [
        { do: 'retire', id: 2, why: 'resize' },
        { do: 'kill', id: 3, why: 'resize' },
      ],
    ],
    [
      'starts more when more are wanted, one that leaves that place or not',
      group([{}, { id: 2, place: 2, state: 'leaving' }], two),
      0,
      [
        { do: 'start', place: 2, why: 'missing' },
        { do: 'wait', until: 500 },
      ],
    ],
    [
      'tries one now and then where none ever comes up',
      group([], { ...two, failedBoots: 10, lastFall: 7 }),
      0,
      [{ do: 'wait', until: 7 + rareMs }],
    ],
    [
      'and no second one before it is known what became of it',
      group([{ state: 'starting', since: rareMs }], { ...two, failedBoots: 10 }),
      rareMs,
      [{ do: 'wait', until: rareMs + 1000 }],
    ],
    [
      'keeps a tired one as long as who should replace it does not come up, and tries that rarely',
      group([{ tired: 'max-age' }], { failedBoots: 2, lastFall: 7 }),
      8,
      [{ do: 'wait', until: 7 + rareMs }],
    ],
  ] satisfies readonly (readonly [string, GroupView, number, Action[]])[]) {
    test(what, () => assert.deepEqual(plan(given, limits, now), expected));
  }
});
