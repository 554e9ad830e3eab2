import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { AppConfig } from '../../../settings.ts';
import { checkPlaces, configureOf, shim } from './open-pool.ts';

test('the file that every worker runs is there', () => assert.ok(existsSync(shim)));

test('a folder of the application that is none is a problem of the user, before any Python is asked', async () => {
  await using tree = await fileTree({ file: '' });
  for (const chdir of [join(tree.path, 'file'), join(tree.path, 'nowhere')]) {
    await assert.rejects(checkPlaces({ python: '/nowhere/python', chdir }, {}), (error) => {
      return error instanceof StartProblem && error.message.includes(`APP_CHDIR: there is no folder ${chdir}`);
    });
  }
  await assert.rejects(checkPlaces({ python: '/nowhere/python', chdir: tree.path }, {}), /APP_PYTHON/);
});

const rows: readonly [text: string, workers: number, started: number, application: string, multiprocess: boolean][] = [
  ['shop.wsgi', 4, 4, 'shop.wsgi:application', true],
  ['shop.wsgi:app', 1, 1, 'shop.wsgi:app', false],
  ['shop.wsgi:app', 4, 1, 'shop.wsgi:app', true],
];

for (const [text, workers, started, application, multiprocess] of rows) {
  test(`${text} with ${workers} workers, ${started} of them here, is ${application}, multiprocess ${multiprocess}`, () => {
    const config = { application: { text }, workers, chdir: '.', threads: 3, preload: true, hooks: 'h' };
    assert.deepEqual(configureOf(config as Partial<AppConfig> as AppConfig, started), {
      ...{ application, threads: 3, workers: started, preload: true, hooks: 'h', multiprocess },
      ...{ chdir: process.cwd(), name: 'trivet' },
    });
  });
}
