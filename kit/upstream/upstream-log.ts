/** Says in the log what an upstream finds out by itself: members that come and go, names that stop to resolve. */
import type { Log } from '../process/log.ts';
import type { HealthChange, UpstreamOptions } from './options.ts';

const sentences: Readonly<Record<HealthChange['verdict'], string>> = {
  sick: 'is sick',
  healthy: 'is healthy',
  ejected: 'is asked last for a while',
  returned: 'answers again',
};

const isTrouble: ReadonlySet<string> = new Set(['sick', 'ejected', 'unresolved']);

/** The options of the upstream `name` that make it tell `log`: trouble is a warning, its end is not. */
export function tellLog(log: Log, name: string): Required<Pick<UpstreamOptions, 'onHealth' | 'onName'>> {
  const levelOf = (verdict: string) => (isTrouble.has(verdict) ? 'warn' : 'info');
  return {
    onHealth: ({ verdict, address, endpoint, why }) => {
      log[levelOf(verdict)]({ upstream: name, address, endpoint, why }, `${name} at ${endpoint} ${sentences[verdict]}`);
    },
    onName: ({ verdict, host, kept, why }) => {
      const sentence =
        verdict === 'resolved' ? 'resolves again' : `does not resolve; kept: ${kept.join(', ') || 'none'}`;
      log[levelOf(verdict)]({ upstream: name, host, why }, `the name ${host} of ${name} ${sentence}`);
    },
  };
}
