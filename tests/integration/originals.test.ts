import { afterEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Sqlite } from '../../src/lib/sqlite.js';
import type { Job } from '../../src/services/jobs.js';
import type { VerifyProblem } from '../../src/services/gallery/reconcile.js';
import { runCli, type CliResult } from '../helpers/cli.js';
import {
  addToGallery,
  type Connection,
  dataOf,
  nodesOf,
  removeFromGallery,
  request,
  searchByImage,
} from '../helpers/graphql.js';
import { LIMITS } from '../helpers/limits.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { waitFor } from '../helpers/wait-for.js';

let server: TestServer | null = null;
const others: TestServer[] = [];

afterEach(async () => {
  for (const other of others.splice(0)) await other.dispose();
  await server?.dispose();
  server = null;
});

const mediaOf = ({ dir }: TestServer): string => join(dir, 'media');

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const fileOf = (running: TestServer, bytes: Uint8Array): string => {
  const sha256 = hashOf(bytes);
  return join(mediaOf(running), sha256.slice(0, 2), `${sha256}.jpg`);
};

/** Hashes of all originals' contents, wherever they lie. */
async function contents(running: TestServer): Promise<string[]> {
  const entries = await readdir(mediaOf(running), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('thumbnails'))
    .map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(paths.map(async (path) => hashOf(await readFile(path))))).sort();
}

const hashes = (pictures: readonly Uint8Array[]): string[] => pictures.map(hashOf).sort();

const draw = (from: number, count: number): Promise<Buffer[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => jpeg(from + i, 96, 72)));

async function likeness(running: TestServer, args: readonly string[]): Promise<CliResult> {
  return runCli(args, {
    env: {
      DATABASE_URL: `file:${join(running.dir, 'data', 'likeness.db')}`,
      INDEX_DIR: join(running.dir, 'index'),
      MEDIA_DIR: mediaOf(running),
      MODEL: 'builtin',
      SAMPLE_GALLERY: 'off',
    },
  });
}

interface Verified {
  readonly ok: boolean;
  readonly problems: readonly VerifyProblem[];
  readonly adopted?: { added: number; known: number; repaired: number; failed: number };
}

const verified = ({ stdout }: CliResult): Verified => JSON.parse(stdout) as Verified;

/** Once it was counted. */
function mediaStatus(url: string): Promise<{ unknownFiles: number; missingFiles: number }> {
  return waitFor('the count of the media folder', async () => {
    const { status } = dataOf(
      await request<{ status: { media: { unknownFiles: number; missingFiles: number } | null } }>(
        url,
        '{ status { media { unknownFiles missingFiles } } }',
      ),
    );
    return status.media;
  });
}

async function expectFound(url: string, pictures: readonly Buffer[]): Promise<void> {
  for (const bytes of pictures) {
    const [best] = dataOf(await searchByImage(url, bytes, { topK: 1 })).searchByImage.matches;
    expect(best?.image.sha256).toBe(hashOf(bytes));
    const file = Buffer.from(await (await fetch(`${url}${best!.image.url}`)).arrayBuffer());
    expect(file.equals(bytes)).toBe(true);
  }
}

describe('originals deleted when the database is not the matching one', () => {
  test("last week's data/ beside today's media/, and then none at all: nothing goes, and --adopt brings all back", async () => {
    const running = (server = await startServer());
    const [old, recent] = [await draw(0, 3), await draw(100, 3)];
    const all = [...old, ...recent];
    for (const bytes of old) await addToGallery(running.url, bytes);
    await running.stop();
    await cp(join(running.dir, 'data'), join(running.dir, 'last-week'), { recursive: true });
    await running.restart();
    for (const bytes of recent) await addToGallery(running.url, bytes);
    await running.kill9();

    await rm(join(running.dir, 'data'), { recursive: true });
    await cp(join(running.dir, 'last-week'), join(running.dir, 'data'), { recursive: true });
    for (let start = 0; start < 2; start++) {
      await running.restart();
      expect(await mediaStatus(running.url)).toEqual({ unknownFiles: 3, missingFiles: 0 });
      expect(await contents(running)).toEqual(hashes(all));
      expect(running.output().match(/likeness verify --adopt/g)).toHaveLength(1);
      await running.kill9();
    }
    const seen = await likeness(running, ['verify', '--json']);
    expect(seen.code).toBe(4);
    expect(
      verified(seen)
        .problems.map(({ kind, file }) => [kind, file?.sha256])
        .sort(),
    ).toEqual(hashes(recent).map((sha256) => ['file-unknown', sha256]));
    const adopted = await likeness(running, ['verify', '--adopt', '--json']);
    expect(adopted.code).toBe(0);
    expect(verified(adopted)).toMatchObject({ ok: true, adopted: { added: 3, failed: 0 } });
    await running.restart();
    expect(await mediaStatus(running.url)).toEqual({ unknownFiles: 0, missingFiles: 0 });
    await expectFound(running.url, all);
    await running.kill9();

    await rm(join(running.dir, 'data'), { recursive: true });
    const sampled = await startServer({ dir: running.dir, env: { SAMPLE_GALLERY: 'auto' } });
    others.push(sampled);
    expect(await mediaStatus(sampled.url)).toEqual({ unknownFiles: 6, missingFiles: 0 });
    expect(dataOf(await request(sampled.url, '{ status { gallerySize } }'))).toEqual({
      status: { gallerySize: 0 },
    });
    await sampled.kill9();
    // Also what is no picture, and what lies where no picture of ours would.
    const broken = join(mediaOf(running), 'ab', `ab${'0'.repeat(62)}.png`);
    const [stray] = await draw(200, 1);
    await mkdir(dirname(broken), { recursive: true });
    await writeFile(broken, 'whatever');
    await mkdir(join(mediaOf(running), 'from-phone'));
    await writeFile(join(mediaOf(running), 'from-phone', 'beach.jpg'), stray!);
    const second = await likeness(running, ['verify', '--adopt', '--json']);
    expect(second.code).toBe(4);
    expect(second.stderr).toContain(`ab/ab${'0'.repeat(62)}.png: IMAGE_UNSUPPORTED`);
    expect(verified(second)).toMatchObject({
      adopted: { added: 7, known: 0, failed: 1 },
      problems: [{ kind: 'file-unknown', unknown: { path: broken } }],
    });
    expect(await readFile(broken, 'utf8')).toBe('whatever');
    await rm(broken);
    expect(await contents(running)).toEqual(hashes([...all, stray!]));
    expect(await likeness(running, ['verify'])).toMatchObject({ code: 0 });
    await running.restart();
    await expectFound(running.url, [...all, stray!]);
  });

  test('only what the run of this catalog had under way is decided at the next start, by the rows', async () => {
    const running = (server = await startServer());
    const [moved, whole, unpromised, foreign] = await draw(0, 4);
    await addToGallery(running.url, moved!);
    await addToGallery(running.url, whole!);
    await running.kill9();
    const [run] = await readdir(join(mediaOf(running), 'staged'));
    const staged = (bytes: Buffer, folder = run!): string =>
      join(mediaOf(running), 'staged', folder, `${hashOf(bytes)}.jpg`);
    await rename(fileOf(running, moved!), staged(moved!)); // an addition without its rename, a removal without its commit
    await writeFile(staged(unpromised!), unpromised!); // an addition without its commit, a removal without its end
    await writeFile(`${staged(unpromised!)}.1.tmp`, 'half');
    await mkdir(dirname(staged(foreign!, 'of-another-catalog')));
    await writeFile(staged(foreign!, 'of-another-catalog'), foreign!);
    await running.restart();
    expect(await contents(running)).toEqual(hashes([moved!, whole!, foreign!]));
    expect(await mediaStatus(running.url)).toEqual({ unknownFiles: 1, missingFiles: 0 });
    await expectFound(running.url, [moved!, whole!]);
    await running.stop();
    expect((await readdir(join(mediaOf(running), 'staged'))).sort()).toEqual(['of-another-catalog']);
    expect(await likeness(running, ['verify', '--adopt'])).toMatchObject({ code: 0 });
    expect(await contents(running)).toEqual(hashes([moved!, whole!, foreign!]));
  });

  test('kill -9 during removals: what was acknowledged is gone, every other picture has its file, no file is left over', async () => {
    const running = (server = await startServer());
    const pictures = await draw(0, 40);
    const ids: string[] = [];
    for (const bytes of pictures) ids.push((await addToGallery(running.url, bytes)).image.id);
    const acknowledged: string[] = [];
    const client = async (mine: readonly string[]): Promise<void> => {
      for (const id of mine) {
        try {
          acknowledged.push(...(await removeFromGallery(running.url, [id])));
        } catch {
          return; // the server is gone
        }
        if (acknowledged.length === 15) await running.kill9();
      }
    };
    await Promise.all([client(ids.slice(0, 20)), client(ids.slice(20))]);
    await running.kill9();
    await running.restart();
    const { galleryImages } = dataOf(
      await request<{ galleryImages: { edges: { node: { id: string; sha256: string } }[] } }>(
        running.url,
        '{ galleryImages(first: 100) { edges { node { id sha256 } } } }',
      ),
    );
    const rows = galleryImages.edges.map(({ node }) => node);
    expect(rows.filter(({ id }) => acknowledged.includes(id))).toEqual([]);
    expect(await contents(running)).toEqual(rows.map(({ sha256 }) => sha256).sort());
    expect(await mediaStatus(running.url)).toEqual({ unknownFiles: 0, missingFiles: 0 });
  });
});

describe('a lost or changed original heals', () => {
  test('404 with a code of its own, then put back by adding, by an import job and by the command', async () => {
    const folder = join(await temporaryDir(), 'pictures');
    const running = (server = await startServer({ env: { IMPORT_ROOTS: dirname(folder) } }));
    const [first, second, third] = await draw(0, 3);
    const added = [];
    for (const bytes of [first!, second!, third!]) added.push((await addToGallery(running.url, bytes)).image);
    await fetch(`${running.url}${added[0]!.thumbnailUrl}`);
    await writeFile(fileOf(running, first!), second!); // another picture, as good as any
    await truncate(fileOf(running, second!), 100);
    await rm(fileOf(running, third!));
    for (const { url } of added)
      for (const path of [url, `${url}/thumbnail?width=640`]) {
        const response = await fetch(`${running.url}${path}`);
        expect([response.status, response.headers.get('cache-control')]).toEqual([404, null]);
        expect(await response.json()).toMatchObject({
          errors: [{ extensions: { code: 'IMAGE_FILE_MISSING', retryable: false } }],
        });
      }

    expect(await addToGallery(running.url, first!)).toMatchObject({
      created: false,
      repaired: true,
      image: { id: added[0]!.id },
    });
    expect(await addToGallery(running.url, first!)).toMatchObject({ created: false, repaired: false });
    expect((await fetch(`${running.url}${added[0]!.thumbnailUrl}`)).status).toBe(200);

    await mkdir(folder);
    await writeFile(join(folder, 'first.jpg'), first!);
    await writeFile(join(folder, 'second.jpg'), second!);
    const importing = dataOf(
      await request<{ importFolder: { job: { id: string } } }>(
        running.url,
        'mutation ($path: String!) { importFolder(path: $path) { job { id } } }',
        { path: folder },
      ),
    ).importFolder.job;
    const job = await finished(running, importing.id);
    expect(job).toMatchObject({ state: 'DONE', added: 0, skipped: 2, repaired: 1, failed: 0, done: 2 });
    await expectFound(running.url, [first!, second!]);
    await running.stop();

    await writeFile(join(folder, 'third.jpg'), third!);
    const seen = await likeness(running, ['status', '--json']);
    expect(JSON.parse(seen.stdout)).toMatchObject({
      gallery: { images: 3, unknownFiles: 0, missingFiles: 1 },
    });
    expect((await likeness(running, ['status'])).stdout).toContain('1 missing');
    const imported = await likeness(running, ['import', folder]);
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stdout).toContain('0 added, 3 already known (1 restored), 0 failed');
    const again = await likeness(running, ['import', folder, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ known: 3, repaired: 0 });
    expect(await likeness(running, ['verify'])).toMatchObject({ code: 0 });
  });

  test('a picture that could not be embedded for want of its file gets its vector when the file is put back', async () => {
    const running = (server = await startServer());
    const [bytes] = await draw(0, 1);
    const { image } = await addToGallery(running.url, bytes!);
    await running.stop();
    await rm(fileOf(running, bytes!));
    query(running, 'DELETE FROM vectors');
    await running.restart();
    await running.until(() => failures(running).includes('IMAGE_FILE_MISSING'));
    expect(await addToGallery(running.url, bytes!)).toMatchObject({ repaired: true });
    const [best] = dataOf(await searchByImage(running.url, bytes!, { topK: 1 })).searchByImage.matches;
    expect(best?.image.id).toBe(image.id);
  });
});

describe('a failed write', () => {
  test('leaves no file, and a failed removal takes none', async () => {
    const running = (server = await startServer());
    const [bytes, other] = await draw(0, 2);
    const { image } = await addToGallery(running.url, bytes!);
    // The catalog itself refuses: as a full or broken disk would, at the same place.
    query(
      running,
      "CREATE TRIGGER no_more BEFORE INSERT ON images BEGIN SELECT RAISE(ABORT, 'no more'); END",
    );
    query(running, "CREATE TRIGGER keep BEFORE DELETE ON images BEGIN SELECT RAISE(ABORT, 'keep'); END");
    await expect(addToGallery(running.url, other!)).rejects.toThrow('INTERNAL_SERVER_ERROR');
    await expect(removeFromGallery(running.url, [image.id])).rejects.toThrow('INTERNAL_SERVER_ERROR');
    expect(await contents(running)).toEqual([hashOf(bytes!)]);
    await expectFound(running.url, [bytes!]);
    query(running, 'DROP TRIGGER no_more');
    query(running, 'DROP TRIGGER keep');
    expect(await addToGallery(running.url, other!)).toMatchObject({ created: true });
    expect(await removeFromGallery(running.url, [image.id])).toEqual([image.id]);
    expect(await contents(running)).toEqual([hashOf(other!)]);
    expect(await running.stop()).toBe(0);
    expect(await likeness(running, ['verify'])).toMatchObject({ code: 0 });
  });
});

/** A second connection to the database, as any tool may open one. */
function query({ dir }: TestServer, sql: string): readonly (readonly unknown[])[] {
  const connection = new Sqlite(join(dir, 'data', 'likeness.db'), LIMITS.conditionMs);
  try {
    return connection.run(sql).rows;
  } finally {
    connection.close();
  }
}

const failures = (running: TestServer): unknown[] =>
  query(running, 'SELECT code FROM embedding_failures').map(([code]) => code);

async function finished(running: TestServer, id: string): Promise<Job> {
  let job: Job | undefined;
  await running.until(async () => {
    const { status } = dataOf(
      await request<{ status: { jobs: Connection<Job> } }>(
        running.url,
        '{ status { jobs { edges { node { id state done added skipped repaired failed finishedAt } } } } }',
      ),
    );
    job = nodesOf(status.jobs).find((one) => one.id === id);
    return job !== undefined && job.finishedAt !== null;
  });
  return job as Job;
}
