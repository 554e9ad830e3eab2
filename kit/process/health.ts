// The health check of the images: `node kit/process/health.ts URL` ends with 0 when the URL answers 200.
import { request } from 'node:http';

const [url = '--help'] = process.argv.slice(2);

function check(): void {
  const asking = request(url, { timeout: 2_000 }, (response) => {
    process.exitCode = response.statusCode === 200 ? 0 : 1;
    response.resume();
  });
  asking.on('timeout', () => asking.destroy(new Error(`${url} did not answer in 2s`)));
  asking.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  asking.end();
}

if (url === '--help') process.stdout.write('usage: node kit/process/health.ts URL\n');
else check();
