type Environment = Readonly<Record<string, string | undefined>>;

/** Says to a process what it is given by the one that it is to follow. */
export const handedVariable = 'TRIVET_HANDED';

/** Was this process given sockets? They do not outlive an `execve` of Node.js. */
export function isGiven(env: Environment, pid: number): boolean {
  return env[handedVariable] !== undefined || (env.LISTEN_PID === String(pid) && env.LISTEN_FDS !== undefined);
}
