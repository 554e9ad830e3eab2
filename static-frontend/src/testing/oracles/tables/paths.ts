import { get, type NotAsked, type Row, type Table } from '../row.ts';

const whole = (body: string) => ({ status: 200, body }) as const;
const own404 = { status: 404, body: '<p>own page' } as const;
const refused = { status: 400 } as const;

type More = Pick<Row, 'nginx' | 'apache'>;

const row = (number: number, target: string, ours: Row['ours'], more: More = {}): Row => ({
  ...{ of: `A.2 #${number}`, what: JSON.stringify(target).slice(1, 60), bytes: get(target), ours },
  ...more,
});

const encodedSlash = { ...whole('f'), why: 'nginx reads %2F as a slash, which others behind it may not' };
const apacheSlash = { status: 404, why: 'Apache finds nothing behind %2F rather than to refuse it' } as const;
const literal = { status: 404, why: 'a name of any bytes; the front takes UTF-8 alone' } as const;
const hides = (body: string) => ({ ...whole(body), why: 'hides nothing' });
const long = `/${'x'.repeat(300)}`;
const asProxied = (number: number, target: string, ours: Row['ours'], more: More = {}) =>
  row(number, target, ours, more);
const gone = { status: 410 } as const;
const app = (target: string) => whole(`GET ${target}`);
const noProxy: NotAsked = { notAsked: 'passes on what it has decoded and cleaned unless it is told every detail' };

const rows: readonly Row[] = [
  row(1, '/%66.txt', whole('f')),
  row(1, '/%66%2Etxt?%66', whole('f')),
  row(1, '/a%20b.txt', whole('blank')),
  row(1, '/50%25.txt', whole('percent')),
  row(1, '/q%3F.txt', whole('question')),
  row(2, '/%2566.txt', own404),
  row(2, '/%252e%252e/secret.txt', own404),
  row(3, '/../secret.txt', refused),
  row(3, '/sub/../../secret.txt', refused),
  row(3, '/%2e%2e/secret.txt', refused),
  row(3, '/..', refused),
  row(3, '/.%2e/secret.txt', refused),
  row(4, '/sub/%2e%2e/f.txt', whole('f')),
  row(4, '/sub/../f.txt', whole('f')),
  row(4, '/./f.txt', whole('f')),
  row(4, '/%2e/f.txt', whole('f')),
  row(4, '/sub/.', whole('<p>sub')),
  row(4, '/sub/..', whole('<p>front page')),
  row(4, '/none/../f.txt', whole('f')),
  row(5, '/sub/..%2ff.txt', own404, { nginx: encodedSlash }),
  row(5, '/sub%2f..%2ff.txt', own404, { nginx: encodedSlash }),
  row(5, '/sub%2Ff.txt', own404, { nginx: { ...encodedSlash, body: 'sub f' } }),
  row(5, '/%2F', own404, { nginx: { ...encodedSlash, body: '<p>front page' } }),
  row(6, '/sub/..%2f../secret.txt', refused, { apache: apacheSlash }),
  row(6, '/..%2fsecret.txt', refused, { apache: apacheSlash }),
  row(7, '/back%5cslash.txt', own404, {
    nginx: { ...whole('back'), why: 'a character as any other; to other systems it is a separator' },
    apache: { ...whole('back'), why: 'a character as any other; to other systems it is a separator' },
  }),
  row(7, '/back\\slash.txt', own404, {
    nginx: { ...whole('back'), why: 'a character as any other' },
    apache: { ...whole('back'), why: 'a character as any other' },
  }),
  row(7, '/sub/..%5c..%5csecret.txt', own404),
  row(8, '/f.txt%00', refused, { apache: { status: 404, why: 'Apache finds nothing of the name' } }),
  row(8, '/f.txt%00.html', refused, { apache: { status: 404, why: 'Apache finds nothing of the name' } }),
  row(9, '/f.txt%', refused),
  row(9, '/f.txt%zz', refused),
  row(9, '/f.txt%2', refused),
  row(9, '/%u002e', refused),
  row(9, '/f.txt?%zz', whole('f')),
  row(10, '//f.txt', whole('f')),
  row(10, '/sub//index.html', whole('<p>sub')),
  row(10, '///sub///', whole('<p>sub')),
  row(11, '/.env', own404, { nginx: hides('PASSWORD=1'), apache: hides('PASSWORD=1') }),
  row(11, '/.git/config', own404, { nginx: hides('[core]'), apache: hides('[core]') }),
  row(11, '/%2eenv', own404, { nginx: hides('PASSWORD=1'), apache: hides('PASSWORD=1') }),
  row(11, '//.env', own404, { nginx: hides('PASSWORD=1'), apache: hides('PASSWORD=1') }),
  row(12, '/outside.txt', own404, {
    nginx: { ...whole('secret'), why: 'follows links wherever they lead' },
    apache: { ...whole('secret'), why: 'follows links wherever they lead' },
  }),
  row(13, '/f.txt/', own404),
  row(13, '/f.txt/x', own404),
  row(14, '/%c3%a9.txt', whole('e acute')),
  row(14, '/%C3%A9.txt', whole('e acute')),
  row(15, '/\xc3\xa9.txt', refused, {
    nginx: { ...whole('e acute'), why: 'takes any byte; a target is ASCII, RFC 3986 §2' },
    apache: { ...whole('e acute'), why: 'takes any byte; a target is ASCII, RFC 3986 §2' },
  }),
  row(16, '/%c0%ae%c0%ae/secret.txt', refused, { nginx: literal, apache: literal }),
  row(16, '/%c0%af', refused, { nginx: literal, apache: literal }),
  row(16, '/%ff.txt', refused, { nginx: literal, apache: literal }),
  row(16, '/%ed%a0%80', refused, { nginx: literal, apache: literal }),
  row(17, '/f.txt#x', refused, {
    nginx: { ...whole('f'), why: 'cuts the fragment, which no target has: RFC 9112 §3.2' },
  }),
  row(17, '/f.txt%23x', own404),
  row(18, '/f.txt%0d%0aX:1', { ...refused, fields: { X: null } }, { nginx: literal, apache: literal }),
  row(18, '/sub%0d%0aX:1', { ...refused, fields: { X: null } }, { nginx: literal, apache: literal }),
  row(18, '/f.txt%7f', refused, { nginx: literal, apache: literal }),
  row(19, long, own404, { apache: { status: 403, why: 'Apache may not look at what the system refuses to name' } }),
  row(20, 'http://other/f.txt', whole('f')),
  row(20, 'HTTP://other:81/f.txt?x', whole('f')),
  row(20, 'http://other', whole('<p>front page')),
  row(20, 'http://other/../secret.txt', refused),
  row(20, 'http://a/b@other/f.txt', own404),
  row(20, 'http://user@other/f.txt', refused, {}),
  row(5, '/gone%2fx', gone, { apache: { status: 404, why: 'refuses %2F before it looks at rules' } }),
  row(1, '/%67one/x', gone),
  row(10, '//gone//x', gone),
  row(4, '/sub/../gone/x', gone),
  row(4, '/gone/../sub/../gone/./x', gone),
  row(8, '/gone/x%00', refused, { apache: { status: 404, why: 'Apache finds nothing of the name' } }),
  row(21, '*', refused),
  row(21, 'f.txt', refused),
  row(21, '?f.txt', refused, { apache: { ...whole('<p>front page'), why: 'Apache reads what is missing as the top' } }),
  asProxied(5, '/api/a%2Fb', app('/api/a%2Fb'), { apache: noProxy }),
  asProxied(1, '/api/%66?%66', app('/api/%66?%66')),
  asProxied(10, '/api//a///b', app('/api//a///b'), { apache: noProxy }),
  asProxied(7, '/api/a%5Cb', app('/api/a%5Cb')),
  asProxied(4, '/api/a/../b', app('/api/a/../b'), { apache: noProxy }),
  asProxied(4, '/api/../f.txt', whole('f')),
  asProxied(4, '/sub/../api/x', app('/sub/../api/x'), { apache: noProxy }),
  asProxied(4, '/%61pi/x', app('/%61pi/x'), { apache: noProxy }),
  asProxied(3, '/api/../../x', refused),
  asProxied(6, '/api/..%2f..%2f..%2fx', refused, { apache: noProxy }),
  asProxied(8, '/api/%00', refused, { apache: noProxy }),
  asProxied(16, '/api/%c0%af', refused, {
    nginx: { ...app('/api/%c0%af'), why: 'passes on any bytes' },
    apache: { ...app('/api/%c0%af'), why: 'passes on any bytes' },
  }),
  asProxied(18, '/api/x%0d%0aX:1', refused, {
    nginx: { ...app('/api/x%0d%0aX:1'), why: 'passes on what it was given' },
    apache: { ...app('/api/x%0d%0aX:1'), why: 'passes on what it was given' },
  }),
  asProxied(9, '/api/%zz', refused),
  asProxied(20, 'http://other/api/x', app('/api/x')),
  asProxied(11, '/api/.env', app('/api/.env')),
];

export const paths: Table = { about: 'paths', rows };
