import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import { clustered, labelsOf, open, oracle, seededRandom } from './support.js';

const OPEN_URL = pathToFileURL(join(process.cwd(), 'dist/services/vector-index/open.js'));

/** A process that changes and saves without end, told its vectors by the same seeded data. */
const WRITER = `
  import { openVectorIndex } from ${JSON.stringify(OPEN_URL.href)};
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  process.on('message', async ({ dir, entries }) => {
    const all = entries.map(([label, ...values]) => ({ label, vector: Float32Array.from(values) }));
    const pages = (async function* () { yield all.map(({ label, vector }) => ({ id: label, vector })); })();
    const index = await openVectorIndex({ dir, spaceId: 'space-a', dimension: 32, vectors: pages, logger: quiet, exactBelow: 1, lowPriority: false });
    await index.settled();
    for (let i = 0; ; i++) {
      const one = all[i % all.length];
      await index.remove([one.label]);
      await index.save();
      process.send({ saved: i });
      await index.add([one]);
    }
  });
`;

test('killed at any moment, the index opens again and answers as the catalog says', async () => {
  const dir = await temporaryDir();
  const entries = clustered(400, 61);
  const truth = entries.map(({ label, vector }) => [label, ...vector]);
  const script = join(dir, 'writer.mjs');
  await writeFile(script, WRITER);
  const random = seededRandom(62);
  const modes: string[] = [];

  for (let round = 0; round < 6; round++) {
    const child = fork(script, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let left = Math.floor(random() * 12);
    const turns = Math.floor(random() * 40);
    child.on('message', () => {
      if (left-- > 0) return;
      // Some turns of the loop into the next change or save, a different number each round.
      (function later(turn: number) {
        if (turn === 0) child.kill('SIGKILL');
        else setImmediate(later, turn - 1);
      })(turns);
    });
    child.send({ dir: join(dir, 'index'), entries: truth });
    await ended;

    const index = await open(join(dir, 'index'), entries);
    modes.push(`${(await index.status()).mode}, ${(await index.status()).problem}`);
    for (const { vector } of entries.filter(({ label }) => label % 40 === 0)) {
      expect(labelsOf(await index.search(vector, 10))).toEqual(labelsOf(oracle(entries, vector, 10)));
    }
    await index.close();
  }
  expect(new Set(modes)).toEqual(new Set(['hnsw, null']));
});
