/** Requests to a Flask application. */
import { get, post, type Row } from './row.ts';

const upload = [
  '--cut\r\nContent-Disposition: form-data; name="title"\r\n\r\ngr\xc3\xbc\xc3\x9fe',
  '--cut\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/x-a\r\n\r\n\0\x01\xff',
  '--cut--\r\n',
].join('\r\n');
const json = 'Content-Type: application/json';

export const flask: readonly Row[] = [
  get('/'),
  get('/').replace('GET', 'HEAD'),
  get('/').replace('GET', 'OPTIONS'),
  get('/').replace('GET', 'DELETE'),
  get('/hello/you'),
  get('/hello/gr%C3%BC%C3%9Fe'),
  get('/hello/a%2Fb'),
  post('/json', '{"a":[1,2,"\xc3\xa9"]}', json),
  post('/json', '{', json),
  post('/json', '{}'),
  post('/form', 'a=1&b=%C3%A9&a=2', 'Content-Type: application/x-www-form-urlencoded'),
  post('/upload', upload, 'Content-Type: multipart/form-data; boundary=cut'),
  post('/upload', upload.slice(0, 40), 'Content-Type: multipart/form-data; boundary=cut'),
  post('/raw', 'x'.repeat(100_000)),
  get('/stream?lines=1000'),
  get('/broken-stream'),
  get('/cookies', 'Cookie: a=1; b="2"'),
  get('/moved'),
  get('/with-slash'),
  get('/teapot'),
  get('/fails'),
  get('/nothing'),
  get('/file'),
  get('/file').replace('GET', 'HEAD'),
  get('/file', 'Range: bytes=3-9'),
  get('/file', 'Range: bytes=1000000-'),
  get('/none'),
  'POST /raw HTTP/1.1\r\nHost: odd.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
].map((bytes) => ({ what: `${bytes.split(' HTTP')[0]} ${bytes.length}`, bytes }));
