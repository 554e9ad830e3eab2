// A worker's place under its primary, as a program: takes it up, and says what it is told. Its post is in its arguments.
import { pino } from 'pino';
import { takeUp } from '../process/workers/duty.ts';
import { readPost } from '../process/workers/post.ts';
import { obey, say } from './ordered-program.ts';

/** More than a channel takes at once. */
const LONG = 8_000_000;

const post = readPost(process.argv[2]);
if (post === undefined) throw new Error('no post');
const log = pino({ level: 'debug' }, { write: (line: string) => say(`log ${JSON.parse(line).msg}`) });
const duty = takeUp(post, log);
void duty.told.then(({ signal }) => say(`told ${signal}`));
let reloading: Disposable | undefined;
obey({
  'be ready': () => duty.ready(['127.0.0.1:1'], true),
  join: () => duty.siblings.join((what) => `did ${what}`),
  tell: async () => say(`it came to ${JSON.stringify(await duty.siblings.tell('x'))}`),
  'mind reloads': () => {
    reloading = duty.onReload(() => say('reloads'));
  },
  'mind no reloads': () => reloading?.[Symbol.dispose](),
  fail: async () => {
    await duty.failed({ problems: ['no', 'x'.repeat(LONG)], code: 78 });
    say('failed');
    process.exit(5);
  },
  exit: () => process.exit(6),
});
