/** An origin of any number of distinct objects, each of the size that its path asks for: `/object/<bytes>/<number>`. */
import { createServer } from 'node:http';
import { announce } from './announce.ts';

const largest = 16 * 1024 * 1024;
const filler = Buffer.alloc(largest, 'x');

const server = createServer((request, response) => {
  const bytes = Number(/^\/object\/(\d{1,8})\/\d+$/.exec(request.url ?? '')?.[1] ?? Number.NaN);
  if (!(bytes <= largest)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': bytes,
    'cache-control': 'max-age=86400',
  });
  response.end(filler.subarray(0, bytes));
});
server.listen(0, '127.0.0.1', () => announce(server));
