import { join } from 'node:path';
import type { Catalog } from '../catalog/types.js';
import { BUILTIN_ID, BUILTIN_LICENCE } from '../embedding/builtin/identity.js';
import {
  downloadBytes,
  installedBytes,
  KNOWN_MODELS,
  knownModelOf,
  PRECISIONS,
  pulledId,
  type KnownModel,
} from '../embedding/hub/known-models.js';
import { downloadedBytes } from '../embedding/hub/pull.js';
import { inspectModel, type InstalledModel } from '../embedding/inspect-model.js';
import { readMeasured } from '../embedding/measured.js';
import { listModels } from '../embedding/model.js';
import type { WorkerPlan } from '../embedding/plan.js';
import type { ModelDescription } from '../embedding/types.js';

type Precision = ModelDescription['precision'];

/** The further down the list, the nearer to answering searches; BROKEN: its files are not what they should be. */
export type ModelState = 'AVAILABLE' | 'PARTIAL' | 'PULLING' | 'BROKEN' | 'INSTALLED' | 'FILLING' | 'SERVING';
export type OfferState = Extract<ModelState, 'AVAILABLE' | 'PARTIAL' | 'PULLING' | 'INSTALLED'>;

/** COPIES_AND_LOOKS: copies, colours, shapes. THINGS_AND_SCENES: what is in a picture. UNKNOWN: made elsewhere. */
export type ModelPurpose = 'COPIES_AND_LOOKS' | 'THINGS_AND_SCENES' | 'UNKNOWN';

/** One way to get a known model. */
export interface ModelOffer {
  readonly precision: Precision;
  /** What it is called here then. */
  readonly modelId: string;
  readonly state: OfferState;
  /** About, before the first byte is there. */
  readonly downloadBytes: number;
  readonly installedBytes: number;
  /** What an interrupted pull has left: the next one goes on from there. */
  readonly downloadedBytes: number;
  /** Of the pull under way. */
  readonly jobId: string | null;
}

export interface ListedModel {
  readonly id: string;
  readonly name: string;
  readonly state: ModelState;
  readonly purpose: ModelPurpose;
  /** What it is good for and what not, in English. */
  readonly description: string;
  readonly licence: string | null;
  readonly dimension: number | null;
  readonly parameters: number | null;
  /** Of an installed one, as the next three. */
  readonly precision: Precision | null;
  readonly bytesOnDisk: number | null;
  /** A picture in the model on this machine; null until it was measured. */
  readonly embedMs: number | null;
  /** Pictures that have their vector of it, or a recorded reason for having none; null while its space is not known. */
  readonly pictures: number | null;
  /** Until it could serve, all pictures embedded; null while that is not known. */
  readonly secondsToSwitch: number | null;
  /** Ways to get it; none of what is no known model. */
  readonly offers: readonly ModelOffer[];
  /** Whether `removeModel` would take it. */
  readonly removable: boolean;
  /** Why it cannot be used; may name paths. */
  readonly problem: string | null;
}

export interface ListOptions {
  readonly catalog: Catalog;
  readonly modelsDir: string;
  /** How the cores are divided. */
  readonly plan: WorkerPlan;
  readonly serving: ModelDescription;
  readonly target: ModelDescription | null;
  /** Jobs that pull, by what they make. */
  readonly pulling: ReadonlyMap<string, string>;
}

/** Every installed and every known model: what serves first, then what is installed, then what can be had. */
export async function listAllModels(options: ListOptions): Promise<ListedModel[]> {
  const ids = new Set(await listModels(options.modelsDir));
  const installed = await Promise.all([...ids].map((id) => describeInstalled(options, ids, id)));
  const known = KNOWN_MODELS.filter(({ id }) => !ids.has(id));
  const available = await Promise.all(known.map((model) => describeAvailable(options, ids, model)));
  const nearness = ({ state }: ListedModel): number =>
    state === 'SERVING' ? 2 : state === 'FILLING' ? 1 : 0;
  return [...installed.sort((a, b) => nearness(b) - nearness(a)), ...available];
}

async function describeInstalled(
  options: ListOptions,
  ids: ReadonlySet<string>,
  id: string,
): Promise<ListedModel> {
  const { modelsDir, serving, target } = options;
  const found = await inspectModel(modelsDir, id);
  const { definition, problem } = found;
  const known = knownModelOf(id)?.known ?? null;
  const inUse = id === serving.id ? 'SERVING' : id === target?.id ? 'FILLING' : null;
  const state = inUse ?? (problem === null ? 'INSTALLED' : 'BROKEN');
  return {
    id,
    name: definition?.name ?? known?.name ?? id,
    state,
    purpose: id === BUILTIN_ID ? 'COPIES_AND_LOOKS' : known === null ? 'UNKNOWN' : 'THINGS_AND_SCENES',
    description: definition?.description ?? '',
    licence: id === BUILTIN_ID ? BUILTIN_LICENCE : (known?.licence ?? null),
    dimension: definition?.dimension ?? null,
    parameters: known?.parameters ?? null,
    precision: definition?.precision ?? null,
    bytesOnDisk: found.bytes,
    ...(await costOf(options, found)),
    offers: known !== null && known.id === id ? await offersOf(options, ids, known) : [],
    removable: isRemovable(id, { serving, target }),
    problem,
  };
}

/** The built-in one comes with the program, and back with it. */
export const isRemovable = (
  id: string,
  { serving, target }: Pick<ListOptions, 'serving' | 'target'>,
): boolean => id !== BUILTIN_ID && id !== serving.id && id !== target?.id;

/** What is known of its time, and of its space. */
async function costOf(
  { catalog, modelsDir, plan, serving, target }: ListOptions,
  { id, problem }: InstalledModel,
): Promise<Pick<ListedModel, 'embedMs' | 'pictures' | 'secondsToSwitch'>> {
  const measured = await readMeasured(join(modelsDir, id));
  const inUse = [serving, ...(target === null ? [] : [target])].find((model) => model.id === id);
  const spaceId = inUse?.spaceId ?? measured?.spaceId ?? null;
  const embedMs = measured?.embedMs ?? null;
  if (spaceId === null) return { embedMs, pictures: null, secondsToSwitch: null };
  const { images, pending } = await catalog.coverage(spaceId);
  const pictures = images - pending;
  if (spaceId === serving.spaceId || pending === 0)
    return { embedMs, pictures, secondsToSwitch: problem === null ? 0 : null };
  if (measured === null || problem !== null) return { embedMs, pictures, secondsToSwitch: null };
  // Threads of one run and runs side by side share the same cores.
  const threads = plan.workers * plan.threads;
  const secondsToSwitch = (pending * measured.embedMs * measured.threads) / threads / 1000;
  return { embedMs, pictures, secondsToSwitch };
}

async function describeAvailable(
  options: ListOptions,
  ids: ReadonlySet<string>,
  known: KnownModel,
): Promise<ListedModel> {
  const offers = await offersOf(options, ids, known);
  const has = (state: OfferState): boolean => offers.some((offer) => offer.state === state);
  const state = has('PULLING') ? 'PULLING' : has('PARTIAL') ? 'PARTIAL' : 'AVAILABLE';
  const { id, name, description, licence, dimension, parameters } = known;
  return {
    id,
    name,
    state,
    purpose: 'THINGS_AND_SCENES',
    description,
    licence,
    dimension,
    parameters,
    precision: null,
    bytesOnDisk: null,
    embedMs: null,
    pictures: null,
    secondsToSwitch: null,
    offers,
    removable: state === 'PARTIAL',
    problem: null,
  };
}

async function offersOf(
  { modelsDir, pulling }: ListOptions,
  ids: ReadonlySet<string>,
  known: KnownModel,
): Promise<ModelOffer[]> {
  const weights = await downloadedBytes(modelsDir, known.repository);
  const int8 = known.int8 === null ? weights : await downloadedBytes(modelsDir, known.int8.repository);
  return PRECISIONS.map((precision) => {
    const modelId = pulledId(known, precision);
    const jobId = pulling.get(modelId) ?? null;
    const there = precision === 'int8' ? int8 : weights;
    return {
      precision,
      modelId,
      state: ids.has(modelId)
        ? 'INSTALLED'
        : jobId !== null
          ? 'PULLING'
          : there > 0
            ? 'PARTIAL'
            : 'AVAILABLE',
      downloadBytes: downloadBytes(known, precision),
      installedBytes: installedBytes(known, precision),
      downloadedBytes: there,
      jobId,
    };
  });
}
