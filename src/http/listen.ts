import { createServer, type AddressInfo, type Server } from 'node:net';
import { AppError } from '../errors.js';

export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * @returns the port, which the system chooses for 0
 * @throws AppError CONFIG_INVALID if it cannot listen on the address
 */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError(
              'CONFIG_INVALID',
              `Port ${port} of ${host} is in use. Stop the other program or set PORT to another one.`,
              { cause: error },
            )
          : new AppError('CONFIG_INVALID', `Cannot listen on ${host}:${port}: ${error.message}`, {
              cause: error,
            }),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Checks early whether the address is free, before the server opens everything. The address is released again; if
 * another program takes it meanwhile, `listen` reports it.
 * @throws AppError CONFIG_INVALID
 */
export async function assertCanListen(port: number, host: string): Promise<void> {
  const probe = createServer();
  await listen(probe, port, host);
  await new Promise((resolve) => probe.close(resolve));
}
