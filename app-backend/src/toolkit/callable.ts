/**
 * Base of classes whose instances are functions. WebOb's and Werkzeug's responses are WSGI applications themselves: an
 * application answers by `return response(environ, startResponse)`, and a response may stand wherever one is wanted.
 */
export abstract class Callable<Call extends (...args: never[]) => unknown> {
  /** `new` gives `call` itself, with the methods and private fields of the class upon it. */
  constructor(call: Call) {
    // biome-ignore lint/correctness/noConstructorReturn: JavaScript has no other way to make an instance callable.
    return Object.setPrototypeOf(call, new.target.prototype);
  }
}
