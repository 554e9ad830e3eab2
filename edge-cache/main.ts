import { startTuned } from '@trivet/kit/process/tune.ts';
import type { forMany } from './src/many/for-many.ts';

startTuned();
// Not before: this process may just have been replaced by one that has its memory in order.
const { runTier } = await import('@trivet/kit/process/tier.ts');
const { settings } = await import('./settings.ts');
const { check, start } = await import('./src/start.ts');

// A process that serves alone need not hold it in memory.
const lazily = async (parts: Parameters<typeof forMany>[0]) => {
  return (await import('./src/many/for-many.ts')).forMany(parts);
};

await runTier({ name: 'edge-cache', prefix: 'EDGE', table: settings, check, start, forMany: lazily });
