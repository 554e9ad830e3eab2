import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { argumentsVariable, type Parsed, wsgiCommand } from './command.ts';

/** What the command was given, or why it was not; `help` is what it says of itself. */
async function parsed(words: readonly string[], variable?: string) {
  const said: string[] = [];
  let found: Parsed | undefined;
  const command = wsgiCommand(variable, async (given) => {
    found = given;
  });
  command.exitOverride().configureOutput({ writeErr: (text) => said.push(text), writeOut: (text) => said.push(text) });
  const ended = command.parseAsync(words, { from: 'user' }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { why: await ended, found, said: said.join('') };
}

const pairs = ({ given }: Parsed) => given.map(({ by, name, value }) => [by, name, value]);

describe('the command line is read', () => {
  test('with each option by its long name, in order, and a flag without a value', async () => {
    const { found } = await parsed(['-w', '2', 'app.ts', '-b', ':1', '--reload', '-b:2', '--log-file', 'x']);
    assert.ok(found);
    assert.deepEqual([found.application, found.runtime, found.asked], ['app.ts', undefined, undefined]);
    assert.deepEqual(pairs(found), [
      ['--workers', '--workers', '2'],
      ['--bind', '--bind', ':1'],
      ['--reload', '--reload', ''],
      ['--bind', '--bind', ':2'],
      ['--error-logfile', '--error-logfile', 'x'],
    ]);
  });

  for (const [words, asked] of [
    [['--check-config'], '--check-config'],
    [['--print-config'], '--print-config'],
    [['--print-config', '--check-config'], '--print-config'],
    [[], undefined],
  ] as const) {
    test(`${words.join(' ')} asks for ${asked}`, async () => {
      const { found } = await parsed(words);
      assert.deepEqual([found?.asked, found?.application, found?.given], [asked, undefined, []]);
    });
  }

  test('with the runtime, of two', async () => {
    assert.equal((await parsed(['--runtime', 'python', 'x'])).found?.runtime, 'python');
    assert.match((await parsed(['--runtime', 'ruby', 'x'])).why ?? '', /Allowed choices are node, python/);
  });

  test('with what is refused, however it is written, so that it can be told', async () => {
    const { found } = await parsed(['--keyfile', 'k', '--proxy-protocol', '-n', 'x', '--keyfile']);
    assert.ok(found);
    assert.deepEqual(
      pairs(found).map(([, name, value]) => [name, value]),
      [
        ['--keyfile', 'k'],
        ['--proxy-protocol', ''],
        ['--name', 'x'],
        ['--keyfile', ''],
      ],
    );
  });

  for (const [words, why] of [
    [['--nothing'], /unknown option '--nothing'/],
    [['a', 'b'], /too many arguments/],
    [['--workers'], /argument missing/],
  ] as const) {
    test(`and ${words.join(' ')} is refused`, async () => {
      const { why: found, found: given } = await parsed(words);
      assert.match(found ?? '', why);
      assert.equal(given, undefined);
    });
  }
});

describe('the variable', () => {
  test('comes before the command line, and is named where it is meant', async () => {
    const { found } = await parsed(['app.ts', '-w', '2'], `-w 1 --env 'A=b c'`);
    assert.ok(found);
    assert.deepEqual(pairs(found), [
      [`${argumentsVariable} --workers`, '--workers', '1'],
      [`${argumentsVariable} --env`, '--env', 'A=b c'],
      ['--workers', '--workers', '2'],
    ]);
  });

  for (const variable of [undefined, '', '  ']) {
    test(`says nothing where it is ${JSON.stringify(variable)}`, async () => {
      assert.deepEqual((await parsed(['a'], variable)).found?.given, []);
    });
  }

  for (const [variable, why] of [
    ['--nothing', /^error: GUNICORN_CMD_ARGS: unknown option '--nothing'/],
    ['app.ts', /^error: GUNICORN_CMD_ARGS: too many arguments/],
    [`--env 'a`, /^error: GUNICORN_CMD_ARGS: .*has nothing behind it/],
  ] as const) {
    test(`that holds ${variable} is an error of the command`, async () => {
      const { found, why: message } = await parsed(['a'], variable);
      assert.match(message ?? '', why);
      assert.equal(found, undefined);
    });
  }
});

test('help tells of what there is, and of nothing that is refused', async () => {
  const { said } = await parsed(['--help']);
  assert.match(said, /-w, --workers <INT>/);
  assert.match(said, /--threads <INT> .*[\s\S]*\(python\)/);
  assert.match(said, /Examples:[\s\S]*GUNICORN_CMD_ARGS/);
  assert.doesNotMatch(said, /--keyfile|--proxy-protocol/);
});
