/** What `node:http` costs before a server does anything: the same bytes for every request. */
import { createServer } from 'node:http';
import { announce, bodyBytes } from './announce.ts';

const body = Buffer.alloc(bodyBytes, 'x');
const fields = { 'content-type': 'text/plain', 'content-length': bodyBytes };

const server = createServer((_request, response) => {
  response.writeHead(200, fields);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => announce(server));
