import { startTuned } from '@trivet/kit/process/tune.ts';

startTuned();
// Not before: this process may just have been replaced by one that has its memory in order.
const { runTier } = await import('@trivet/kit/process/tier.ts');
const { settings } = await import('./settings.ts');
const { check, start } = await import('./src/start.ts');

await runTier({ name: 'app-backend', prefix: 'APP', table: settings, check, start });
