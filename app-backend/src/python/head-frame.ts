/** The head of a request on its way to a Python worker. Pure. */
import { textFrame } from './frames.ts';

/** How a request is given to a worker. */
export type Giving = {
  /** `b`: the whole body is behind the head; `s`: it is there when the worker asks; none: there is no body. */
  readonly body: 'b' | 's' | '';
  /** Would the client take a 103? */
  readonly takesEarlyHints: boolean;
  /** How long the request has waited, milliseconds, and how long it may. */
  readonly ageMs: number;
  readonly mostMs: number;
};

/**
 * The frame, as latin-1 text: flags, age, then names and values, all parted by NUL. Of the variables those that are text go;
 * one whose value holds a NUL goes percent-encoded with `=` behind its name, which no field name has. Undefined when the frame would be too long.
 */
export function headFrame(giving: Giving, variables: Readonly<Record<string, unknown>>): string | undefined {
  const { body, takesEarlyHints, ageMs, mostMs } = giving;
  let payload = `${body}${takesEarlyHints ? 'e' : ''}q${mostMs}\0${Math.round(ageMs)}`;
  for (const name in variables) {
    const value = variables[name];
    if (typeof value !== 'string') continue;
    payload += value.includes('\0') ? `\0${name}=\0${withoutNul(value)}` : `\0${name}\0${value}`;
  }
  return textFrame('H', payload);
}

function withoutNul(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\0', '%00');
}
