/** What a sequence purges and bans: done to the edge, and told to the model in its own words. */
import { purge } from '../machine/purger.ts';
import type { Selector } from '../policy/purge.ts';
import { ban } from './ban.ts';
import type { Asked, Given, Model } from './model.ts';
import type { Action, BanBy } from './model-actions.ts';
import type { Stand } from './stand.ts';

type Place = { readonly url: string; readonly folder: string };
type Meant = (given: Given, asked: Asked) => boolean;

/** Purges `place`, by what the action says. */
export function purgeAt(stand: Stand, model: Model, place: Place, action: Extract<Action, { do: 'purge' }>): void {
  const [selector, matches] = selection(action.by, action.what, place);
  purge(stand.edge, { selector, soft: action.soft, dryRun: false });
  model.invalidations.push({ order: model.tick(), at: stand.clock.now, isSoft: action.soft, matches });
}

function selection(by: string, what: number, { url, folder }: Place): [Selector, Meant] {
  switch (by) {
    case 'url':
      return [{ by: 'url', host: undefined, path: url }, ({ version }) => version.url === url];
    case 'prefix':
      return [{ by: 'prefix', host: undefined, path: folder }, ({ version }) => version.url.startsWith(folder)];
    case 'tag':
      return [{ by: 'tags', tags: [`t${what}`] }, ({ tags }) => tags.includes(`t${what}`)];
    default:
      return [{ by: 'all' }, () => true];
  }
}

/** Bans what lies at `place` or says so itself. Young and old are meant as of now. */
export function banAt(stand: Stand, model: Model, { url }: Place, by: BanBy): void {
  const at = stand.clock.now;
  // As an answer is born between the question of its client and the answer of the origin, only what is sure is said.
  const surelyOlder = (given: Given) => at - given.at > 5000;
  const surelyYounger = (given: Given) => at - (model.askedAt.get(given.request.client) ?? 0) < 5000;
  const isTagged = ({ tags }: Given) => tags.includes('t0');
  const bans: Readonly<Record<BanBy, readonly [expression: string, matches: Meant]>> = {
    url: [`req.url == ${url}`, ({ version }) => version.url === url],
    tags: ['obj.http.x-tags ~ t0', isTagged],
    'no-tags': ['obj.http.x-tags !~ t0', (given) => !isTagged(given)],
    older: ['obj.age > 5s', surelyOlder],
    younger: ['obj.age < 5s && obj.status < 300', surelyYounger],
    language: ['req.http.x-lang == en', (_, { language }) => language === 'en'],
    cookie: [
      `req.url == ${url} && req.http.cookie ~ who`,
      ({ version }, { hasCookie }) => version.url === url && hasCookie,
    ],
    'url-and-tags': [
      `req.url ~ ^${url} && obj.http.x-tags ~ t0`,
      (given) => given.version.url === url && isTagged(given),
    ],
  };
  const [expression, matches] = bans[by];
  ban(stand, expression);
  model.invalidations.push({ order: model.tick(), at, isSoft: false, matches });
}
