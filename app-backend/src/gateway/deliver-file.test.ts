import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { RecordingOutlet, told } from '../testing/recording.ts';
import { deliverFile } from './deliver-file.ts';
import { Delivery } from './delivery.ts';
import type { FileSource } from './file-source.ts';
import { Interruption } from './interruption.ts';

const source: FileSource = {
  first: 0,
  length: 5,
  file: { read: async (buffer) => ({ bytesRead: 0, buffer }) },
};

/** Reads files itself, and stays where it was told to be. */
class FileOutlet extends RecordingOutlet {
  async file({ length = 0 }: FileSource, most: number): Promise<number> {
    this.write(Buffer.from('x'.repeat(Math.min(length, most))));
    return Math.min(length, most);
  }
}

function stand(outlet: RecordingOutlet = new FileOutlet()) {
  const interruption = new Interruption();
  const complain = () => undefined;
  const delivery = new Delivery({ method: 'GET', outlet, room: async () => undefined, complain });
  delivery.startResponse('200 OK', []);
  return { outlet, interruption, delivery };
}

test('a file goes out by an outlet that reads files', async () => {
  const { outlet, interruption, delivery } = stand();
  await deliverFile(() => source, delivery, { outlet, interruption });
  delivery.finish();
  assert.deepEqual(told(outlet.events), ['200 OK', 'block "xxxxx"', 'end']);
});

test('the blocks are asked for where there is no file, or no outlet that reads files', () => {
  const { outlet, interruption, delivery } = stand();
  assert.equal(deliverFile(undefined, delivery, { outlet, interruption }), undefined);
  const plain = stand(new RecordingOutlet());
  assert.equal(
    deliverFile(() => source, plain.delivery, plain),
    undefined,
  );
  assert.deepEqual([...outlet.events, ...plain.outlet.events], []);
});

for (const [what, find] of [
  [
    'throws',
    () => {
      throw new Error('no such file');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no such file'))],
] as const) {
  test(`who finds the file and ${what} does so before the head is out`, async () => {
    const { outlet, interruption, delivery } = stand();
    const sent = deliverFile(find, delivery, { outlet, interruption });
    await assert.rejects(async () => sent, /no such file/);
    assert.deepEqual(outlet.events, []);
  });
}

test('an exchange that is over does not wait for the file, nor send it when it is found', async () => {
  const { outlet, interruption, delivery } = stand();
  const found = Promise.withResolvers<FileSource>();
  const sent = deliverFile(() => found.promise, delivery, { outlet, interruption });
  const cause = new Fault('client-left', 'it left');
  interruption.interrupt(cause);
  await assert.rejects(async () => sent, cause);
  found.resolve(source);
  await new Promise(setImmediate);
  assert.deepEqual(outlet.events, []);
});

test('an exchange that is over does not wait for the rest of the file', async () => {
  class StuckOutlet extends RecordingOutlet {
    readonly file = () => new Promise<number>(() => undefined);
  }
  const { outlet, interruption, delivery } = stand(new StuckOutlet());
  const sent = deliverFile(() => source, delivery, { outlet, interruption });
  await new Promise(setImmediate);
  assert.deepEqual(told(outlet.events), ['200 OK']);
  const cause = new Fault('client-left', 'it left');
  interruption.interrupt(cause);
  await assert.rejects(async () => sent, cause);
});
