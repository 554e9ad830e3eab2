/**
 * Races and edge cases of a shared cache, and what this one does in each. A test names what it shows in its title, as
 * `[case 17]`; `docs/edge-cases.md` is made from both, and a number without a test is an error.
 */

export type Group = { readonly about: string; readonly cases: readonly string[] };

/** Numbered from 1, through all groups. */
export const edgeCases: readonly Group[] = [
  {
    about: 'Coalescing and races',
    cases: [
      'Simultaneous misses are one request to the origin, and all get the same bytes.',
      'Followers get the first bytes while the rest of the body has not come.',
      'A follower that joins in the middle of a body gets it from its first byte.',
      'When the origin fails before the head, all who wait share the one error, and nothing is stored.',
      'When what a fetch brings is no answer any more, one of those who wait asks again and the others wait for it.',
      'An answer that cannot be shared is its asker’s alone: the others fetch at once, and the next do not queue.',
      'The memory of an uncacheable key ends with the first answer that can be stored; it never makes a request conditional.',
      'An answer without a lifetime serves the questions asked together; a later one is fetched.',
      'Those who select another variant fetch for themselves when the head is here; two variants are two fetches.',
      'Where the selecting fields are known, another variant does not wait at all.',
      'Followers that queued before anybody knew of a Vary look again if they select another variant.',
      'Who waits too long for another fetch makes its own; beyond a number nobody more may wait; both are counted.',
      'The fetch goes on for the others and for the cache when its first client leaves before the head.',
      'The same in the middle of the body; an uncacheable body ends with the last client that reads it.',
      'A follower that leaves while it waits is taken out, once, and leaves nothing behind.',
      'A slow reader holds up nobody while the body is kept; memory stays within the budget.',
      'A slow reader of a body that is not kept holds the origin back, and is cut when it takes nothing.',
      'A body that breaks off is a broken transfer for all, is not stored, and is fetched again.',
      'A body that was buffered before its head went out and breaks off is a proper 5xx.',
      'An origin that sends more than it announced loses its connection; what was too much is nobody’s.',
    ],
  },
  {
    about: 'Grace, stale, revalidation',
    cases: [
      'In its grace a stale answer is given at once, with one refresh behind it for all.',
      'A refresh that fails leaves the stale answer, waits before the next, and ends with its time on errors.',
      'A refresh for which there is no capacity leaves the stale answer; nobody waits.',
      'Past its grace an answer is validated while the client waits; a 304 becomes a 200 with the stored body.',
      'A 304 brings new fields, but for those that describe the body.',
      'A 304 that changes Vary, or says no-store or private, takes the answer from the others.',
      'A 304 that was not asked for, or to what is no success, is an error and never an empty page.',
      'What is purged or banned while it is being validated is not brought back by the 304; banned before, it gives no condition.',
      'An answer that goes stale while it streams is not joined any more, and its end or failure is its own.',
      'A miss takes no conditions upstream; the client’s are answered from what came.',
      'If-None-Match: lists, `*`, weak and strong, before If-Modified-Since; a 304 carries what renews the client’s copy.',
      'With all origins sick the long grace is used, with a healthy one the short.',
      'must-revalidate, proxy-revalidate, s-maxage and no-cache forbid stale; must-understand and qualified no-cache count.',
      'Age: upstream’s, a slow origin’s, none beyond the lifetime while fresh; garbage and repetition.',
      'Expires against Date, dates that are none, RFC 850 and asctime forms.',
    ],
  },
  {
    about: 'Invalidation',
    cases: [
      'What the origin was asked for before a purge, ban or tag purge is not stored, nor given to who asks after it.',
      'A purge or ban while a body streams: its clients finish, nobody joins.',
      'After a purge or ban the next answer is new; how many variants went is told.',
      'A soft purge ends the lifetime, keeps grace and body, lengthens nothing; the next request refreshes once.',
      'The index of tags agrees with the store through eviction, expiry and replacement.',
      'A ban meets what is older than it and nothing newer; duplicates count once; the list gets shorter with time; a bad one is refused with its place.',
      'The success of an unsafe method outdates its target and what it names on the same host; failure outdates nothing.',
    ],
  },
  {
    about: 'ESI',
    cases: [
      'Nested includes up to the limit; a loop is left out and told, and the parent is delivered.',
      'A fragment that fails, with onerror="continue", without it, and twice.',
      'Tags across the borders of chunks, split at every byte.',
      'Coded parents and plain fragments and the other way round; empty, corrupt and cut ones: the page is always plain.',
      'Clients without the coding, HTTP/1.0, HEAD on a page with includes.',
      'A fragment that is a 204, a redirect, uncacheable, or being fetched; a POST’s fragments are plain GETs.',
      'remove, comments, CDATA, a BOM, bodies that are no text, bad attributes: the text around them stays.',
      'Which places an include may name: relative ones, other hosts, private addresses.',
    ],
  },
  {
    about: 'Compression and ranges',
    cases: [
      'Accept-Encoding is read to the letter; Vary is added once; the ETag is weak where the representation changed.',
      'A range of a coded stored body for a client without the coding is one of the decoded bytes.',
      'A range of a body on its way, of known and unknown length; a body that turns out short breaks.',
      '416 with `bytes */N`, suffixes, empty bodies, empty and many ranges.',
      'If-Range by date and by tag; only on 200; a 206 that was not asked for is refused.',
      'HEAD from a stored GET with its length; a HEAD never makes a GET’s answer empty.',
    ],
  },
  {
    about: 'Parsing and smuggling',
    cases: [
      'Two framings, two lengths, odd codings and odd lengths: 400 or 501, closed, nothing forwarded.',
      'Broken chunks: closed, and no second request is served.',
      'Every refusal of a malformed request closes the connection.',
      'Connection may not name what the request is judged by; what it may name stays on this hop.',
      'Malformed heads and heads beyond the limits, each with its status.',
      'Host: missing, repeated, with a user, spelled otherwise; the absolute form overrides it in key and forwarding.',
      'Targets have one reading: no slash, controls, `//`, dot segments, coded slashes, fragments.',
      'Pipelined requests, split at every byte, are answered in order, and no byte leaks into the next.',
      'HTTP/1.0 clients and origins; bodies where none may be; heads without a reason, with a bad status or line.',
      'Expect, early and late; other expectations 417; 1xx pass and are never stored.',
      'Upgrades go through a tunnel: handshake, half-close, timeout; never shared, never stored.',
      'HTTP/2: pseudo fields, floods, resets.',
    ],
  },
  {
    about: 'Operations',
    cases: [
      'A reused connection that dies while it is asked: GET once more, POST never, nothing after a byte of the answer.',
      'Probes, flapping, changing addresses, an origin that is taken away, the queue for connections.',
      'A policy reloaded under load: requests keep theirs, a bad one is refused with its place.',
      'A full store during a fetch, a body larger than the store, the budget never exceeded; nothing outlives the process.',
    ],
  },
];

/** What cannot happen here, and why. */
export const inapplicable: Readonly<Record<number, string>> = {
  19: 'no body is held back until it is whole: its head goes out when it comes',
  68: 'HTTP/2 is not spoken: its preface is answered 505',
};
