import { applicationFlags, startTuned } from '@trivet/kit/process/tune.ts';
import type { AppConfig } from './settings.ts';

startTuned(applicationFlags);
// Not before: this process may just have been replaced by one that has its memory in order.
const { runTier } = await import('@trivet/kit/process/tier.ts');
const { presets, rules, settings } = await import('./settings.ts');
const { check, forMany, start } = await import('./src/start.ts');

const { env } = process;
await runTier({
  name: 'app-backend',
  prefix: 'APP',
  table: settings,
  rules,
  presets,
  takesSeveral: true,
  check: (config) => check(config, env),
  start: (runtime) => start(runtime, env),
  forMany,
  // Python workers are looked after by the process that serves.
  preFork: { isSupervised: ({ runtime }: AppConfig) => runtime === 'node', hangGraceMs: 2_000 },
});
