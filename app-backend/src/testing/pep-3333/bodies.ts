// PEP 3333, "Handling the Content-Length Header", "Buffering and Streaming", "The write() Callable"; RFC 9110 §6.4.1.
import { fault, ok, one, type Plan, playing, type Row } from './plan.ts';

const typed = ['Content-Type', 'text/plain'];
const sized = (length: number) => [one('200 OK', [typed, ['Content-Length', String(length)]])];
const shapes = ['list', 'blocks', 'generator', 'file'] as const;
const lazy = ['blocks', 'generator', 'file'] as const;
const legal = { isLegal: true } as const;
const broken = (body: string) => ({ status: 'HTTP/1.1 200 OK', body, end: 'broken' }) as const;
const head = { method: 'HEAD' };
const empty = { body: '', end: 'whole' } as const;

const each = <T>(things: readonly T[], row: (thing: T) => Row | readonly Row[]): Row[] => things.flatMap(row);

const whole: readonly Row[] = [
  ...each(shapes, (as) => [
    playing(`${as}: one block`, { as, blocks: ['hello'] }, ok('hello'), legal),
    playing(`${as}: several`, { as, blocks: ['a', '', 'bc', ''] }, ok('abc'), legal),
    playing(`${as}: none`, { as, blocks: [] }, { ...ok(''), framing: 'length' }, legal),
    playing(
      `${as}: its Content-Length`,
      { as, starts: sized(3), blocks: ['a', 'bc'] },
      { ...ok('abc'), framing: 'length' },
      legal,
    ),
    playing(`${as}: more than its Content-Length`, { as, starts: sized(2), blocks: ['a', 'bc', 'd'] }, ok('ab')),
    playing(`${as}: something, and Content-Length 0`, { as, starts: sized(0), blocks: ['a'] }, ok('')),
    playing(
      `${as}: large blocks`,
      { as: 'blocks', blocks: ['x'.repeat(4000), 'y'.repeat(4000)] },
      ok('x'.repeat(4000) + 'y'.repeat(4000)),
    ),
    playing(`${as}: to HTTP/1.0`, { as, blocks: ['a', 'b'] }, ok('ab'), { version: 'HTTP/1.0' }),
  ]),
  ...each(['list'] as const, (as) => [
    playing('the length of a list is known', { as, blocks: ['ab', 'c'] }, { framing: 'length' }),
    playing('a list of less than its Content-Length', { as, starts: sized(9), blocks: ['a', 'bc'] }, fault),
    playing('a list that becomes text', { as, blocks: ['a', ['b']] }, fault),
  ]),
  ...each(lazy, (as) => [
    playing(`${as}: of no known length`, { as, blocks: ['ab', 'c'] }, { ...ok('abc'), framing: 'chunked' }),
    playing(`${as}: less than its Content-Length`, { as, starts: sized(9), blocks: ['a', 'bc'] }, broken('abc')),
    playing(`${as}: nothing, and a Content-Length`, { as, starts: sized(9), blocks: [] }, fault),
  ]),
];

const wrong: readonly Row[] = [
  ...each(['text', 5, null, {}, ['x']], (block) => {
    const shown = JSON.stringify(block);
    return [
      playing(`a list of ${shown}`, { as: 'list', blocks: [[block]] }, fault),
      playing(`blocks of ${shown}`, { as: 'blocks', blocks: [[block]] }, fault),
      playing(`${shown} behind a block`, { as: 'blocks', blocks: ['a', [block]] }, broken('a')),
      playing(`${shown} written`, { writes: [[block]] }, fault),
    ];
  }),
  ...each(['text', 5, null, false], (body) =>
    playing(`the body ${JSON.stringify(body)}`, { as: 'itself', blocks: [[body]] }, fault),
  ),
  playing('bare bytes', { as: 'itself', blocks: ['hello'] }, fault),
];

const failing: readonly Row[] = [
  playing('a failure at once', { fails: 'at once' }, fault),
  playing('a failure behind start_response', { fails: 'once started' }, fault),
  ...each(['blocks', 'generator'] as const, (as) => [
    playing(`${as}: a failure before a block`, { as, blocks: [], fails: 'at the end' }, fault),
    playing(`${as}: a failure behind an empty block`, { as, blocks: ['', ''], fails: 'at the end' }, fault),
    playing(`${as}: a failure behind a block`, { as, blocks: ['a'], fails: 'at the end' }, broken('a')),
    playing(
      `${as}: a failure behind the last byte`,
      { as, starts: sized(1), blocks: ['a'], fails: 'at the end' },
      { body: 'a' },
    ),
  ]),
  playing('a failure in close', { as: 'blocks', blocks: ['a', 'b'], fails: 'in close' }, ok('ab')),
  playing('a failure in close of a file', { as: 'file', blocks: ['a', 'b'], fails: 'in close' }, ok('ab')),
  playing('a failure in close behind nothing', { as: 'blocks', blocks: [], fails: 'in close' }, ok('')),
];

const written: readonly Row[] = [
  playing('write() alone', { writes: ['a', 'b'] }, ok('ab'), legal),
  playing('write() before a list', { writes: ['a', ''], blocks: ['b', 'c'] }, ok('abc'), legal),
  playing('write() before blocks', { as: 'blocks', writes: ['a'], blocks: ['b', 'c'] }, ok('abc'), legal),
  playing('write() before a file', { as: 'file', writes: ['a'], blocks: ['bc'] }, ok('abc'), legal),
  playing(
    'write() of what Content-Length says',
    { starts: sized(2), writes: ['ab'] },
    { ...ok('ab'), framing: 'length' },
    legal,
  ),
  playing('write() of less than Content-Length', { starts: sized(3), writes: ['ab'] }, broken('ab')),
  playing('write() of nothing, and a Content-Length', { starts: sized(3), writes: [''] }, broken('')),
  playing(
    'write() beyond Content-Length',
    { starts: sized(1), writes: ['ab'] },
    { status: 'HTTP/1.1 200 OK', body: 'a' },
  ),
  playing('a failure behind write()', { writes: ['a'], as: 'blocks', fails: 'at the end' }, broken('a')),
  playing(
    'a second start_response behind write()',
    { as: 'generator', writes: ['a'], fails: 'at the end' },
    broken('a'),
  ),
];

const bodiless = (status: string, plan: Plan) => ({ ...plan, starts: [one(status, [['Content-Length', '5']])] });

const without: readonly Row[] = [
  ...each(shapes, (as) => [
    playing(`${as}: HEAD`, { as, blocks: ['a', 'b'] }, { status: 'HTTP/1.1 200 OK', ...empty }, head),
    playing(
      `${as}: HEAD with a Content-Length`,
      { as, starts: sized(5), blocks: [] },
      { ...empty, framing: 'length' },
      head,
    ),
    playing(
      `${as}: 204`,
      { as, ...bodiless('204 No Content', { blocks: [] }) },
      { ...empty, fields: [], framing: 'close' },
    ),
    playing(
      `${as}: 204 with a body`,
      { as, ...bodiless('204 No Content', { blocks: ['a', 'b'] }) },
      { ...empty, framing: 'close' },
    ),
    playing(`${as}: 304`, { as, ...bodiless('304 Not Modified', { blocks: [] }) }, { ...empty, framing: 'length' }),
    playing(
      `${as}: 304 with a body`,
      { as, ...bodiless('304 Not Modified', { blocks: ['a', 'b'] }) },
      { ...empty, framing: 'length' },
    ),
  ]),
  playing('a list: HEAD says the length of GET', { blocks: ['a', 'b'] }, { ...empty, framing: 'length' }, head),
  playing('write() to HEAD', { writes: ['a'], blocks: ['b'] }, { status: 'HTTP/1.1 200 OK', ...empty }, head),
];

export const bodies: readonly Row[] = [...whole, ...wrong, ...failing, ...written, ...without];
