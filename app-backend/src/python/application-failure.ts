/** Reads what a Python worker says of an application that failed. Pure. */
import { Fault } from '@trivet/kit/semantics/fault.ts';

/** What was raised in the application: its traceback stands where the stack of an error does. For the log alone. */
export class PythonError extends Error {
  constructor(message: string, trace: string) {
    super(message);
    this.name = 'PythonError';
    if (trace !== '') this.stack = trace;
  }
}

/** The fault that the payload of `A` tells of; undefined when it is not the JSON that it should be. */
export function failureOf(payload: Buffer): Fault | undefined {
  const told = parsed(payload.toString('utf8'));
  if (typeof told !== 'object' || told === null) return undefined;
  const { kind, message, trace } = told as Partial<Record<'kind' | 'message' | 'trace', unknown>>;
  if (typeof kind !== 'string' || typeof message !== 'string') return undefined;
  const why = kind === 'violation' ? 'the application broke the rules of WSGI' : 'the application failed';
  return new Fault('internal', why, { cause: new PythonError(message, typeof trace === 'string' ? trace : '') });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
