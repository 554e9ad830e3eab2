/** What others pass, as data. The suite ships their results for its own version; the later version was asked elsewhere. */

/** The results that the later version of the suite published with its commit b55b8bd, 2026-07-20; `passed/of`. */
type Published = { readonly version: string; readonly required: string; readonly optimal: string };

type Later = {
  readonly published?: Published;
  /** Required tests passed of 160, dependencies honoured, when Trivet's goals were set. */
  readonly measured: number;
};

/** `file` is that of the suite's own results. */
export type KnownPeer = { readonly name: string; readonly file: string; readonly later?: Later };

export const knownPeers: readonly KnownPeer[] = [
  {
    name: 'Traffic Server',
    file: 'trafficserver.json',
    later: { published: { version: '9.2.5', required: '136/157', optimal: '74/104' }, measured: 134 },
  },
  { name: 'Apache httpd', file: 'apache.json', later: { measured: 131 } },
  {
    name: 'Squid',
    file: 'squid.json',
    later: { published: { version: '6.13', required: '138/157', optimal: '59/102' }, measured: 121 },
  },
  {
    name: 'Varnish',
    file: 'varnish.json',
    later: { published: { version: '7.7.3', required: '138/157', optimal: '49/97' }, measured: 119 },
  },
  {
    name: 'nginx',
    file: 'nginx.json',
    later: { published: { version: '1.28.0', required: '115/155', optimal: '66/103' }, measured: 100 },
  },
  { name: 'nuster', file: 'nuster.json' },
  { name: 'Fastly', file: 'fastly.json' },
];
