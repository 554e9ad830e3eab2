import { runTier } from '@trivet/kit/process/tier.ts';
import { settings } from './settings.ts';
import { start } from './src/start.ts';

await runTier({ name: 'app-backend', prefix: 'APP', table: settings, start });
