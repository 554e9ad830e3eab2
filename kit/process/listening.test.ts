import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addresses, eachOf, oneAddress, openEach, together } from './listening.ts';
import { type Address, formatAddress } from './units.ts';

const tcp = (host: string, port: number): Address => ({ kind: 'tcp', host, port });
const unix = (path: string): Address => ({ kind: 'unix', path });

describe('a list of addresses', () => {
  for (const [text, all] of [
    ['127.0.0.1:80', [tcp('127.0.0.1', 80)]],
    ['127.0.0.1:80,[::1]:80', [tcp('127.0.0.1', 80), tcp('::1', 80)]],
    ['a:1 , unix:/run/s', [tcp('a', 1), unix('/run/s')]],
    ['unix:/run/s,unix:@a,b:2', [unix('/run/s'), unix('@a'), tcp('b', 2)]],
    ['a:0,a:0', [tcp('a', 0), tcp('a', 0)]],
    // No address begins behind the comma.
    ['unix:/run/a,b', [unix('/run/a,b')]],
    ['unix:/run/a,b/c:1,d:1', [unix('/run/a,b/c:1'), tcp('d', 1)]],
  ] as const) {
    test(`${text} is ${all.length}`, () => assert.deepEqual(eachOf(addresses.parse(text)), all));
  }

  for (const [text, why] of [
    ['', /is not HOST:PORT or unix:PATH/],
    ['a:1,', /"a:1,": the port must be/],
    ['a:1,b', /"a:1,b": the port must be/],
    ['a:1,b:99999', /"b:99999": the port must be a number from 0 to 65535/],
    ['a:1,b:2,a:1', /a:1 is there twice/],
    ['unix:/s,unix:///s', /unix:\/s is there twice/],
    [Array.from({ length: 65 }, (_, at) => `a:${at + 1}`).join(','), /65 addresses are more than the 64/],
  ] as const) {
    test(`${text.slice(0, 20)} is refused`, () => {
      const { error } = addresses.safeParse(text);
      assert.match(error?.issues[0]?.message ?? '', why);
    });
  }

  test('is read as it was written', () => {
    const address = fc.oneof(
      fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(65_535)).map(([host, port]) => tcp(host, port)),
      fc.stringMatching(/^[/@][\w.-]{1,40}$/).map(unix),
    );
    const list = fc.uniqueArray(address, { minLength: 1, maxLength: 64, selector: formatAddress });
    fc.assert(
      fc.property(list, (all) => {
        assert.deepEqual(eachOf(addresses.parse(all.map(formatAddress).join(','))), all);
      }),
    );
  });

  test('of one address is that address', () => assert.deepEqual(together([unix('/s')]), unix('/s')));
});

describe('a tier that listens at one address', () => {
  test('takes one, commas in its path or not', () => {
    assert.deepEqual(oneAddress.parse('unix:/run/a,b'), unix('/run/a,b'));
  });

  for (const text of ['a:1,b:2', 'unix:/a,unix:/b', '[::1]:1,a:1,a:1']) {
    test(`says of ${text} how many they are, and what to do`, () => {
      const { error } = oneAddress.safeParse(text);
      const count = text.split(',').length;
      const why = `${JSON.stringify(text)} is ${count} addresses, and this tier listens at one: leave one (0.0.0.0:PORT and [::]:PORT are all of this machine)`;
      assert.deepEqual(
        error?.issues.map(({ message }) => message),
        [why],
      );
    });
  }
});

describe('what is opened at each of several places', () => {
  const opening = (fails: readonly string[]) => {
    const open = new Set<string>();
    return {
      open,
      all: openEach(['a', 'b', 'c'], {
        async open(place) {
          if (fails.includes(place)) throw new Error(place);
          open.add(place);
          return place;
        },
        close: (place) => open.delete(place),
      }),
    };
  };

  test('is all of it, in order', async () => {
    const { all } = opening([]);
    assert.deepEqual(await all, ['a', 'b', 'c']);
  });

  for (const [fails, error] of [
    [['b'], { message: 'b' }],
    [['a', 'c'], { name: 'AggregateError', errors: [new Error('a'), new Error('c')] }],
  ] as const) {
    test(`is nothing where ${fails.join(' and ')} cannot be, and each is told of`, async () => {
      const { all, open } = opening(fails);
      await assert.rejects(all, error);
      assert.equal(open.size, 0);
    });
  }
});
