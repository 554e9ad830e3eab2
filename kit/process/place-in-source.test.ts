import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineIn, placeOf } from './place-in-source.ts';

for (const [problem, place] of [
  ['routes[2].headers: is an object', ['routes', 2, 'headers']],
  ['routes[0] (files): there is no "fils" (known: path)', ['routes', 0, 'fils']],
  ['upstreams.my-api: needs addresses', ['upstreams', 'my-api']],
  ['errorPages.404: "/x" is not', ['errorPages', '404']],
  ['the site: there is no "route" (known: routes)', ['route']],
  ['routes: at least one route is needed', ['routes']],
  ['a site is an object with routes', ['a']],
] as const) {
  test(`${problem} is at ${place.join('.')}`, () => assert.deepEqual(placeOf(problem), place));
}

const source = `// routes: in a comment
import { join } from 'node:path';
/* routes: [ {
 */
export default defineSite({
  rewrites: [{ pattern: /^\\/[/,\\]]a,"(b)$/, to: '/routes: [' }],
  upstreams: { 'my-api': {
    addresses: 'http://a',
  } },
  routes: [
    { path: '/a', headers: { a: '}', b: \`,
\` } },
    {
      path: '/b', // headers: {}
      files: join('a', 'b'),
      headers: {
        'x-y': 1,
      },
    },
    ...more,
    shared,
  ],
  errorPages: { 404: 'x' },
});
`;

for (const [place, line] of [
  [['routes'], 10],
  [['routes', 0, 'headers'], 11],
  [['routes', 1], 13],
  [['routes', 1, 'files'], 15],
  [['routes', 1, 'headers', 'x-y'], 17],
  [['routes', 1, 'nothing'], 13],
  [['routes', 3, 'path'], 21],
  [['routes', 9], 10],
  [['upstreams', 'my-api', 'addresses'], 8],
  [['rewrites', 0, 'to'], 6],
  [['errorPages', '404'], 23],
  [['limits', 'x'], undefined],
  [[], undefined],
] as const) {
  test(`${place.join('.')} is on line ${line}`, () => assert.equal(lineIn(source, place), line));
}

test('a list with a name of its own is found where it is written', () => {
  assert.equal(lineIn('const routes = [\n  { files: 1 },\n];\nexport default { routes };', ['routes', 0, 'files']), 2);
});
