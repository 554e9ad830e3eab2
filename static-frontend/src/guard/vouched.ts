import { type Fields, lines } from '@trivet/kit/semantics/fields.ts';

/** What the app may believe of a request: nobody else's lines of these names reach it. */
export type Vouched = {
  /** Is the name, in lower case, one of those that the client cannot send? */
  isReserved(lowerName: string): boolean;
  readonly fields: Fields;
};

/** The fields of `names` as the answer of an upstream has them. */
export function vouchedFor(names: readonly string[], answer: Fields): Vouched {
  const reserved = new Set(names.map((name) => asVariable(name.toLowerCase())));
  return {
    isReserved: (lowerName) => reserved.has(asVariable(lowerName)),
    fields: names.flatMap((name) => lines(answer, name.toLowerCase()).flatMap((value) => [name, value])),
  };
}

// In a WSGI environ X_User and X-User are one variable (PEP 3333, CGI naming).
function asVariable(lowerName: string): string {
  return lowerName.replaceAll('_', '-');
}
