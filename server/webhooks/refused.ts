/** A webhook must not be sent there. The message says what of it is refused, and is meant for whoever wrote the URL. */
export class WebhookRefusedError extends Error {
  readonly code = 'WEBHOOK_REFUSED';

  constructor(message: string) {
    super(message);
    this.name = 'WebhookRefusedError';
  }
}
