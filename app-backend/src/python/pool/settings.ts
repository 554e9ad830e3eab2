/** The settings of applications in Python, beside those that both runtimes have. */
import { type Table, table } from '@trivet/kit/process/settings.ts';
import { row } from '@trivet/kit/process/shared-settings.ts';
import { count, flag, reader, text } from '@trivet/kit/process/units.ts';

const name = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
const moduleName = String.raw`${name}(?:\.${name})*`;
const moduleOnly = new RegExp(`^${moduleName}$`, 'u');
// What is between the parentheses, Python reads.
const applicationName = new RegExp(String.raw`^(${moduleName})(?::(${moduleName}(?:\(.*\))?))?$`, 'u');

const defaultCallable = 'application';

/**
 * `shop.wsgi`, `shop.wsgi:app`, `shop.wsgi:site.app`, `shop.wsgi:make_app('x')` → the name as the workers take it, with its callable; undefined where
 * it is none of these.
 */
export function pythonApplication(given: string): string | undefined {
  const [, module, callable = defaultCallable] = applicationName.exec(given) ?? [];
  return module === undefined ? undefined : `${module}:${callable}`;
}

const hooks = reader((value) => {
  if (value !== '' && !moduleOnly.test(value)) throw new Error(`${JSON.stringify(value)} is no name of a module`);
  return value;
});

const program = text.refine((value) => value !== '', { error: 'must name a program' });

export const pythonSettings = table({
  python: row('APP', ['PYTHON', 'python3'], program, 'The Python, 3.9 or newer, that runs a Python application.'),
  threads: row(
    'APP',
    ['THREADS', '1'],
    count(1, 1024),
    'Requests that each worker of a Python application runs at once, each in a thread.',
  ),
  preload: row(
    'APP',
    ['PRELOAD', 'off'],
    flag,
    'Import a Python application once, before its workers are forked: they share that memory, and what it has open.',
  ),
  hooks: row(
    'APP',
    ['HOOKS', ''],
    hooks,
    'A Python module with any of `post_fork(worker)`, `post_worker_init(worker)`, `worker_abort(worker)`, `worker_exit(worker)`.',
  ),
}) satisfies Table;
