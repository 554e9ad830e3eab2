/** The one-word reasons of decisions as sentences, for those who ask why. */

const sentences: Readonly<Record<string, string>> = {
  // Admission.
  method: 'only answers to GET are stored, and only GET and HEAD are looked up',
  status: 'an answer with this status cannot be stored',
  'request-no-store': 'the request says no-store',
  'no-store': 'the response says no-store',
  private: 'the response is private',
  authorization: 'the request has credentials, and the response is not public, s-maxage or must-revalidate',
  vary: 'Vary is *: no other request can match',
  'set-cookie': 'the response sets a cookie and is not public (EDGE_SET_COOKIE)',
  cookie: 'the request has cookies, and the response says nothing of its lifetime',
  'no-freshness': 'nothing says how long it is fresh, and nothing could validate it',
  'no-room': 'the store has no room for it',
  purged: 'it was purged, banned or outdated while it was on its way',
  'stale-at-once': 'it was stale when it came, nothing may give it out stale, and nothing could validate it',
  policy: 'the policy says so',
  // What came instead of a response that could be stored.
  'not-modified': 'a 304: what is stored is still true',
  'unasked-304': 'a 304 that was not asked for',
  'unasked-206': 'a part that was not asked for',
  'stale-if-error': 'the origin failed, and the stale response stands in',
  // Reception.
  'request-body': 'a GET with a body may mean something else to the origin',
  upgrade: 'the connection is to speak another protocol',
  'purge-denied': 'the client is not in EDGE_PURGE_FROM',
  // Finding and reuse.
  fresh: 'it is fresh',
  'max-stale': 'it is stale, and the client takes that (max-stale)',
  'stale-while-revalidate': 'it is stale, within its grace: given at once, a refresh behind it',
  expired: 'it is stale, and has to be validated',
  request: 'the directives of the client want another answer than the stored one',
  'past-keep': 'it is past all use',
  miss: 'nothing is stored under this key',
  variant: 'what is stored was selected by other request fields',
  partial: 'only parts of it are stored',
  credentials: 'the request has credentials, and the stored response is not for such requests',
  'only-if-cached': 'the client wants a stored answer or none, and there is none',
};

/** A sentence for a reason; a policy's own reasons are their own sentence. */
export function inWords(why: string): string {
  return Object.hasOwn(sentences, why) ? (sentences[why] ?? why) : why;
}
