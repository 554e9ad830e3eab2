import { type Coding, forbidsTransforming, isText, preferredCoding } from '@trivet/kit/semantics/content-coding.ts';
import { type Fields, field, has } from '@trivet/kit/semantics/fields.ts';

export type CompressionRules = {
  readonly isOn: boolean;
  /** What is announced to be shorter stays as it is; bytes. */
  readonly leastBytes: number;
};

/** In which coding a response is stored, or why as it came. */
export type Compression =
  | { readonly verdict: 'encode'; readonly coding: Coding; readonly why: 'type' | 'policy' }
  | {
      readonly verdict: 'leave';
      readonly why:
        | 'off'
        | 'policy'
        | 'no-transform'
        | 'coded'
        | 'status'
        | 'range'
        | 'esi'
        | 'type'
        | 'short'
        | 'asked';
    };

export type Compressible = {
  /** Of the request that it is fetched for. */
  readonly request: Fields;
  readonly status: number;
  readonly fields: Fields;
  /** Of the body, where it is announced; bytes. */
  readonly length: number | undefined;
};

/**
 * Is a response that is to be stored compressed first? Only for a client that takes it: where none asks, nothing is spent.
 * `advice` is the policy's: false forbids it, true asks for it whatever the type and the length are.
 */
export function compression(given: Compressible, rules: CompressionRules, advice?: boolean): Compression {
  const why = unfit(given, rules, advice);
  if (why !== undefined) return { verdict: 'leave', why };
  const coding = preferredCoding(field(given.request, 'accept-encoding'));
  if (coding === undefined) return { verdict: 'leave', why: 'asked' };
  return { verdict: 'encode', coding, why: advice === true ? 'policy' : 'type' };
}

type Leaving = Extract<Compression, { verdict: 'leave' }>['why'];

// Not redirects, which have next to no content, and not errors, which are seldom kept.
const statuses = new Set([200, 203, 403, 404, 410]);

function unfit({ request, status, fields, length }: Compressible, rules: CompressionRules, advice?: boolean) {
  if (!rules.isOn) return 'off';
  if (advice === false) return 'policy';
  const kept = unchangeable(request, fields);
  if (kept !== undefined) return kept;
  if (!statuses.has(status)) return 'status';
  return advice === true ? undefined : unworthy(field(fields, 'content-type'), length, rules.leastBytes);
}

function unchangeable(request: Fields, fields: Fields): Leaving | undefined {
  if (forbidsTransforming(fields) || forbidsTransforming(request)) return 'no-transform';
  if (has(fields, 'content-encoding')) return 'coded';
  if (has(fields, 'content-range')) return 'range';
  // What is assembled for each request is parsed for each request.
  return esi.test(field(fields, 'surrogate-control') ?? '') ? 'esi' : undefined;
}

const esi = /\bcontent\s*=\s*"[^"]*\besi\//i;

function unworthy(type: string | undefined, length: number | undefined, least: number): Leaving | undefined {
  if (type === undefined || !isText(type)) return 'type';
  return length !== undefined && length < least ? 'short' : undefined;
}
