// What a process is told from outside, as a program: says what it is told. With `by-itself` it ends in its own way, with
// `letters` it is told as Gunicorn is.
import { reloadAtHangUp, resizeAtSignals, toldByLetters, toldToStop } from '../process/signals.ts';
import { obey, say } from './ordered-program.ts';

const atOnce = () => {
  say('at once');
  process.exit(7);
};
if (process.argv.includes('letters')) {
  const { told, quick } = toldByLetters();
  void told.then(({ signal, isQuick }) => say(`told ${signal}${isQuick ? ' quickly' : ''}`));
  void quick.then(({ signal }) => say(`quick ${signal}`));
  resizeAtSignals((by) => say(`resize ${by}`));
} else {
  const told = process.argv.includes('by-itself') ? toldToStop(atOnce) : toldToStop();
  void told.then(({ signal }) => say(`told ${signal}`));
}
let hangUp: Disposable | undefined;
obey({
  'mind hang-ups': () => {
    hangUp = reloadAtHangUp(() => say('reloads'));
  },
  'mind no hang-ups': () => hangUp?.[Symbol.dispose](),
});
