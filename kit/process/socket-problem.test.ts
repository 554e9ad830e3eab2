import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileTree } from '../testing/file-tree.ts';
import { socketProblem } from './socket-problem.ts';

/** Nobody withholds a folder from root. */
const skip = process.getuid?.() === 0 && 'this user may go everywhere';

describe('why a socket cannot be made', () => {
  for (const [what, path, why] of [
    ['a folder that is missing', 'gone/deeper/s', (at: string) => `there is no folder ${at}/gone`],
    ['a file for a folder', 'file/deeper/s', (at: string) => `${at}/file is no folder`],
    ['a file in its place', 'file', () => 'what is there is a regular file and no socket; it is left alone'],
    ['a folder in its place', 'folder', () => 'what is there is a folder and no socket; it is left alone'],
    ['a link in its place', 'link', () => 'what is there is something else and no socket; it is left alone'],
    ['nothing in its place', 'folder/s', () => undefined],
  ] as const) {
    test(`${what}: it is the outermost thing that is wrong`, async () => {
      await using tree = await fileTree({ file: '' });
      await mkdir(join(tree.path, 'folder'));
      await symlink('gone', join(tree.path, 'link'));
      assert.equal(socketProblem(join(tree.path, path)), why(tree.path));
    });
  }

  test('a socket in its place: nothing is wrong', async () => {
    await using tree = await fileTree({ file: '' });
    await using server = createServer().listen(join(tree.path, 's'));
    await once(server, 'listening');
    assert.equal(socketProblem(join(tree.path, 's')), undefined);
  });

  for (const [mode, path, why] of [
    [0o600, 'shut/in/s', (at: string) => `this user may not go through the folder ${at}/shut (it lacks x)`],
    [0o500, 'shut/s', (at: string) => `this user may not make a file in the folder ${at}/shut (it lacks w)`],
  ] as const) {
    test(`a folder of mode ${mode.toString(8)}: what the user lacks there`, { skip }, async () => {
      await using tree = await fileTree({ 'shut/in/file': '' });
      const shut = join(tree.path, 'shut');
      await writeFile(join(shut, 'other'), '');
      await chmod(shut, mode);
      try {
        assert.equal(socketProblem(join(tree.path, path)), why(tree.path));
      } finally {
        await chmod(shut, 0o700);
      }
    });
  }
});
