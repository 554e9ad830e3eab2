/** What requests to upstreams share, for tests; a folder for large bodies is made when there is one. */
import { tmpdir } from 'node:os';
import { TempFolder } from '@trivet/kit/http1/body/temp-folder.ts';
import { bodiesPrefix, Proxying, type ProxyingConfig } from '../proxy/proxying.ts';

const config: ProxyingConfig = {
  bodyLimit: 1024 * 1024,
  bodyMemory: 64 * 1024,
  bodiesMemory: 1024 * 1024,
  bodiesDisk: 1024 * 1024 * 1024,
  tempDir: '',
  compress: true,
};

export function testProxying(over: Partial<ProxyingConfig> = {}): Proxying {
  const given = { ...config, ...over };
  return new Proxying(given, new TempFolder(given.tempDir === '' ? tmpdir() : given.tempDir, bodiesPrefix));
}
