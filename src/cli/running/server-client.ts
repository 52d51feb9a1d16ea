import { dataDirOf, type Config } from '../../config.js';
import { AppError, ERRORS, messageOf, type ErrorCode } from '../../errors.js';
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

  /** A root field that is null has an error beside it. @throws AppError what the server answers, by its code; SHUTTING_DOWN when it does not answer */
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
}

function toAppError(error: { message: string; extensions?: { code?: string } } | undefined): Error {
  const code = error?.extensions?.code;
  const message = error?.message ?? 'The server gave no answer.';
  return code !== undefined && Object.hasOwn(ERRORS, code)
    ? new AppError(code as ErrorCode, message)
    : new Error(message);
}
