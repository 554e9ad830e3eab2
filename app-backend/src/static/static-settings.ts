/** What can be set of static files. */
import { row } from '@trivet/kit/process/shared-settings.ts';
import { choice, duration, reader } from '@trivet/kit/process/units.ts';
import { normalizePath } from '@trivet/kit/semantics/path.ts';
import type { StaticFolder } from './static-places.ts';

/** `/static/=public,/media/=/srv/media` → prefixes and folders. A slash at the end of a prefix may be left out. */
export const staticFolders = reader((text): readonly StaticFolder[] => {
  const folders = text.trim() === '' ? [] : text.split(',').map(staticFolder);
  const twice = folders.find(({ prefix }, at) => folders.findIndex((other) => other.prefix === prefix) !== at);
  if (twice !== undefined) throw new Error(`the prefix ${twice.prefix} is there twice`);
  return folders;
});

function staticFolder(text: string): StaticFolder {
  const at = text.indexOf('=');
  const [asked, folder] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (asked === '' || folder === '') throw new Error(`${JSON.stringify(text)} is not PREFIX=FOLDER`);
  const prefix = normalizePath(asked.replace(/[^!-~]+/g, encodeURIComponent));
  if (!asked.startsWith('/') || /[?#]/.test(asked) || prefix.verdict === 'bad' || prefix.opaque) {
    throw new Error(`${JSON.stringify(asked)} is not a path prefix such as /static/`);
  }
  return { prefix: prefix.path.endsWith('/') ? prefix.path : `${prefix.path}/`, folder };
}

export const staticSettings = {
  static: row(
    'APP',
    ['STATIC', ''],
    staticFolders,
    'Folders that the server answers from itself, `PREFIX=FOLDER` with commas: `/static/=public`. From `APP_CHDIR`, behind `APP_MOUNT`.',
  ),
  staticMaxAge: row(
    'APP',
    ['STATIC_MAX_AGE', '0s'],
    duration,
    'How long static files may be kept that are no pages and have no hash in their name; `0s`: nothing is said of it.',
  ),
  staticSymlinks: row(
    'APP',
    ['STATIC_SYMLINKS', 'inside'],
    choice('never', 'inside', 'any'),
    'Links in static folders that are followed: `never`, those that stay `inside` their folder, `any`.',
  ),
};
