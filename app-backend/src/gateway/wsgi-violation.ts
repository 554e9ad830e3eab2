/** The application did not keep to PEP 3333. The message is for the log; the client learns nothing of it. */
export class WsgiViolation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WsgiViolation';
  }
}
