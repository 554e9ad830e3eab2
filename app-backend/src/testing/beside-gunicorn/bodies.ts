/** Bodies: how they are cut, counted, closed, and what files become. */
import { type Difference, differing, get, legal, ourFault, plainFields, type Row } from './row.ts';

const lengthKnown: Difference = {
  why: 'B.3 #9: of a list of one block the length is known, and PEP 3333 has servers set it',
  gunicorn: { framing: 'chunked' },
  ours: { framing: 'length' },
};

const lengthOfNothing: Difference = {
  why: 'a body that is over before a byte of it came has the length 0',
  gunicorn: { framing: 'chunked' },
  ours: { framing: 'length' },
};

const blockNoBytes: Difference = {
  why: 'B.3 #10: a block is looked at before the head goes out, so what is no bytes is a 500',
  gunicorn: { status: 'HTTP/1.1 200 OK', fields: plainFields, framing: 'chunked', body: '', end: 'broken' },
  ours: ourFault,
};

const laterBlockNoBytes: Difference = {
  why: 'all blocks of a list are looked at before the head goes out: they are there',
  gunicorn: { ...blockNoBytes.gunicorn, body: 'one\n' },
  ours: ourFault,
};

const position: Difference = {
  why: 'a file is sent from where it stands (PEP 3333); Gunicorn 20 sends it from its beginning',
  gunicorn: { body: /^01234/ },
  ours: { body: /^56789/ },
};

const lengthOfFile: Difference = {
  why: 'the length of a file is known',
  gunicorn: { framing: 'chunked' },
  ours: { framing: 'length' },
};

const headWithBody: Difference = {
  why: 'an answer to HEAD has no body, and neither has a 204 or a 304; Gunicorn 20 sends what comes (RFC 9110 §9.3.2)',
  gunicorn: { body: /^./ },
  ours: { body: '' },
};

const head = (target: string) => get(target).replace('GET', 'HEAD');

export const bodies: readonly Row[] = [
  ...legal([
    ...['/plain', '/two-blocks', '/late-start', '/empty-blocks', '/zero-length', '/many-blocks', '/large-block'],
    ...['/by-item', '/write', '/write-only', '/write-late'],
  ]),
  ...differing(lengthKnown, ['/one-block']),
  ...differing(lengthOfNothing, ['/only-empty', '/no-blocks']),
  ...legal(['/204', '/304']),
  ...differing(headWithBody, ['/204-with-body', '/304-with-body']),
  ...['/plain', '/late-start', '/file'].map((target) => ({
    what: `HEAD ${target}`,
    bytes: head(target),
    differs: headWithBody,
  })),
  ...differing(blockNoBytes, ['/returns-text', '/block-text', '/block-none', '/block-number', '/block-text-generated']),
  ...differing(laterBlockNoBytes, ['/block-text-later']),
  ...differing(blockNoBytes, ['/returns-bytes', '/block-bytearray', '/block-memoryview']),
  ...['/returns-none', '/returns-number'].map((target) => ({ what: target, bytes: get(target) })),
  ...['/short', '/long', '/long-block'].map((target) => ({ what: target, bytes: get(target) })),
  ...legal(['/file', '/file-memory', '/file-iterated']),
  ...differing(position, ['/file-position', '/file-part']),
  ...differing(lengthOfFile, ['/file-no-length']),
  ...legal(['/file-closes', '/closes', '/close', '/closes']),
];
