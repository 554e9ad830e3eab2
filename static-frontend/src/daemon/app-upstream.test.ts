import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { origins } from '@trivet/kit/process/units.ts';
import type { Siblings } from '@trivet/kit/process/workers/siblings.ts';
import type { AddressRule } from '@trivet/kit/upstream/options.ts';
import type { FrontConfig } from '../../settings.ts';
import { openApp } from './app-upstream.ts';

type Runtime = Parameters<typeof openApp>[0];

function runtimeOf(upstream: FrontConfig['upstream'], siblings?: Siblings): Runtime {
  const runtime: Pick<Runtime, 'siblings'> & { config: Partial<FrontConfig> } = {
    ...(siblings && { siblings }),
    config: { upstream, daemonSlots: 4 },
  };
  return runtime as Runtime;
}

test('an app that is elsewhere is where the settings say, and none of our business', async () => {
  const elsewhere = origins.parse('http://127.0.0.1:1');
  const app = await openApp(runtimeOf(elsewhere), {});
  assert.deepEqual([app.addresses, app.ready(), app.stats(), app.reload], [elsewhere, true, {}, undefined]);
});

/** What a worker says to its primary, and hears from it. */
function primary(serving: object | undefined) {
  const asked: unknown[] = [];
  let hear: (what: unknown) => unknown = () => undefined;
  const siblings: Pick<Siblings, 'join' | 'tell'> = {
    join(handler) {
      hear = handler;
    },
    async tell(what) {
      asked.push(what);
      if (serving !== undefined) hear({ daemons: serving });
      return { answers: [], missing: [] };
    },
  };
  return { asked, siblings: siblings as Siblings, says: (what: unknown) => hear(what) };
}

describe('a worker whose primary runs the app', () => {
  const ready = { ready: ['/s/1'], nobody: '/s/none', isExpected: true };
  const one: AddressRule = { kind: 'unix', path: '/s/1', maxConnections: 4 };

  test('asks where it is, and hears of each change', async () => {
    const { asked, siblings, says } = primary(ready);
    const app = await openApp(runtimeOf('daemon', siblings), {});
    assert.deepEqual([asked, app.addresses, app.ready()], [[{ daemons: 'which?' }], [one], true]);
    const moved: (readonly AddressRule[])[] = [];
    app.follow({ moveApp: (addresses) => void moved.push(addresses), inFlightTo: (address) => address.length });
    says({ daemons: { ...ready, ready: [] } });
    assert.deepEqual(moved, [[one], [{ kind: 'unix', path: '/s/none', maxConnections: 0, down: false }]]);
    assert.match(String(app.ready()), /no process of the app is ready/);
  });

  test('says what it has on its way to a process; nothing before it sends', async () => {
    const { siblings, says } = primary(ready);
    const app = await openApp(runtimeOf('daemon', siblings), {});
    assert.equal(says({ daemonInFlight: '/s/1' }), 0);
    const asked: string[] = [];
    app.follow({
      moveApp: () => undefined,
      inFlightTo(address) {
        asked.push(address);
        return 3;
      },
    });
    assert.deepEqual([says({ daemonInFlight: '/s/1' }), asked], [3, ['unix:/s/1']]);
  });

  test('leaves what is not for it to others', async () => {
    const { siblings, says } = primary(ready);
    await openApp(runtimeOf('daemon', siblings), {});
    assert.deepEqual([says({}), says({ daemons: 'which?' })], [null, null]);
  });
});
