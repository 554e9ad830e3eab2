import { startTuned } from '@trivet/kit/process/tune.ts';

startTuned();
// Not before: this process may just have been replaced by one that has its memory in order.
const { runTier } = await import('@trivet/kit/process/tier.ts');
const { settings } = await import('./settings.ts');
const { check, start } = await import('./src/start.ts');
const { forMany } = await import('./src/many/for-many.ts');

await runTier({ name: 'edge-cache', prefix: 'EDGE', table: settings, check, start, forMany });
