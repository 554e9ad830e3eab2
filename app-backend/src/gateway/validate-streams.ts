import type { ErrorStream, InputStream } from '../wsgi.ts';
import { WsgiViolation } from './wsgi-violation.ts';

/** `wsgi.input` as an application may use it, and no other way. */
export class CheckedInput implements InputStream {
  readonly #input: InputStream;

  constructor(input: InputStream) {
    this.#input = input;
  }

  /** Exactly one argument: what `read()` means differs between servers. */
  async read(...sizes: number[]): Promise<Uint8Array> {
    must(sizes.length === 1, 'wsgi.input.read takes exactly one argument');
    return bytes(await this.#input.read(...sizes));
  }

  async readline(...sizes: number[]): Promise<Uint8Array> {
    must(sizes.length <= 1, 'wsgi.input.readline takes at most one argument');
    return bytes(await this.#input.readline(...sizes));
  }

  async readlines(...hints: number[]): Promise<Uint8Array[]> {
    must(hints.length <= 1, 'wsgi.input.readlines takes at most one argument');
    return (await this.#input.readlines(...hints)).map(bytes);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const line of this.#input) yield bytes(line);
  }

  close(): never {
    throw new WsgiViolation('wsgi.input is not the application’s to close');
  }
}

/** `wsgi.errors`, the same. */
export class CheckedErrors implements ErrorStream {
  readonly #errors: ErrorStream;

  constructor(errors: ErrorStream) {
    this.#errors = errors;
  }

  write(text: string): void {
    must(typeof text === 'string', 'wsgi.errors.write takes a string');
    this.#errors.write(text);
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    this.#errors.flush();
  }

  close(): never {
    throw new WsgiViolation('wsgi.errors is not the application’s to close');
  }
}

function bytes(value: Uint8Array): Uint8Array {
  must(value instanceof Uint8Array, 'wsgi.input gave what is not bytes');
  return value;
}

/** Throws what is wrong unless the condition holds. */
export function must(condition: boolean, fault: string): void {
  if (!condition) throw new WsgiViolation(fault);
}
