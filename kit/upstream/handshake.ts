/**
 * The one place where the package http-proxy works: it writes the upgrade request, reads the answer, hands it to the
 * client and couples the two sockets. Around it stand the things it does not do: the connection is opened by the
 * caller, the fields are the caller's to the letter, and no answer reaches the client before it is admitted.
 */
import { Agent, type ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'http-proxy';
import type { Fields } from '../semantics/fields.ts';
import { fieldRecord } from './field-record.ts';
import { answeredFields, handshakeFields, switchedFields } from './upgrade-guard.ts';

export type Handshake = {
  readonly target: string;
  /** Of the request to the upstream, end-to-end. */
  readonly fields: Fields;
  /** This hop adds them to whatever the upstream answers. */
  readonly answerFields: Fields;
  readonly head: Buffer;
  /** What broke, at once: the package ends the client's socket right after. */
  onError(error: Error): void;
  /** A head came. False: it is not passed on. */
  admit(answer: IncomingMessage, kind: 'switch' | 'answer'): boolean;
  /** The sockets are coupled. */
  onOpen(): void;
};

class OneSocket extends Agent {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  override createConnection(): Duplex {
    return this.#socket;
  }
}

// Never resolved: the connection is there already. The package insists on a target.
const target = new URL('http://upstream');

/** Asks for the upgrade on `upstream`. Resolves when the client's socket closed; rejects with what broke before. */
export async function shakeHands(client: Socket, upstream: Socket, handshake: Handshake): Promise<void> {
  const proxy = createProxyServer();
  const message = new IncomingMessage(client);
  message.method = 'GET';
  message.url = handshake.target;
  // What the package looks at; what it sends is set below.
  message.headers = { connection: 'Upgrade', upgrade: 'websocket' };
  proxy.once('proxyReqWs', (request) => {
    // First of all: a request that dies without a listener takes the process along.
    request.on('error', handshake.onError);
    writeFields(request, handshake.fields);
    // Once the package has registered its listeners, which it does in this same turn.
    queueMicrotask(() => intercept(client, request, handshake));
  });
  await proxy.ws(message, client, { target, agent: new OneSocket(upstream) }, handshake.head);
}

function writeFields(request: ClientRequest, fields: Fields): void {
  // Made up from the target by the platform.
  request.removeHeader('host');
  for (const [name, value] of Object.entries(fieldRecord(handshakeFields(fields)))) request.setHeader(name, value);
}

type Head = [answer: IncomingMessage, socket?: Socket, head?: Buffer];

/** Puts our judgement of an answer before the package's listeners; a mere listener of our own could not stop them. */
function intercept(client: Socket, request: ClientRequest, handshake: Handshake): void {
  const before = (event: 'upgrade' | 'response', pass: (answer: IncomingMessage) => boolean) => {
    const theirs = request.listeners(event);
    request.removeAllListeners(event);
    request.once(event, (...head: Head) => {
      if (!pass(head[0])) return;
      for (const listener of theirs) Reflect.apply(listener, request, head);
      if (event === 'upgrade') handshake.onOpen();
    });
  };
  before('upgrade', (answer) => {
    if (!handshake.admit(answer, 'switch')) return false;
    // The package writes the head as text; fields are latin-1 on the wire (RFC 9110 §5.5).
    client.setDefaultEncoding('latin1');
    answer.headers = fieldRecord(switchedFields(answer.rawHeaders, handshake.answerFields));
    return true;
  });
  before('response', (answer) => {
    if (!handshake.admit(answer, 'answer')) return false;
    answer.httpVersion = '1.1';
    answer.headers = fieldRecord(answeredFields(answer.rawHeaders, handshake.answerFields), 'lower case');
    return true;
  });
}
