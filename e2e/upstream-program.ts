// A small upstream in a process of its own, for cases that kill it: PORT HOST; port 0 is any, and which one it is is said.
import { createServer } from 'node:http';

const [port = '0', host = '127.0.0.1'] = process.argv.slice(2);

const server = createServer((_message, response) => {
  // A moment, so that there are always requests under way when this process dies.
  setTimeout(() => {
    const fields = { 'content-type': 'text/plain', 'cache-control': 'no-store', 'x-pid': String(process.pid) };
    response.writeHead(200, fields).end('an answer');
  }, 2);
});
server.listen(Number(port), host, () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.(address?.port);
});
process.once('disconnect', () => process.exit(0));
