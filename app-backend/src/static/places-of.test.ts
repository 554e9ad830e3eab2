import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { AppConfig } from '../../settings.ts';
import { serve } from '../testing/serving.ts';
import { placesOf } from './places-of.ts';

test('folders are those of the settings, from --chdir, and the age is in whole seconds', async () => {
  await using tree = await fileTree({ 'public/a.txt': 'a' });
  const config = {
    ...{ static: [{ prefix: '/s/', folder: 'public' }], staticMaxAge: 61_999, staticSymlinks: 'inside' },
    ...{ chdir: tree.path, mount: '/m', serverTiming: true },
  } as unknown as AppConfig;
  const places = placesOf(config);
  assert.deepEqual([places.covers('/m/s/a.txt'), places.covers('/s/a.txt')], [true, false]);
  await using server = await serve(() => assert.fail('it was asked'), { places, mount: '/m' });
  const response = await fetch(`${server.url}/m/s/a.txt`);
  assert.deepEqual([await response.text(), response.headers.get('cache-control')], ['a', 'public, max-age=61']);
});
