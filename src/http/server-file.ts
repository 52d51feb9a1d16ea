import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../lib/atomic-file.js';
import { lockHolder } from '../lib/lock-file.js';

/**
 * Lets a command on the same machine find the server that holds a data folder, and prove that it may read that folder: a
 * file in it that only its owner can read.
 */
export interface ServerFile {
  readonly pid: number;
  readonly url: string;
  /** Accepted as an administrator's token; new at every start. */
  readonly token: string;
}

const pathIn = (dataDir: string): string => join(dataDir, 'server.json');

export async function writeServerFile(dataDir: string, file: ServerFile): Promise<void> {
  await writeFileAtomically(pathIn(dataDir), JSON.stringify(file), { mode: 0o600 });
}

/** Removes the file, unless it is another process's. */
export async function removeServerFile(dataDir: string): Promise<void> {
  if ((await read(dataDir))?.pid === process.pid) await rm(pathIn(dataDir), { force: true });
}

/** The server that holds this data folder now; null if there is none, or if it is on another machine. */
export async function findServer(dataDir: string): Promise<ServerFile | null> {
  const file = await read(dataDir);
  if (file === null) return null;
  const holder = await lockHolder(join(dataDir, 'lock'));
  return holder?.pid === file.pid ? file : null;
}

async function read(dataDir: string): Promise<ServerFile | null> {
  try {
    const { pid, url, token } = JSON.parse(await readFile(pathIn(dataDir), 'utf8')) as Record<
      string,
      unknown
    >;
    return typeof pid === 'number' && typeof url === 'string' && typeof token === 'string'
      ? { pid, url, token }
      : null;
  } catch {
    return null; // missing or incomplete
  }
}
