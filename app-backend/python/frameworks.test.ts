// Other people's programs, walked through as their users do: Flask with its sessions, Django with its admin, and the classic
// four. What single requests give is compared with Gunicorn byte for byte in `beside-gunicorn.test.ts`.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { Browser } from '../src/testing/browser.ts';
import { type DjangoSite, djangoSite, superuser } from '../src/testing/django-site.ts';
import { whyNotGunicorn, whyNotPackages } from '../src/testing/python-peers.ts';
import {
  gunicorn,
  ownPython,
  type PythonApplication,
  type PythonServer,
  programsFolder,
} from '../src/testing/python-servers.ts';

type Start = (application: PythonApplication) => Promise<PythonServer>;

const servers: readonly (readonly [name: string, start: Start, skip: string | false])[] = [
  ['Gunicorn', gunicorn, whyNotGunicorn()],
  ['our Python workers', ownPython, whyNotPackages('wsgiref')],
];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const time = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\n$/;

for (const [name, start, whyNot] of servers) {
  for (const [program, expected, skip] of [
    ['wsgi_env', /^WSGI environment:\n\n\{.*'REQUEST_METHOD': 'GET'/s, false],
    ['timeapp_raw', time, false],
    ['timeapp_webob', time, whyNotPackages('webob')],
    ['timeapp_werkz', time, whyNotPackages('werkzeug')],
  ] as const) {
    test(`${program} under ${name}`, { skip: whyNot || skip }, async () => {
      await using server = await start({ application: `${program}:application`, chdir: programsFolder });
      const answer = await fetch(server.url);
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
      assert.match(await answer.text(), expected);
      if (!program.startsWith('time')) return;
      assert.equal((await fetch(server.url, { method: 'POST', body: 'x' })).status, 501);
      assert.equal((await fetch(`${server.url}/other`)).status, 404);
      assert.equal((await fetch(server.url.replace('127.0.0.1', 'localhost'))).status, 404);
    });
  }

  describe(`Flask under ${name}`, { skip: whyNot || whyNotPackages('flask') }, () => {
    let server: PythonServer;
    let browser: Browser;

    before(async () => {
      server = await start({ application: 'flaskapp:application', chdir: programsFolder });
      browser = new Browser(server.url);
    });

    after(() => server?.[Symbol.asyncDispose]());

    test('a session counts in a signed cookie', async () => {
      for (const count of [1, 2, 3]) assert.deepEqual(await (await browser.ask('/count')).json(), { count });
      assert.deepEqual(await (await new Browser(server.url).ask('/count')).json(), { count: 1 });
    });

    test('an upload of 3 MB arrives whole, with its name and the other fields', async () => {
      const content = randomBytes(3 * 1024 * 1024);
      const file = new File([content], 'grüße.bin', { type: 'application/x-bin' });
      const told = await (await browser.post('/upload', { title: 'a title', file })).json();
      const { size: bytes, name: filename, type } = file;
      assert.deepEqual(told, { bytes, name: filename, sha256: sha256(content), title: 'a title', type });
    });

    test('a redirect leads home', async () => {
      const moved = await browser.ask('/moved');
      assert.deepEqual([moved.status, moved.headers.get('location')], [302, '/']);
    });

    test('an error in the middle of a stream breaks the transfer', async () => {
      await assert.rejects((await browser.ask('/broken-stream')).text());
    });

    test('an error of a view is a 500, with its trace in the log and not in the page', async () => {
      const failed = await browser.ask('/fails');
      assert.equal(failed.status, 500);
      assert.doesNotMatch(await failed.text(), /on purpose/);
      await eventually(() => assert.match(server.said(), /RuntimeError: on purpose/));
    });
  });

  describe(`Django under ${name}`, { skip: whyNot || whyNotPackages('django') }, () => {
    let site: DjangoSite;
    let server: PythonServer;

    before(async () => {
      site = await djangoSite();
      const { environment } = site;
      server = await start({
        application: 'djangoproject.wsgi_static:application',
        chdir: programsFolder,
        environment,
      });
    });

    after(async () => {
      await server?.[Symbol.asyncDispose]();
      await site?.[Symbol.asyncDispose]();
    });

    test('its admin lets in who knows the password, and nobody else', async () => {
      const browser = new Browser(server.url);
      const turnedAway = await browser.ask('/admin/');
      assert.deepEqual([turnedAway.status, turnedAway.headers.get('location')], [302, '/admin/login/?next=/admin/']);
      const logIn = async (password: string) => {
        const [, token = ''] =
          /name="csrfmiddlewaretoken" value="(\w+)"/.exec(await (await browser.ask('/admin/login/')).text()) ?? [];
        const fields = { csrfmiddlewaretoken: token, username: superuser.username, password, next: '/admin/' };
        return await browser.post('/admin/login/', fields);
      };
      assert.match(await (await logIn('wrong')).text(), /Please enter the correct username and password/);
      const entered = await logIn(superuser.password);
      assert.deepEqual([entered.status, entered.headers.get('location')], [302, '/admin/']);
      assert.match(await (await browser.ask('/admin/')).text(), /Site administration/);
      assert.match(await (await browser.ask('/admin/auth/user/')).text(), /admin@example\.org/);
      assert.equal((await browser.ask('/admin/logout/')).status, 200);
      assert.equal((await browser.ask('/admin/')).status, 302);
    });

    // Django refuses it unread, and Gunicorn closes upon the rest of the body, which can take the answer from the client.
    const resets = name === 'Gunicorn' && 'the connection may be reset';
    test('a form without its token is refused', { skip: resets }, async () => {
      const { username, password } = superuser;
      assert.equal((await new Browser(server.url).post('/admin/login/', { username, password })).status, 403);
    });

    test('the files of its admin are there', async () => {
      const browser = new Browser(server.url);
      const page = await (await browser.ask('/admin/login/')).text();
      const [, href = ''] = /href="(\/static\/admin\/css\/base\.css)"/.exec(page) ?? [];
      const style = await browser.ask(href);
      assert.deepEqual([style.status, style.headers.get('content-type')], [200, 'text/css']);
      assert.match(await style.text(), /DJANGO Admin styles/);
    });

    test('an upload of 3 MB arrives whole', async () => {
      const content = randomBytes(3 * 1024 * 1024);
      const fields = { title: 'a title', file: new File([content], 'a.bin') };
      const told = await (await new Browser(server.url).post('/upload', fields)).json();
      assert.deepEqual(told, { name: 'a.bin', bytes: content.length, sha256: sha256(content), title: 'a title' });
    });

    for (const [path, status, text] of [
      ['/', 200, /^Hello from Django\n$/],
      [
        '/hello/gr%C3%BC%C3%9Fe',
        200,
        /"hello": "gr\\u00fc\\u00dfe", "url": "http:\/\/127\.0\.0\.1:\d+\/hello\/gr%C3%BC%C3%9Fe"/,
      ],
      ['/stream', 200, /^line 0\nline 1\nline 2\n$/],
      ['/file', 200, /^"""What the pages answer\."""/],
      ['/old', 302, /^$/],
      ['/none', 404, /Not Found/],
      ['/fails', 500, /Server Error/],
    ] as const) {
      test(`${path} is a ${status}`, async () => {
        const answer = await new Browser(server.url).ask(path);
        assert.equal(answer.status, status);
        assert.match(await answer.text(), text);
      });
    }
  });
}
