/** What can be wrong with how a route asks its upstream. */
import { aFlag, aSize, type Check, type Checks, isRecord, list, object, oneOf, show, whole } from './check.ts';

const rawPath: Check = (path) =>
  typeof path === 'string' && /^\/[\x21-\x7e]*$/.test(path) && !/[?#]/.test(path)
    ? undefined
    : `${show(path)} is not a path as it stands in a request line`;

/** From what to what, both texts. */
const replacements: Check = (value) => {
  const isTable =
    isRecord(value) && Object.entries(value).every(([from, to]) => from !== '' && isVisible(from) && isVisible(to));
  return isTable ? undefined : 'is an object of what is replaced and what stands in its place';
};

function isVisible(text: unknown): boolean {
  return typeof text === 'string' && /^[\x21-\x7e]*$/.test(text);
}

export const proxyChecks: Checks = {
  to: rawPath,
  buffering: oneOf(['on', 'off'], 'buffering'),
  requestBuffering: oneOf(['full', 'stream'], 'requestBuffering'),
  bodyLimit: aSize,
  intercept: list(whole(400, 599), 'a list of statuses'),
  location: replacements,
  cookies: object({ domain: replacements, path: replacements }),
  compress: aFlag,
};
