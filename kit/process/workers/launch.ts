/** The processes of workers: forked with the flags and the arguments of this one. */
import { type ChildProcess, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { homedir } from 'node:os';
import { nodeFlags, tunedEnvironment } from '../tune.ts';
import { type Post, postVariable, writePost } from './post.ts';
import { rescueStranded } from './stranded.ts';

type More = Readonly<Record<string, string>>;

/** Where a process that is supervised finds the first listening socket; of others, the numbers behind it. */
export const socketFd = 4;

/** Of one that is handed connections by this process; `hasOthers`: is there another one that takes them? */
export function launchInCluster(post: Post, env: More, hasOthers: () => boolean): ChildProcess {
  const worker = cluster.fork({ ...env, [postVariable]: writePost(post) });
  rescueStranded(worker, hasOthers);
  // Whoever has the process hears it, too.
  worker.on('error', () => undefined);
  return worker.process;
}

/** Of one that accepts connections itself, on the sockets that have these numbers here; `env` is all of its environment. */
export function launchOnSockets(post: Post, env: NodeJS.ProcessEnv, fds: readonly number[]): ChildProcess {
  const { argv, execArgv } = process;
  const [, program = '', ...args] = argv;
  return fork(program, args, {
    // This process may not be tuned: one that was given its socket is not.
    execArgv: [...nodeFlags.filter((flag) => !execArgv.includes(flag)), ...execArgv],
    env: {
      ...tunedEnvironment(env, homedir()),
      [postVariable]: writePost({ ...post, fd: socketFd, isSupervised: true }),
    },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc', ...fds],
  });
}
