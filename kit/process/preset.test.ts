import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Presets, underPreset } from './preset.ts';
import { load, SettingsProblem, table } from './settings.ts';
import { count, text } from './units.ts';

const rows = table({
  where: {
    ...{ env: 'T_WHERE', fallback: 'here', about: 'Where.', read: text },
    otherwise: [{ env: 'PORT', as: (port: string) => `port ${port}` }],
  },
  size: { env: 'T_SIZE', fallback: '1', about: 'How much.', read: count(1, 9) },
  name: { env: 'T_NAME', fallback: 'x', about: 'Which.', read: text },
});
const presets: Presets = { there: { fallbacks: { T_SIZE: '5' }, required: { T_WHERE: 'PORT: is not set' } } };

describe('a preset', () => {
  for (const [what, name, env, config] of [
    ['changes nothing when none is asked for', undefined, {}, { where: 'here', size: 1, name: 'x' }],
    ['changes nothing under a name that is none', 'toString', {}, { where: 'here', size: 1, name: 'x' }],
    ['gives fallbacks', 'there', { PORT: '2' }, { where: 'port 2', size: 5, name: 'x' }],
    ['gives way to what is set by hand', 'there', { T_WHERE: 'a', T_SIZE: '3' }, { where: 'a', size: 3, name: 'x' }],
  ] as const) {
    test(what, () => assert.deepEqual({ ...load(underPreset(rows, presets, name), env) }, config));
  }

  test('tells what it needs, once, with all that is wrong besides', () => {
    const read = () => load(underPreset(rows, presets, 'there'), { T_SIZE: '0' });
    assert.throws(read, (error) => {
      assert.ok(error instanceof SettingsProblem);
      assert.deepEqual(error.problems, ['PORT: is not set', 'T_SIZE: "0" is not a whole number from 1 to 9']);
      return true;
    });
  });
});
