import { dataDirOf } from '../../config.js';
import { messageOf } from '../../errors.js';
import { urlOf } from '../listen.js';
import { removeServerFile, writeServerFile } from '../server-file.js';
import type { CreatePlugin } from '../server-plugin.js';

/** Lets commands on this machine find the server while it listens. */
export const serverFile: CreatePlugin = ({ app, localToken }) => {
  const { config, logger } = app;
  const dataDir = dataDirOf(config);
  // A server that listens on all addresses can be reached through loopback.
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[config.host] ?? config.host;
  return {
    listening: (port) =>
      writeServerFile(dataDir, { pid: process.pid, url: urlOf(host, port), token: localToken }).catch(
        (error: unknown) =>
          logger.warn({ error: messageOf(error) }, 'commands on this machine will not find this server'),
      ),
    stopping: () => removeServerFile(dataDir),
  };
};
