/** What Python's `wsgiref.validate` asks of an environ. Pure: the first fault as text, and what only deserves a warning. */

export type EnvironReport = { readonly fault: string | undefined; readonly warnings: readonly string[] };

const required = [
  'REQUEST_METHOD',
  'SERVER_NAME',
  'SERVER_PORT',
  'wsgi.version',
  'wsgi.input',
  'wsgi.errors',
  'wsgi.multithread',
  'wsgi.multiprocess',
  'wsgi.run_once',
];
const knownMethods = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PATCH', 'PUT', 'DELETE', 'TRACE'];

type Mapping = Readonly<Record<string, unknown>>;

/** Checks the first argument that an application is called with. */
export function checkEnviron(environ: unknown): EnvironReport {
  if (!isPlainObject(environ)) return { fault: 'environ is not a plain object', warnings: [] };
  const fault = missing(environ) ?? misnamed(environ) ?? notText(environ) ?? notWsgi(environ) ?? notCgi(environ);
  return { fault, warnings: fault === undefined ? doubts(environ) : [] };
}

function isPlainObject(value: unknown): value is Mapping {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function missing(environ: Mapping): string | undefined {
  const key = required.find((name) => environ[name] === undefined);
  return key && `environ lacks ${key}`;
}

function misnamed(environ: Mapping): string | undefined {
  const key = ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH'].find((name) => name in environ);
  return key && `environ has ${key}; its name is ${key.slice('HTTP_'.length)}`;
}

function notText(environ: Mapping): string | undefined {
  for (const [key, value] of Object.entries(environ)) {
    if (key.includes('.')) continue;
    if (typeof value !== 'string') return `environ ${key} is ${typeof value}, not a string`;
    if (/[\u{100}-\u{10ffff}]/u.test(value)) return `environ ${key} has a character beyond latin-1`;
  }
  return undefined;
}

function notWsgi(environ: Mapping): string | undefined {
  const version = environ['wsgi.version'];
  const scheme = environ['wsgi.url_scheme'];
  if (!Array.isArray(version) || version.length !== 2) return 'wsgi.version is not a pair';
  if (scheme !== 'http' && scheme !== 'https') return `wsgi.url_scheme is ${JSON.stringify(scheme)}`;
  return (
    lacks('wsgi.input', environ['wsgi.input'], ['read', 'readline', 'readlines']) ??
    lacks('wsgi.errors', environ['wsgi.errors'], ['flush', 'write', 'writelines'])
  );
}

function lacks(name: string, stream: unknown, methods: readonly string[]): string | undefined {
  const members = Object(stream) as Mapping;
  const method = methods.find((each) => typeof members[each] !== 'function');
  if (method) return `${name} has no ${method}`;
  const isIterable = Symbol.asyncIterator in members || Symbol.iterator in members;
  return name === 'wsgi.input' && !isIterable ? `${name} is not iterable` : undefined;
}

function notCgi({ SCRIPT_NAME, PATH_INFO, CONTENT_LENGTH }: Mapping): string | undefined {
  if (SCRIPT_NAME && !String(SCRIPT_NAME).startsWith('/')) return 'SCRIPT_NAME does not begin with a slash';
  if (PATH_INFO && !String(PATH_INFO).startsWith('/')) return 'PATH_INFO does not begin with a slash';
  if (CONTENT_LENGTH && !/^\d+$/.test(String(CONTENT_LENGTH))) return 'CONTENT_LENGTH is not a number';
  if (!SCRIPT_NAME && PATH_INFO === undefined) return 'PATH_INFO is missing although SCRIPT_NAME is empty';
  return SCRIPT_NAME === '/' ? 'SCRIPT_NAME is a slash alone; the root is empty' : undefined;
}

function doubts(environ: Mapping): string[] {
  const method = String(environ.REQUEST_METHOD);
  return [
    ...(environ.QUERY_STRING === undefined ? ['QUERY_STRING is not in the environ'] : []),
    ...(knownMethods.includes(method) ? [] : [`unknown REQUEST_METHOD ${method}`]),
  ];
}
