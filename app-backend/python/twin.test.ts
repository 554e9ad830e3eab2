// The Python of the sample application, is held to what its TypeScript is held to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { askExample, assertReply, type Example } from '../src/testing/example.ts';
import { examples } from '../src/testing/examples.ts';
import { python, withPython } from '../src/testing/python.ts';
import { pythonEnvironment, whyNotGunicorn, whyNotPackages } from '../src/testing/python-peers.ts';
import { gunicorn, ownPython, type PythonServer, twinFolder } from '../src/testing/python-servers.ts';

const twin = { application: 'trivet_sample:application', chdir: twinFolder };
const missing = { webob: whyNotPackages('webob'), werkzeug: whyNotPackages('werkzeug') };
const noPython = withPython.skip ?? false;
const whyNot = ({ needs }: Example) => needs !== undefined && missing[needs];

// What breaks a rule of PEP 3333 is then a 500.
const watched = {
  ...{ application: 'programs.validated:application', chdir: twinFolder },
  environment: { VALIDATED: twin.application },
};
const threads = ['--threads', '4'];

const servers = [
  { name: 'Gunicorn', start: () => gunicorn(twin, threads), skip: whyNotGunicorn() },
  { name: 'Gunicorn, watched by wsgiref.validate', start: () => gunicorn(watched, threads), skip: whyNotGunicorn() },
  { name: 'our workers', start: () => ownPython(twin), skip: noPython },
  { name: 'our workers, watched by wsgiref.validate', start: () => ownPython(watched), skip: noPython },
];

for (const { name, start, skip } of servers) {
  describe(`the Python twin answers as the examples say under ${name}`, { skip }, () => {
    let server: PythonServer;

    before(async () => {
      server = await start();
    });

    after(() => server?.[Symbol.asyncDispose]());

    for (const example of examples.filter(({ only }) => only !== 'node')) {
      test(example.what, { skip: whyNot(example) }, async () => {
        assertReply(await askExample(server.url, example), example.answer);
      });
    }
  });
}

const withoutPackages = `
import sys
sys.modules["webob"] = sys.modules["werkzeug"] = None
from trivet_sample import application
for path in ("/time/webob/", "/time/werkzeug/", "/time/raw/"):
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "127.0.0.1"}
    body = application(environ, lambda status, headers: print(status))
    print(b"".join(body).decode(), end="")
`;

test('a path whose package is not installed is a 501 that names it, and all others answer', withPython, () => {
  const { stdout, stderr } = spawnSync(python, ['-c', withoutPackages], {
    ...{ cwd: twinFolder, env: pythonEnvironment, encoding: 'utf8' },
  });
  const sentence = (name: string) => `501 Not Implemented\nThe Python package ${name} cannot be used here: .*\n`;
  assert.match(stdout, new RegExp(`^${sentence('webob')}${sentence('werkzeug')}200 OK\n`), stderr);
});
