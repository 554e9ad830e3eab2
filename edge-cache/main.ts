import { runTier } from '@trivet/kit/process/tier.ts';
import { settings } from './settings.ts';
import { start } from './src/start.ts';

await runTier({ name: 'edge-cache', prefix: 'EDGE', table: settings, start });
