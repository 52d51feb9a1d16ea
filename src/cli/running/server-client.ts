import { dataDirOf, type Config } from '../../config.js';
import { AppError, errorByCode, messageOf } from '../../errors.js';
import { findServer, type ServerFile } from '../../http/server-file.js';

const TIMEOUT_MS = 60_000;

/** The running server of a data folder, as its administrator. */
export class ServerClient {
  readonly #server: ServerFile;

  constructor(server: ServerFile) {
    this.#server = server;
  }

  /** Null when no server of this machine holds the data folder. */
  static async find(config: Pick<Config, 'databaseUrl'>): Promise<ServerClient | null> {
    const server = await findServer(dataDirOf(config));
    return server && new ServerClient(server);
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** @throws AppError with the code of the server's error; SHUTTING_DOWN if it does not answer */
  async request<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    const { url, token, pid } = this.#server;
    let body: { data?: Data | null; errors?: { message: string; extensions?: { code?: string } }[] };
    try {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      body = (await response.json()) as typeof body;
    } catch (error) {
      throw new AppError(
        'SHUTTING_DOWN',
        `The server (process ${pid}) does not answer at ${url}: ${messageOf(error)}`,
        { cause: error },
      );
    }
    const [error] = body.errors ?? [];
    if (error !== undefined || body.data == null) throw toAppError(error);
    return body.data;
  }

  /** As `request`, for polling. @returns null when the server is busy */
  async poll<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data | null> {
    try {
      return await this.request<Data>(query, variables);
    } catch (error) {
      if (error instanceof AppError && (error.code === 'RATE_LIMITED' || error.code === 'SERVER_BUSY'))
        return null;
      throw error;
    }
  }
}

function toAppError(error: { message: string; extensions?: { code?: string } } | undefined): Error {
  return errorByCode(error?.extensions?.code, error?.message ?? 'The server gave no answer.');
}
