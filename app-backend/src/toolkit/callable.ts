type Callables = abstract new <Call extends (...args: never[]) => unknown>(call: Call) => Call;

/**
 * Base of classes whose instances are functions. WebOb's and Werkzeug's responses are WSGI applications themselves: an
 * application answers by `return response(environ, startResponse)`, and a response may stand wherever one is wanted.
 *
 * `new` gives `call` itself, with the methods and private fields of the class upon it. A function and not a class: what
 * is made is not an object of its own, and a class that says so would have to return from its constructor.
 */
export const Callable = function callable(call: object): object {
  return Object.setPrototypeOf(call, new.target.prototype);
} as unknown as Callables;
