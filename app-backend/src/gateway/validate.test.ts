import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { anEnviron, answerOf } from '../testing/recording.ts';
import type { Application, Body, Environ, Header, StartResponse } from '../wsgi.ts';
import { validate } from './validate.ts';

const plain: Header[] = [['Content-Type', 'text/plain']];
const start: StartResponse = () => () => undefined;
const fine: Application = function* (_environ, startResponse) {
  startResponse('200 OK', plain);
  yield Buffer.from('hello');
};

/** Runs an application to the end of its body, as a server does that keeps to the rules. */
async function exhaust(
  application: Application,
  environ: Environ = anEnviron(),
  startResponse = start,
): Promise<string> {
  const body = await validate(application)(environ, startResponse);
  const blocks: Uint8Array[] = [];
  try {
    for await (const block of body) blocks.push(block);
  } finally {
    await body.close?.();
  }
  return Buffer.concat(blocks).toString();
}

test('what keeps to the rules goes through unchanged', async () => {
  assert.equal(await exhaust(fine), 'hello');
  const { status, headers, text } = await answerOf(validate(fine));
  assert.deepEqual([status, headers, text], ['200 OK', { 'content-type': 'text/plain' }, 'hello']);
});

test('a posted body is read through it', async () => {
  const { text } = await answerOf(
    validate(async (environ, startResponse) => {
      startResponse('200 OK', plain);
      const input = environ['wsgi.input'];
      const parts = [await input.readline(), await input.read(2), ...(await input.readlines())];
      for await (const line of input) parts.push(line);
      return parts;
    }),
    { REQUEST_METHOD: 'POST' },
    Buffer.from('one\ntwo\nthree'),
  );
  assert.equal(text, 'one\ntwo\nthree');
});

/** Applications that each do one thing that TypeScript would not have let them do. */
const wrongs: Readonly<Record<string, readonly [RegExp, (environ: Environ, start: StartResponse) => unknown]>> = {
  'returns nothing': [/not an iterable/, () => undefined],
  'returns null': [/not an iterable/, () => null],
  'returns false': [/not an iterable/, () => false],
  'returns text': [/not an iterable/, () => 'hello'],
  'returns bare bytes': [/bare bytes/, () => Buffer.from('hello')],
  'returns an object': [/not iterable/, () => ({})],
  'yields text': [
    /not bytes/,
    (_environ, startResponse) => {
      startResponse('200 OK', plain);
      return ['hello'];
    },
  ],
  'yields before start_response': [/before start_response/, () => [Buffer.from('hello')]],
  'ends before start_response': [/before start_response/, () => []],
  'calls start_response with one argument': [
    /1 arguments/,
    (_environ, startResponse) => (startResponse as (a: string) => unknown)('200 OK'),
  ],
  'calls start_response with four': [
    /4 arguments/,
    (_environ, startResponse) => startResponse(...(['200 OK', plain, undefined, 1] as unknown as [string, Header[]])),
  ],
  'gives a status that is no string': [
    /status is not a string/,
    (_environ, startResponse) => startResponse(200 as never, plain),
  ],
  'gives a third argument that is no failure': [
    /not \{ error \}/,
    (_environ, startResponse) => startResponse('200 OK', plain, new Error('x') as never),
  ],
  'writes text': [/not bytes/, (_environ, startResponse) => startResponse('200 OK', plain)('hello' as never)],
  'writes two arguments': [
    /exactly one/,
    (_environ, startResponse) =>
      (startResponse('200 OK', plain) as (...data: Uint8Array[]) => unknown)(Buffer.from('a'), Buffer.from('b')),
  ],
  'reads without a size': [/exactly one/, (environ) => environ['wsgi.input'].read()],
  'reads a line with two sizes': [
    /at most one/,
    (environ) => (environ['wsgi.input'].readline as (...sizes: number[]) => unknown)(1, 2),
  ],
  'reads lines with two hints': [
    /at most one/,
    (environ) => (environ['wsgi.input'].readlines as (...sizes: number[]) => unknown)(1, 2),
  ],
  'closes wsgi.input': [
    /not the application/,
    (environ) => (environ['wsgi.input'] as unknown as { close(): void }).close(),
  ],
  'closes wsgi.errors': [
    /not the application/,
    (environ) => (environ['wsgi.errors'] as unknown as { close(): void }).close(),
  ],
  'writes bytes to wsgi.errors': [
    /takes a string/,
    (environ) => environ['wsgi.errors'].write(Buffer.from('x') as never),
  ],
};

for (const [what, [pattern, application]] of Object.entries(wrongs)) {
  test(`an application that ${what} is complained of`, async () => {
    const calling = async (environ: Environ, startResponse: StartResponse) =>
      (await application(environ, startResponse)) as Body;
    await assert.rejects(
      exhaust(calling),
      (error: Error) => error.name === 'WsgiViolation' && pattern.test(error.message),
    );
  });
}

test('a server that calls with other than two arguments, or with a bad environ, is complained of', async () => {
  const watched = validate(fine) as (...args: unknown[]) => Promise<unknown>;
  await assert.rejects(watched(anEnviron()), /1 arguments/);
  await assert.rejects(watched(anEnviron(), start, 1), /3 arguments/);
  await assert.rejects(watched(anEnviron(), undefined), /not a function/);
  await assert.rejects(watched({}, start), /environ lacks/);
});

test('a server that iterates after close, or closes twice, is complained of', async () => {
  const body = await validate(fine)(anEnviron(), start);
  await body.close?.();
  await assert.rejects(async () => {
    for await (const _block of body);
  }, /after it was closed/);
  await assert.rejects(async () => await body.close?.(), /closed twice/);
});

test('the failure is passed on as it is', async () => {
  const failure = { error: new Error('x') };
  const got: unknown[] = [];
  const remember = (...args: unknown[]) => {
    got.push(...args);
    return () => undefined;
  };
  await exhaust(
    (_environ, startResponse) => {
      startResponse('200 OK', plain, failure);
      return [];
    },
    anEnviron(),
    remember,
  );
  assert.deepEqual(got, ['200 OK', plain, failure]);
});

function listening(differences: Partial<Environ> = {}): { environ: Environ; said: string[] } {
  const said: string[] = [];
  const write = (text: string) => void said.push(text);
  const environ = anEnviron({
    'wsgi.errors': { write, writelines: () => undefined, flush: () => undefined },
    ...differences,
  });
  return { environ, said };
}

test('what is only odd is a warning in wsgi.errors', async () => {
  const { environ, said } = listening({ REQUEST_METHOD: 'BREW' });
  await exhaust((_environ, startResponse) => {
    startResponse('200', plain);
    return [];
  }, environ);
  assert.match(said.join(''), /unknown REQUEST_METHOD BREW[\s\S]*no space behind its code/);
});

test('a body that a server drops without closing it is complained of when it is collected', async () => {
  const { environ, said } = listening();
  await validate(fine)(environ, start);
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  await eventually(() => {
    collect();
    assert.match(said.join(''), /dropped without being closed/);
  });
});
