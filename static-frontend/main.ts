import { startTuned } from '@trivet/kit/process/tune.ts';

startTuned();
// Not before: this process may just have been replaced by one that has its memory in order.
const { runTier } = await import('@trivet/kit/process/tier.ts');
const { settings } = await import('./settings.ts');
const { daemonRules } = await import('./src/daemon/settings.ts');
const { check, forMany, start } = await import('./src/start.ts');

const { env } = process;
await runTier({
  name: 'static-frontend',
  prefix: 'FRONT',
  table: settings,
  rules: daemonRules(env),
  check,
  start: (runtime) => start(runtime, env),
  forMany: (many) => forMany(many, env),
});
