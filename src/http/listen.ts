import type { Server } from 'node:http';
import { AppError } from '../errors.js';

export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** @throws AppError CONFIG_INVALID when the address cannot be listened on */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError(
              'CONFIG_INVALID',
              `Port ${port} of ${host} is in use. Stop the other program or set PORT to another one.`,
            )
          : new AppError('CONFIG_INVALID', `Cannot listen on ${host}:${port}: ${error.message}`),
      );
    });
    server.listen(port, host, resolve);
  });
}
