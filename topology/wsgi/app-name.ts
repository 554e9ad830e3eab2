/** What is to be run, as it is named on the command line: a file of TypeScript or JavaScript, or a module of Python. Pure. */

export type Runtime = 'node' | 'python';
export type AppName = { readonly runtime: Runtime; readonly application: string };

const ofScript = /\.[mc]?[jt]s$/;
const ofModule = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;

/**
 * `app.ts:main` → node, `shop.wsgi:app` → python; without a name, `application` is meant, as Gunicorn has it. `forced` decides
 * where it is given. @throws Error that says how it is to be written
 */
export function appNameOf(text: string, forced: Runtime | undefined): AppName {
  const runtime = forced ?? guessed(text);
  return runtime === 'node' ? { runtime, application: script(text) } : { runtime, application: module(text) };
}

function guessed(text: string): Runtime {
  const [file] = atLastColon(text);
  if (file.endsWith('.py') || text.endsWith('.py')) return 'python';
  return ofScript.test(file) || ofScript.test(text) || file.includes('/') ? 'node' : 'python';
}

function atLastColon(text: string): readonly [before: string, after: string | undefined] {
  const colon = text.lastIndexOf(':');
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

function script(text: string): string {
  const [file, name = 'application'] = ofScript.test(text) ? [text] : atLastColon(text);
  if (file === '' || name === '') throw new Error(`${JSON.stringify(text)} is not FILE:NAME`);
  if (file.endsWith('.py'))
    throw new Error(`${JSON.stringify(text)} is a file of Python: name its module, MODULE:NAME`);
  return `${file}:${name}`;
}

function module(text: string): string {
  const colon = text.indexOf(':');
  const [name, callable] = colon < 0 ? [text, 'application'] : [text.slice(0, colon), text.slice(colon + 1)];
  if (/\.py$|\//.test(name)) {
    const [folder, file] = [name.includes('/') ? name.replace(/\/[^/]*$/, '') : '', name.replace(/^.*\/|\.py$/g, '')];
    const where = folder === '' ? '' : `, from ${folder} (--chdir, or APP_CHDIR)`;
    throw new Error(`${JSON.stringify(text)} is a path, and a module is wanted: ${file}:${callable}${where}`);
  }
  if (!ofModule.test(name) || callable === '') throw new Error(`${JSON.stringify(text)} is not MODULE:NAME`);
  return `${name}:${callable}`;
}
