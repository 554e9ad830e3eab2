/** The files and the rules that all servers are run over. */
import { gzipSync } from 'node:zlib';
import type { Site } from '../../define-site.ts';

export const site: Site = {
  routes: [
    { path: '/old/', redirect: '/new/', status: 308 },
    { path: '/away/', redirect: '/', status: 308 },
    { path: '/gone/', returns: 410 },
    { path: '/drop/', returns: 444 },
    { path: '/list/', files: '.', listing: true },
    { path: '/json/', files: '.', listing: true },
    { path: '/spa/', files: '.', otherwise: { file: 'spa/index.html' } },
    { path: '/try/', files: '.', try: ['{path}', '{path}.html'] },
    { path: '/app/', files: '.', otherwise: { proxy: 'app' } },
    { path: '/stamped/', files: '.', headers: { 'X-Stamp': 'front', 'Cache-Control': 'public, max-age=60' } },
    { path: '/api/', proxy: 'app' },
    { path: '/', files: '.' },
  ],
  errorPages: { 404: 'errors/404.html' },
};

/** 100 bytes, each ten of which begin with their number. */
export const hundred = Array.from({ length: 10 }, (_, i) => `${i}abcdefghi`).join('');

/** Long enough for what is compressed to be shorter. */
export const story = 'once upon a time '.repeat(100);

/** What all files but those of other times were last changed at; `fileTree` makes them so. */
export const lastModified = 'Fri, 02 Jan 2026 03:04:05 GMT';
export const secondBefore = 'Fri, 02 Jan 2026 03:04:04 GMT';
export const secondAfter = 'Fri, 02 Jan 2026 03:04:06 GMT';

/** How long `huge.bin` is made: beyond what 32 bits count. */
export const huge = 5 * 1024 ** 3;

/** Below the root `www`; beside it lies what no path may lead to. */
export const files = {
  'secret.txt': 'secret',
  'www/f.txt': 'f',
  'www/100.bin': hundred,
  'www/empty.txt': '',
  'www/huge.bin': '',
  'www/index.html': '<p>front page',
  'www/sub/index.html': '<p>sub',
  'www/sub/f.txt': 'sub f',
  'www/ä b/index.html': '<p>blank',
  'www/bare/f.txt': 'in a folder without index',
  'www/é.txt': 'e acute',
  'www/back\\slash.txt': 'back',
  'www/a b.txt': 'blank',
  'www/50%.txt': 'percent',
  'www/q?.txt': 'question',
  'www/.env': 'PASSWORD=1',
  'www/.git/config': '[core]',
  'www/sub/.hidden/f.txt': 'hidden',
  'www/.well-known/security.txt': 'Contact: x',
  'www/.well-known/.env': 'PASSWORD=2',
  'www/inside.txt': { link: 'f.txt' },
  'www/way.txt': { link: '.env' },
  'www/outside.txt': { link: '../secret.txt' },
  'www/around': { link: '../www/sub' },
  'www/dangling.txt': { link: 'nowhere' },
  'www/circle': { link: 'circle' },
  'www/story.txt': story,
  'www/story.txt.gz': gzipSync(story),
  'www/only-gzip.txt.gz': gzipSync(story),
  'www/style.css': 'p{}',
  'www/app.3f9a2b1c.js': '1',
  'www/report-20240101.csv': 'a,b',
  'www/picture.png': 'png',
  'www/noextension': 'bytes',
  'www/errors/404.html': '<p>own page',
  'www/list/b.txt': 'b',
  'www/list/a<b.txt': 'a',
  'www/list/.hidden': 'h',
  'www/list/deeper/f.txt': 'd',
  'www/json/b.txt': 'b',
  'www/spa/index.html': '<p>the application',
  'www/spa/main.css': 'm{}',
  'www/try/about.html': '<p>about',
  'www/app/f.txt': 'a file beside the app',
  'www/stamped/f.txt': 'stamped',
} as const;

/** What the peers are told about names; the front has a table of its own that must say the same. */
export const types = [
  { type: 'text/html', extensions: ['html'] },
  { type: 'text/plain', extensions: ['txt'] },
  { type: 'text/css', extensions: ['css'] },
  { type: 'text/javascript', extensions: ['js'] },
  { type: 'text/csv', extensions: ['csv'] },
  { type: 'image/png', extensions: ['png'] },
] as const;
