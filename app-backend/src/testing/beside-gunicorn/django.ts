/** Requests to a Django project that leave nothing behind, and in whose answers nothing is by chance. */
import { get, post, type Row } from './row.ts';

const upload = [
  '--cut\r\nContent-Disposition: form-data; name="title"\r\n\r\na title',
  '--cut\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/x-a\r\n\r\n\0\x01\xff',
  '--cut--\r\n',
].join('\r\n');

export const django: readonly Row[] = [
  get('/'),
  get('/').replace('GET', 'OPTIONS'),
  get('/hello/gr%C3%BC%C3%9Fe?a=b'),
  get('/stream'),
  get('/file'),
  get('/old'),
  get('/none'),
  get('/fails'),
  get('/admin'),
  get('/admin/'),
  get('/static/admin/css/base.css'),
  get('/static/none.css'),
  get('/upload'),
  post('/upload', upload, 'Content-Type: multipart/form-data; boundary=cut'),
  post('/upload', '', 'Content-Type: multipart/form-data'),
]
  .map((bytes) => bytes.replace('odd.test', '127.0.0.1'))
  .map((bytes) => ({ what: bytes.split(' HTTP')[0] ?? '', bytes }));
