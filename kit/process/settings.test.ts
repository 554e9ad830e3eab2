import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { given, help, load, markdown, SettingsProblem, shown, table, unknownNames } from './settings.ts';
import { count, duration, flag, text } from './units.ts';

const rows = table({
  port: {
    env: 'T_PORT',
    fallback: '80',
    about: 'Where it `listens`.',
    read: count(1, 65_535),
    otherwise: [
      { env: 'PORT', as: (value: string) => value },
      { env: 'T_OLD_PORT', as: (value: string) => `1${value}` },
    ],
  },
  patience: { env: 'T_PATIENCE', fallback: '5s', about: 'How long it waits: a | b.', read: duration },
  quick: { env: 'T_QUICK', fallback: 'off', about: 'Is it quick?', read: flag },
  token: { env: 'T_TOKEN', fallback: '', about: 'Who may ask.', read: text, secret: true },
});

const problemsOf = (env: Record<string, string>, rules: Parameters<typeof load<typeof rows>>[2] = []) => {
  try {
    load(rows, env, rules);
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsProblem);
    return error.problems;
  }
};

describe('settings are loaded', () => {
  test('from their fallbacks where nothing is given', () => {
    assert.deepEqual({ ...load(rows, {}) }, { port: 80, patience: 5_000, quick: false, token: '' });
  });

  test('from the environment, and cannot be changed afterwards', () => {
    const config = load(rows, { T_PORT: '81', T_QUICK: 'on' });
    assert.equal(config.port, 81);
    assert.equal(config.quick, true);
    assert.ok(Object.isFrozen(config));
  });

  test('with all that is wrong named at once, by variable', () => {
    assert.deepEqual(problemsOf({ T_PORT: 'x', T_PATIENCE: '', T_QUICK: 'on' }), [
      'T_PORT: "x" is not a whole number from 1 to 65535',
      'T_PATIENCE: "" is not a duration such as 250ms, 10s, 5m or 1h (units: ms, s, m, h)',
    ]);
  });

  test('with the rules over several settings, which are asked even when others cannot be read', () => {
    const seen: unknown[] = [];
    const problems = problemsOf({ T_PORT: 'x', T_QUICK: 'on' }, [
      (config) => void seen.push(config.port, config.quick),
      (config) => (config.quick && config.token === '' ? 'T_QUICK: needs T_TOKEN' : undefined),
    ]);
    assert.deepEqual(seen, [undefined, true]);
    assert.deepEqual(problems, ['T_PORT: "x" is not a whole number from 1 to 65535', 'T_QUICK: needs T_TOKEN']);
  });
});

describe('another variable may speak for a setting', () => {
  const cases = [
    [{}, '80', 'T_PORT'],
    [{ PORT: '81' }, '81', 'PORT'],
    [{ PORT: '' }, '80', 'T_PORT'],
    [{ PORT: '', T_OLD_PORT: '2' }, '12', 'T_OLD_PORT'],
    [{ PORT: '81', T_OLD_PORT: '2' }, '81', 'PORT'],
    [{ PORT: '81', T_PORT: '82' }, '82', 'T_PORT'],
  ] as const;
  for (const [env, value, from] of cases) {
    test(`${JSON.stringify(env)} gives ${value}, from ${from}`, () => {
      const isFallback = value === rows.port.fallback;
      assert.deepEqual(given(rows.port, env), { text: value, from, isFallback });
    });
  }

  test('and is named when its value is wrong', () => {
    assert.deepEqual(problemsOf({ PORT: 'x' }), ['PORT: "x" is not a whole number from 1 to 65535']);
  });
});

describe('unknown names with the prefix of the tier', () => {
  test('are told with the nearest known one', () => {
    const env = { T_PROT: '1', T_PATIENC: '1', OTHER: '1', TT_X: '1', T_PORT: '1', T: '1' };
    assert.deepEqual(unknownNames(rows, 'T', env), [
      { name: 'T_PROT', nearest: 'T_PORT' },
      { name: 'T_PATIENC', nearest: 'T_PATIENCE' },
    ]);
  });

  test('are none of those that speak for a setting', () => {
    assert.deepEqual(unknownNames(rows, 'T', { T_OLD_PORT: '1' }), []);
  });
});

describe('what is told of settings is made from the table', () => {
  test('the values in force, without secrets', () => {
    assert.deepEqual(shown(rows, { PORT: '81', T_TOKEN: 'hush' }), {
      T_PORT: '81',
      T_PATIENCE: '5s',
      T_QUICK: 'off',
      T_TOKEN: '***',
    });
    assert.equal(shown(rows, {}).T_TOKEN, '');
  });

  test('--help: one line per setting, in columns', () => {
    const lines = help('node t/main.ts', rows).split('\n');
    assert.equal(lines[0], 'usage: node t/main.ts');
    assert.match(lines[3] ?? '', /--check/);
    assert.deepEqual(lines.slice(6), [
      '  T_PORT=80      Where it `listens`.',
      '  T_PATIENCE=5s  How long it waits: a | b.',
      '  T_QUICK=off    Is it quick?',
      '  T_TOKEN=       Who may ask.',
      '',
    ]);
  });

  test('a table in Markdown, where a bar does not end a cell', () => {
    assert.deepEqual(markdown(rows).split('\n'), [
      '| setting and default | meaning |',
      '|---|---|',
      '| `T_PORT=80` | Where it `listens`. |',
      '| `T_PATIENCE=5s` | How long it waits: a \\| b. |',
      '| `T_QUICK=off` | Is it quick? |',
      '| `T_TOKEN=` | Who may ask. |',
    ]);
  });

  test('a secret that has a fallback is shown nowhere', () => {
    const secret = table({ key: { env: 'T_KEY', fallback: 'hush', about: 'A key.', read: text, secret: true } });
    for (const told of [help('t', secret), markdown(secret), JSON.stringify(shown(secret, {}))]) {
      assert.doesNotMatch(told, /hush/);
      assert.match(told, /\*\*\*/);
    }
  });
});
