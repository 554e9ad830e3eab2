/** What the options of a route mean, read once: pure. */
import { size } from '@trivet/kit/process/units.ts';
import type { Asking } from '../route.ts';
import { type Moves, movesOf } from './answer/moved.ts';
import type { Swap } from './target.ts';

/** What goes for routes that do not say. */
export type Defaults = {
  /** Most bytes of a request body that is passed on. */
  readonly bodyLimit: number;
  /** Are text answers compressed? */
  readonly compress: boolean;
};

export type Plan = {
  /** Is the app asked only once the body of the request is here? */
  readonly takesBodyFirst: boolean;
  readonly bodyLimit: number;
  /** Does the front take something of an answer off the app's hands, for a client that is slower? */
  readonly isBuffered: boolean;
  readonly swap: Swap | undefined;
  /** Statuses of the app for which this tier's pages stand in. */
  readonly intercept: ReadonlySet<number>;
  readonly moves: Moves | undefined;
  readonly compresses: boolean;
};

/** Throws for options that `site/proxy-problems.ts` would have named. */
export function planOf(ask: Asking, defaults: Defaults): Plan {
  return {
    takesBodyFirst: ask.requestBuffering !== 'stream',
    bodyLimit: ask.bodyLimit === undefined ? defaults.bodyLimit : size.parse(ask.bodyLimit),
    isBuffered: ask.buffering !== 'off',
    swap: ask.base === undefined || ask.to === undefined ? undefined : { base: ask.base, to: ask.to },
    intercept: new Set(ask.intercept),
    moves: movesOf(ask),
    compresses: ask.compress ?? defaults.compress,
  };
}
