// A process that lets another of itself begin, as a program: what came of it is a line of JSON. What the other one does is
// in its second argument, what the first does in the environment.
import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { bind, fdOf } from '../process/bind.ts';
import { handedVariable } from '../process/hand-over/given.ts';
import { inodeOf } from '../process/hand-over/inherited.ts';
import { startSuccessor, tryOut } from '../process/hand-over/successor.ts';

const { BEGIN = '', ABORT = '', EXEC } = process.env;
const TELL = 5;
/** What is not killed by then ends by itself. */
const LONGEST_MS = 30_000;

const tell = (line: string) => writeSync(TELL, `${line}\n`);
const shown = () => {
  const { argv, execArgv, env } = process;
  const inodes = [3, 4].map(inodeOf);
  return JSON.stringify({
    args: argv.slice(2),
    execArgv,
    handed: env[handedVariable],
    tuned: env.TRIVET_TUNED,
    inodes,
  });
};

const others: Readonly<Record<string, () => unknown>> = {
  'ends well': () => undefined,
  'complains at length': () => {
    for (let i = 1; i <= 25; i++) console.error(`line ${i}`);
    process.exitCode = 3;
  },
  'is killed': () => process.kill(process.pid, 'SIGTERM'),
  hangs: () => setTimeout(() => undefined, LONGEST_MS),
  'shows itself': () => {
    if (process.argv.includes('--check')) console.error(shown());
    else tell(JSON.stringify({ trivet: 'failed', problems: [shown()], code: 4 }));
    process.exitCode = 4;
  },
  'cannot serve': () => {
    tell(JSON.stringify({ trivet: 'failed', problems: ['a is wrong', 'b is wrong'], code: 78 }));
    process.exitCode = 78;
  },
  'speaks another language': () => {
    for (const line of ['hello', 'null', '7', '{}', '{"trivet":"failed"}']) tell(line);
    process.exitCode = 1;
  },
  serves: () => {
    createServer((socket) => void socket.end('the other one')).listen({ fd: 3 }, () => {
      tell(JSON.stringify({ trivet: 'ready' }));
      closeSync(TELL);
    });
    setTimeout(() => process.exit(9), LONGEST_MS);
  },
};

async function first(): Promise<object> {
  const stop = new AbortController();
  if (ABORT === 'before') stop.abort('it was told to stop');
  if (ABORT === 'meanwhile') setTimeout(() => stop.abort('it was told to stop'), 50);
  if (EXEC !== undefined) process.execPath = EXEC;
  if (BEGIN === 'try') return await tryOut(stop.signal);
  const [listen, admin] = [createServer(), createServer()];
  for (const server of [listen, admin]) await bind(server, { kind: 'tcp', host: '127.0.0.1', port: 0 });
  const fds = { listen: fdOf(listen) ?? -1, admin: fdOf(admin) ?? -1 };
  const inodes = [inodeOf(fds.listen), inodeOf(fds.admin)];
  const { port } = listen.address() as { port: number };
  const addresses = { listen: `127.0.0.1:${port}`, admin: '127.0.0.1:2' };
  const outcome = await startSuccessor({ ...fds, owns: false, addresses }, stop.signal);
  for (const server of [listen, admin]) server.close();
  if (outcome.is === 'down') return { ...outcome, inodes, addresses };
  stop.abort('too late');
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return { ...outcome, who: await text(socket) };
}

const other = others[process.argv[2] ?? ''];
const isFirst = !process.argv.includes('--check') && process.env[handedVariable] === undefined;
if (isFirst) console.log(JSON.stringify(await first()));
else other?.();
