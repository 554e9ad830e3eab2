import { test } from 'node:test';
import { interplay } from '../testing/interplay-run.ts';

test('[case 41] [case 72] whatever goes on at the same time, every answer is whole and right, and nothing is left behind', async () => {
  await interplay(1, 1500);
});
