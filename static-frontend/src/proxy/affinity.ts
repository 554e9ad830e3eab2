/**
 * Which address of an upstream a client is led to again and again: pure. By a key that its requests have in common
 * (`balance: 'hash'`), or by a signed cookie that says who answered it first (`sticky`).
 */
import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Address } from '@trivet/kit/process/units.ts';
import { duration } from '@trivet/kit/process/units.ts';
import { cookiesNamed, withoutCookie } from '@trivet/kit/semantics/cookies.ts';
import { entries, type Fields, has } from '@trivet/kit/semantics/fields.ts';
import { signSticky, stickyId, verifySticky } from '@trivet/kit/upstream/sticky.ts';
import type { Site, UpstreamOptions } from '../define-site.ts';
import { limitKey } from '../limits/limit-key.ts';

type Asker = Pick<Inbound, 'client' | 'fields' | 'scheme' | 'target'>;

/** What of a request decides who answers it; spread into what an upstream is sent. */
export type Wish = { readonly hashKey?: string; readonly stickyTo?: string };

type StickyPlan = { readonly cookie: string; readonly secret: string; readonly attributes: string };

type Plan = { readonly hashBy: UpstreamOptions['hashBy']; readonly sticky: StickyPlan | undefined };

export type Affinity = {
  readonly wish: Wish;
  readonly sticky: (StickyPlan & { readonly isSecure: boolean }) | undefined;
};

const plans = new WeakMap<Site, ReadonlyMap<string, Plan>>();

/** The affinity of a request to an upstream of the site; undefined where all addresses are the same to it. */
export function affinityOf(site: Site, upstream: string, asker: Asker): Affinity | undefined {
  const plan = plansOf(site).get(upstream);
  if (plan === undefined) return undefined;
  const { hashBy, sticky } = plan;
  const stickyTo = sticky && placeOf(asker.fields, sticky);
  return {
    wish: {
      ...(hashBy !== undefined && { hashKey: hashBy === 'url' ? asker.target : limitKey(hashBy, asker) }),
      ...(stickyTo !== undefined && { stickyTo }),
    },
    sticky: sticky && { ...sticky, isSecure: asker.scheme === 'https' },
  };
}

/** The request's fields without the cookie of this tier: what it says is nothing to the app. The app's own stay. */
export function withoutOurCookie(fields: string[], affinity: Affinity | undefined): string[] {
  const name = affinity?.sticky?.cookie;
  if (name === undefined || !has(fields, 'cookie')) return fields;
  const kept: string[] = [];
  for (const [field, value] of entries(fields)) {
    const rest = field.toLowerCase() === 'cookie' ? withoutCookie(value, name) : value;
    if (rest !== '') kept.push(field, rest);
    else if (value === '') kept.push(field, value);
  }
  return kept;
}

type Head = { readonly status: number; readonly fields: string[] };

/**
 * The answer of a member, with the cookie that leads there unless the client came by it. A 304 has none: a cache that
 * asked would keep it with what it has.
 */
export function withOurCookie<H extends Head>(
  head: H,
  affinity: Affinity | undefined,
  memberId: string | undefined,
): H {
  const cookie = head.status === 304 ? [] : cookieFields(affinity, memberId);
  if (cookie.length === 0) return head;
  return { ...head, fields: [...head.fields, ...cookie, ...withheldFromOthers(head.fields)] };
}

/** How a tunnel is led where its client belongs. */
export function tunnelWay(
  affinity: Affinity | undefined,
  upstream: { endpoints(wish: Wish): readonly Address[] } | undefined,
): { addresses?: readonly Address[]; answerFieldsFrom?(address: Address): readonly string[] } {
  if (affinity === undefined || upstream === undefined) return {};
  return {
    addresses: upstream.endpoints(affinity.wish),
    answerFieldsFrom: (address) => cookieFields(affinity, memberIdOf(address)),
  };
}

/** Shared caches may keep the answer, but not the cookie in it (RFC 9111 §5.2.2.7, RFC 9213); who knows no better, neither. */
function withheldFromOthers(fields: Fields): string[] {
  const directive = 'private="set-cookie"';
  const targeted = ['CDN-Cache-Control', 'Surrogate-Control'].filter((name) => has(fields, name.toLowerCase()));
  return ['Cache-Control', ...targeted].flatMap((name) => [name, directive]);
}

function cookieFields(affinity: Affinity | undefined, memberId: string | undefined): string[] {
  const sticky = affinity?.sticky;
  if (sticky === undefined || memberId === undefined || affinity?.wish.stickyTo === memberId) return [];
  const { cookie, secret, attributes, isSecure } = sticky;
  return ['Set-Cookie', `${cookie}=${signSticky(memberId, secret)}${attributes}${isSecure ? '; Secure' : ''}`];
}

// A name that is not resolved stands for nobody in particular.
function memberIdOf(address: Address): string | undefined {
  return address.kind === 'tcp' && isIP(address.host) === 0 ? undefined : stickyId(address);
}

function plansOf(site: Site): ReadonlyMap<string, Plan> {
  const known = plans.get(site);
  if (known !== undefined) return known;
  const found = new Map<string, Plan>();
  for (const [name, { balance, hashBy = 'client', sticky }] of Object.entries(site.upstreams ?? {})) {
    if (balance !== 'hash' && sticky === undefined) continue;
    found.set(name, {
      hashBy: balance === 'hash' ? hashBy : undefined,
      sticky: sticky && stickyPlan(name, sticky),
    });
  }
  plans.set(site, found);
  return found;
}

function stickyPlan(upstream: string, sticky: NonNullable<UpstreamOptions['sticky']>): StickyPlan {
  const { cookie = `trivet-${upstream.replace(/[^\w.-]/g, '_')}`, secret, maxAge } = sticky;
  const age = maxAge === undefined ? '' : `; Max-Age=${Math.ceil(duration.parse(maxAge) / 1000)}`;
  return {
    cookie,
    secret: secret ?? hash('sha256', `trivet sticky ${upstream}`),
    attributes: `; Path=/; HttpOnly; SameSite=Lax${age}`,
  };
}

/** Of several cookies of the name the first that this tier has made. */
function placeOf(fields: Fields, { cookie, secret }: StickyPlan): string | undefined {
  for (const value of cookiesNamed(fields, cookie)) {
    const id = verifySticky(value, secret);
    if (id !== undefined) return id;
  }
  return undefined;
}
