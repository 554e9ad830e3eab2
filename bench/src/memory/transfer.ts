/** One large body, one way or the other, that is nowhere held as a whole. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Reads the whole answer to a GET and counts its bytes. */
export async function download(url: string): Promise<number> {
  const asking = request(url, { agent: false }).end();
  const response = await answerTo(asking);
  let bytes = 0;
  for await (const piece of response) bytes += (piece as Buffer).length;
  return bytes;
}

/** Sends `bytes` bytes with a POST, as fast as they are taken; the text of the answer. */
export async function upload(url: string, bytes: number): Promise<string> {
  const fields = { 'content-type': 'application/octet-stream', 'content-length': bytes };
  const asking = request(url, { method: 'POST', headers: fields, agent: false });
  const [response] = await Promise.all([answerTo(asking), pipeline(Readable.from(pieces(bytes)), asking)]);
  return Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString();
}

async function answerTo(asking: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${asking.method} ${asking.path}: status ${response.statusCode}`);
  return response;
}

function* pieces(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let left = bytes; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
}
