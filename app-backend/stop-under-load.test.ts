import { test } from 'node:test';
import { stoppedUnderLoad } from '@trivet/kit/testing/stopped-under-load.ts';
import { pythonFolder } from './src/testing/python.ts';
import { appMain, helloApp, pythonEnv } from './src/testing/python-tier.ts';

const times = 2;
const local = { APP_LISTEN: '127.0.0.1:0', APP_ADMIN_LISTEN: '127.0.0.1:0' };

for (const workers of ['1', '3']) {
  test(`the app tier with workers: ${workers}, stopped under load, answers all that is asked`, async () => {
    const env = { ...local, APP_WORKERS: workers };
    for (let i = 0; i < times; i++) await stoppedUnderLoad({ program: appMain, env, target: '/script' });
  });
}

test(`so it does with an application in Python`, async () => {
  await using code = pythonFolder({ 'site_app.py': helloApp });
  const env = { ...pythonEnv(code.folder), APP_WORKERS: '2', APP_THREADS: '4' };
  for (let i = 0; i < times; i++) await stoppedUnderLoad({ program: appMain, env });
});
