import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Environment, services, shapes, type Wishes } from './shapes.ts';

const app = { runtime: 'node', application: '/srv/app.ts:application' } as const;

const environments = (wishes: Wishes, inherited: Environment = {}, behind?: string) =>
  Object.fromEntries(services(wishes, inherited).map((service) => [service.tier, service.environment(behind)]));

describe('a shape as processes', () => {
  test('starts from the application outwards, so that nobody asks a tier that is not there', () => {
    assert.deepEqual(
      services({ shape: 'edge' }, {}).map(({ tier }) => tier),
      ['app-backend', 'static-frontend', 'edge-cache'],
    );
  });

  for (const [shape, outermost] of [
    ['direct', 'APP'],
    ['embedded', 'FRONT'],
    ['front', 'FRONT'],
    ['edge', 'EDGE'],
  ] as const) {
    test(`${shape} answers on 8080 for every interface, the tiers behind on loopback alone`, () => {
      for (const environment of Object.values(environments({ shape }))) {
        const [name, listen] = Object.entries(environment).find(([key]) => key.endsWith('_LISTEN')) ?? [];
        if (name === `${outermost}_LISTEN`) assert.equal(listen, '0.0.0.0:8080');
        else assert.match(String(listen), /^127\.0\.0\.1:(8081|8000)$/);
      }
    });
  }

  test('each tier is told the address of the one behind it', () => {
    const all = environments({ shape: 'edge' }, {}, 'http://127.0.0.1:4711');
    assert.equal(all['edge-cache']?.EDGE_ORIGIN, 'http://127.0.0.1:4711');
    assert.equal(all['static-frontend']?.FRONT_UPSTREAM, 'http://127.0.0.1:4711');
  });

  test('a tier behind another believes what that one says of the client; the outermost believes nobody', () => {
    const all = environments({ shape: 'edge' });
    assert.equal(all['static-frontend']?.FRONT_TRUSTED_PROXIES, '127.0.0.0/8,::1');
    assert.equal(all['edge-cache']?.EDGE_TRUSTED_PROXIES, undefined);
  });

  test('the port, the site and the application of the command line win; what the environment says comes next', () => {
    const wishes: Wishes = { shape: 'front', port: 9999, root: '/srv/site', application: app };
    const all = environments(wishes, { FRONT_LISTEN: '127.0.0.1:1' });
    assert.equal(all['static-frontend']?.FRONT_LISTEN, '0.0.0.0:9999');
    assert.equal(all['static-frontend']?.FRONT_ROOT, '/srv/site');
    assert.equal(all['app-backend']?.APP_APPLICATION, '/srv/app.ts:application');
    const own = environments({ shape: 'front' }, { FRONT_LISTEN: '127.0.0.1:1' });
    assert.equal(own['static-frontend']?.FRONT_LISTEN, '127.0.0.1:1');
  });

  test('the front that runs the application itself is told so, and which application', () => {
    const wishes: Wishes = { shape: 'embedded', application: app };
    const all = environments(wishes, { FRONT_UPSTREAM: 'http://127.0.0.1:1' });
    assert.deepEqual(Object.keys(all), ['static-frontend']);
    assert.equal(all['static-frontend']?.FRONT_UPSTREAM, 'daemon:');
    assert.equal(all['static-frontend']?.APP_APPLICATION, '/srv/app.ts:application');
  });

  for (const [shape, tier] of [
    ['direct', 'app-backend'],
    ['embedded', 'static-frontend'],
  ] as const) {
    test(`an application in Python is imported from where the user stands, or from APP_CHDIR: ${shape}`, () => {
      const application = { runtime: 'python', application: 'shop.wsgi:app' } as const;
      const settings = (inherited: Environment) => {
        const { [tier]: of } = environments({ shape, application, from: '/home/me' }, inherited);
        return [of?.APP_APPLICATION, of?.APP_RUNTIME, of?.APP_CHDIR];
      };
      assert.deepEqual(settings({}), ['shop.wsgi:app', 'python', '/home/me']);
      assert.deepEqual(settings({ APP_CHDIR: 'shop' }), ['shop.wsgi:app', 'python', '/home/me/shop']);
      assert.deepEqual(settings({ APP_CHDIR: '/srv', APP_RUNTIME: 'node' }), ['shop.wsgi:app', 'python', '/srv']);
    });
  }

  test('what the command line names is run by what it is for, whatever APP_RUNTIME says', () => {
    const all = environments({ shape: 'direct', application: app }, { APP_RUNTIME: 'python', APP_CHDIR: 'shop' });
    assert.equal(all['app-backend']?.APP_RUNTIME, 'node');
  });

  test('an isolated shape takes no fixed port', () => {
    for (const environment of Object.values(environments({ shape: 'edge', port: 0, isolated: true }))) {
      for (const [name, value] of Object.entries(environment)) {
        if (name.endsWith('LISTEN')) assert.match(String(value), /:0$/, name);
      }
    }
  });

  test('each has a drawing that ends with its innermost tier', () => {
    for (const { drawing, tiers, isEmbedded } of Object.values(shapes))
      assert.ok(drawing.endsWith(String(isEmbedded ? 'app-backend' : tiers[0])));
  });
});
