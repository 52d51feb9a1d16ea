import { messageOf } from '../../errors.js';
import type { Logger } from '../../logger.js';

/** Log of an index, with the name of its space. */
export class IndexLog {
  readonly #logger: Logger;
  readonly #spaceId: string;

  constructor(logger: Logger, spaceId: string) {
    this.#logger = logger;
    this.#spaceId = spaceId;
  }

  say(fields: object, message: string): void {
    this.#logger.info({ spaceId: this.#spaceId, ...fields }, message);
  }

  warn(error: unknown, message: string): void {
    this.#logger.warn({ spaceId: this.#spaceId, error: messageOf(error) }, message);
  }
}
