/** Who has a slot for one request, and is told what becomes of it. Behind any of the last seven it hears nothing more. */
export interface SlotUser {
  /** So many bytes more of the request's body are wanted. */
  wants(bytes: number): void;
  /** Fields of a 103, before the head; returns why they are none, and the worker is broken. */
  hints(payload: Buffer): string | undefined;
  /** Text for the log. */
  logs(payload: Buffer): void;
  /** The head of the answer; returns why it is none, and the worker is broken. */
  head(payload: Buffer): string | undefined;
  /** Bytes of the answer. */
  data(piece: Buffer): void;
  /** All that came at once has been told of. */
  settle(): void;
  /** Does the worker wait for the client, who sends or takes nothing? Silence is no fault of it then. */
  isWaitingForClient(): boolean;
  ended(): void;
  /** What its application failed of, as JSON. */
  failed(payload: Buffer): void;
  /** Not taken: another is to be asked. */
  leaving(): void;
  /** Not taken: it came too late. */
  late(): void;
  /** The worker does not keep to the protocol. */
  broken(why: string): void;
  /** The connection closed. */
  lost(): void;
  /** It was silent for too long. */
  hung(why: string): void;
}
