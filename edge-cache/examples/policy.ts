/** A policy for a shop: administration apart, campaign links together, devices apart, images from their own servers. */
import { definePolicy, type RequestView } from '@trivet/edge-cache';

/** Three kinds of device instead of ten thousand browsers. */
function device({ header }: RequestView): 'phone' | 'tablet' | 'desktop' {
  const agent = header('user-agent') ?? '';
  if (/iPad|Android(?!.*Mobile)/.test(agent)) return 'tablet';
  return /Mobi/.test(agent) ? 'phone' : 'desktop';
}

export default definePolicy({
  receive: (request) => {
    const { path, header } = request;
    if (path.startsWith('/admin/')) return { do: 'pass', why: 'admin pages' };
    if (path === '/old') return { do: 'synth', status: 301, why: 'moved', headers: { location: '/new' } };
    if (header('user-agent')?.includes('BadBot')) return { do: 'synth', status: 403, why: 'bad bot' };
    // The application says `Vary: X-Device` where its pages differ. Without `do`, the built-in rules decide.
    return { set: { 'x-device': device(request) } };
  },

  // For the key, and for what the origin is asked.
  query: { preset: 'tracking', remove: ['ref'], sort: true },

  // For what is looked up; what passes keeps its cookies.
  cookies: { keep: ['session', 'currency'] },

  fetch: ({ path }) => {
    if (path.startsWith('/images/')) return { backend: 'images', remove: ['cookie', 'x-device'] };
    return path.startsWith('/reports/') ? { backend: 'slow' } : undefined;
  },

  admit: (response, { path }) => {
    if (response.status === 404) return { ttl: '10s', why: 'short for not found' };
    const [, article] = /^\/articles\/([\w-]+)/.exec(path) ?? [];
    if (article !== undefined) return { tags: [`article-${article}`], grace: '1m' };
    return path.startsWith('/images/') ? { ttl: '1h', grace: '1h', staleIfError: '24h', tags: ['images'] } : undefined;
  },

  deliver: () => ({ remove: ['server', 'x-powered-by'] }),

  synth: (status) => (status === 503 ? { body: '<h1>Back in a minute</h1>' } : undefined),

  backends: {
    default: { balance: 'least-connections', probe: { path: '/ready', interval: '5s', window: 8, threshold: 3 } },
    images: {
      addresses: ['http://10.0.0.1:80', 'http://10.0.0.2:80'],
      // Each image lies in the memory of one server, not of both.
      balance: 'hash',
      ejection: { maxFails: 3, failTime: '10s' },
    },
    // The same origin, asked with more patience, and not by many at a time.
    slow: { timeouts: { firstByte: '5m' }, maxConnections: 10 },
  },
});
