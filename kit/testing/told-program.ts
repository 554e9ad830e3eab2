// What a process is told from outside, as a program: says what it is told. With `by-itself` it ends in its own way.
import { reloadAtHangUp, toldToStop } from '../process/signals.ts';
import { obey, say } from './ordered-program.ts';

const atOnce = () => {
  say('at once');
  process.exit(7);
};
const told = process.argv.includes('by-itself') ? toldToStop(atOnce) : toldToStop();
void told.then(({ signal }) => say(`told ${signal}`));
let hangUp: Disposable | undefined;
obey({
  'mind hang-ups': () => {
    hangUp = reloadAtHangUp(() => say('reloads'));
  },
  'mind no hang-ups': () => hangUp?.[Symbol.dispose](),
});
