import { afterAll, beforeAll } from '@jest/globals';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { addPictures, useClient, type Client } from './client.js';
import { makeDinov2Weights } from './dinov2-weights.js';
import { holdingWorkers, holdWorkers } from './hold-workers.js';
import { HubServer, type HubFile, type Trouble } from './hub-server.js';
import { writeSafetensors } from './weights.js';

const BUILTIN = resolve(import.meta.dirname, '..', '..', 'models', 'builtin');
const PATH = '/facebook/dinov2-small/resolve/main/model.safetensors';

/** Until the file is served anew. */
export const always = (trouble: Trouble): Trouble[] => Array.from({ length: 50 }, () => trouble);

export const card = (page: Page, name: string): Locator => page.getByRole('article', { name, exact: true });

/** DINOv2 small, by its id: once it is here its name tells what the weights of the tests are. */
export const small = (page: Page): Locator =>
  page.getByRole('article').filter({ has: page.getByText('dinov2-small', { exact: true }) });

export const smallIs = (page: Page, text: string): Promise<void> =>
  small(page).locator('.model-state').getByText(text, { exact: true }).waitFor();

/** Opens the dialog of the card and says yes to what it proposes, or to the download alone. */
export async function get(page: Page, button = 'Get DINOv2 small …', { use = true } = {}): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  if (!use) await dialog.getByRole('checkbox', { name: 'Use it as soon as it is installed' }).uncheck();
  await dialog.getByRole('button', { name: /^Get [\d.]+ / }).click();
}

export interface ModelsClient {
  readonly client: Client;
  readonly hub: HubServer;
  /** Of DINOv2 small, as far as the server can tell. */
  readonly weights: Buffer;
  /** The hub has the weights, from now on like this. */
  serve(file?: Partial<HubFile>): void;
  /** @see holdWorkers */
  hold(worker: string): Promise<() => Promise<void>>;
}

/** A server with the built-in model, some pictures and a hub of its own. */
export function useModelsClient(pictures: number): ModelsClient {
  let hub: HubServer;
  let weights: Buffer;
  let held = '';
  const client = useClient({
    env: { MODEL: 'auto', EMBED_WORKERS: '1', EMBED_THREADS: '1' },
    prepare: async ({ data, models }) => {
      hub = await HubServer.start();
      held = join(data, 'held');
      await mkdir(held);
      await cp(BUILTIN, join(models, 'builtin'), { recursive: true });
      await rm(join(models, 'tiny'), { recursive: true });
      const dir = await mkdtemp(join(tmpdir(), 'likeness-weights-'));
      const file = join(dir, 'model.safetensors');
      await writeSafetensors(file, makeDinov2Weights({ dimension: 384, depth: 1, grid: 4 }));
      weights = await readFile(file);
      await rm(dir, { recursive: true });
      return { MODEL_HUB: hub.url, ...holdingWorkers(held) };
    },
  });
  beforeAll(() => addPictures(client.server.url, pictures));
  afterAll(() => hub?.close().catch(() => {})); // closed by a test
  return {
    client,
    get hub() {
      return hub;
    },
    get weights() {
      return weights;
    },
    serve: (file = {}) => void hub.files.set(PATH, { bytes: weights, redirect: 'absolute', ...file }),
    hold: (worker) => holdWorkers(held, worker),
  };
}
