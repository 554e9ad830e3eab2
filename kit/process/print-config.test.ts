import assert from 'node:assert/strict';
import { test } from 'node:test';
import { underPreset } from './preset.ts';
import { optionsVariable, printedConfig } from './print-config.ts';
import { table } from './settings.ts';
import { text } from './units.ts';

const rows = table({
  where: {
    ...{ env: 'T_WHERE', fallback: 'here', about: 'Where.', read: text },
    otherwise: [{ env: 'PORT', as: (port: string) => `port ${port}` }],
  },
  token: { env: 'T_TOKEN', fallback: '', about: 'Who may ask.', read: text, secret: true },
  size: { env: 'T_SIZE', fallback: '1', about: 'How much.', read: text },
});

const preset = { there: { fallbacks: { T_SIZE: '5' }, required: { T_WHERE: 'PORT: is not set' } } };
const origins = (printed: string) =>
  Object.fromEntries(printed.split('\n').flatMap((line) => (line === '' ? [] : [line.split(/ +# /)])));

for (const [what, name, env, expected] of [
  ['fallbacks', undefined, {}, { 'T_SIZE=1': 'default', 'T_TOKEN=': 'default', 'T_WHERE=here': 'default' }],
  [
    'a preset, and what it lacks',
    'there',
    {},
    { 'T_SIZE=5': 'preset there', 'T_TOKEN=': 'default', 'T_WHERE=': 'missing' },
  ],
  [
    'the environment, whose secrets are not told',
    undefined,
    { PORT: '8', T_TOKEN: 'secret', T_SIZE: '3' },
    { 'T_SIZE=3': 'environment', 'T_TOKEN=***': 'environment', 'T_WHERE=port 8': 'environment, PORT' },
  ],
  [
    'a command line',
    undefined,
    { T_SIZE: '3', [optionsVariable]: '{"T_SIZE":"--size","T_TOKEN":7}' },
    { 'T_SIZE=3': '--size', 'T_TOKEN=': 'default', 'T_WHERE=here': 'default' },
  ],
  [
    'garbage in place of a command line’s options',
    undefined,
    { [optionsVariable]: '{' },
    { 'T_SIZE=1': 'default', 'T_TOKEN=': 'default', 'T_WHERE=here': 'default' },
  ],
] as const) {
  test(`every setting is printed with where it comes from: ${what}`, () => {
    assert.deepEqual(origins(printedConfig(underPreset(rows, preset, name), env)), expected);
  });
}
