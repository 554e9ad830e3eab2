/** Where a process stands that is to hand over to a new one. */
export type Standing = {
  readonly pid: number;
  /** Was it started by a process that keeps a channel to it? */
  readonly hasParent: boolean;
  /** `SYSTEMD_EXEC_PID`: the process that a service manager started as a unit's. */
  readonly managedPid: string | undefined;
};

/** Why nobody could go on in its place; undefined when one can. Pure. */
export function whyNot({ pid, hasParent, managedPid }: Standing): string | undefined {
  if (pid === 1)
    return 'it is the first process of its container, which ends with it: start a second container instead';
  if (hasParent) return 'who started this process would take it for gone, and start it again: restart it there';
  if (managedPid === String(pid)) {
    return 'the service manager would end the new process with this one: restart the unit, and no connection is lost with a socket unit';
  }
  return undefined;
}
