import { createServer, type AddressInfo, type Server } from 'node:net';
import { AppError } from '../errors.js';

export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * @returns the port: one the system chose where 0 was asked for
 * @throws AppError CONFIG_INVALID when the address cannot be listened on
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
 * Finds out in a moment what the server would find out when it has opened everything. The address is given back: what
 * another program takes meanwhile, `listen` still tells.
 * @throws AppError CONFIG_INVALID
 */
export async function assertCanListen(port: number, host: string): Promise<void> {
  const probe = createServer();
  await listen(probe, port, host);
  await new Promise((resolve) => probe.close(resolve));
}
