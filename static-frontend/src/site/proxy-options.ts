/** How requests go to an upstream, and its answers back. */

export type ProxyOptions = {
  /** What stands in place of the route's `path` in the raw target: `{ path: '/api/', proxy: 'api', to: '/' }`. */
  readonly to?: string;
  /** Of answers: `on` (default) takes up to 64 KB off the app's hands for slow clients, never from event streams; `off` none. */
  readonly buffering?: 'on' | 'off';
  /** `full` (default): the app is asked once the body is here, so that no slow client holds it; `stream`: at once. */
  readonly requestBuffering?: 'full' | 'stream';
  /** `64KB`, `1GB`; FRONT_BODY_LIMIT by default. */
  readonly bodyLimit?: string;
  /** Statuses of the app for which this tier's error pages stand in: `[502, 503]`. */
  readonly intercept?: readonly number[];
  /** What `Location` and `Refresh` begin with, and what they are to begin with: `{ 'http://app:8000/': '/' }`. */
  readonly location?: Readonly<Record<string, string>>;
  /** Replaces `Domain` and `Path` of the app's cookies. */
  readonly cookies?: {
    readonly domain?: Readonly<Record<string, string>>;
    readonly path?: Readonly<Record<string, string>>;
  };
  /** Compresses text answers for clients that take it; FRONT_COMPRESS by default. */
  readonly compress?: boolean;
};
