import { join } from 'node:path';
import type { Catalog } from '../catalog/types.js';
import { BUILTIN_ID, BUILTIN_LICENCE } from '../../model-tools/builtin/identity.js';
import {
  downloadBytes,
  installedBytes,
  KNOWN_MODELS,
  knownModelOf,
  PRECISIONS,
  pulledId,
  type KnownModel,
} from '../../model-tools/hub/known-models.js';
import { downloadedBytes } from '../../model-tools/hub/pull.js';
import { inspectModel, type InstalledModel } from '../../model-tools/inspect-model.js';
import { readMeasured, type Measured } from '../embedding/measured.js';
import { listModels } from '../embedding/model.js';
import type { WorkerPlan } from '../embedding/plan.js';
import type { ModelDescription } from '../embedding/types.js';
import { estimateEmbedMs, secondsFor, type Measurements } from './estimate.js';

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
  /** A picture in the model on this machine, by what another model takes here; null: none that compares was measured. */
  readonly estimatedEmbedMs: number | null;
  /** Until every picture of the gallery has its vector of it, counted from nothing. */
  readonly estimatedSecondsToSwitch: number | null;
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

/** What is the same for all of them. */
interface Look extends ListOptions {
  readonly ids: ReadonlySet<string>;
  readonly measurements: Measurements;
  /** Pictures of the gallery. */
  readonly images: number;
}

/** Every installed and every known model: what serves first, then what is installed, then what is available. */
export async function listAllModels(options: ListOptions): Promise<ListedModel[]> {
  const { catalog, modelsDir } = options;
  const ids = new Set(await listModels(modelsDir));
  const measurements = new Map<string, Measured>();
  for (const id of ids) {
    const measured = await readMeasured(join(modelsDir, id));
    if (measured !== null) measurements.set(id, measured);
  }
  const look: Look = { ...options, ids, measurements, images: await catalog.images.count() };
  const installed = await Promise.all([...ids].map((id) => describeInstalled(look, id)));
  const known = KNOWN_MODELS.filter(({ id }) => !ids.has(id));
  const available = await Promise.all(known.map((model) => describeAvailable(look, model)));
  const nearness = ({ state }: ListedModel): number =>
    state === 'SERVING' ? 2 : state === 'FILLING' ? 1 : 0;
  return [...installed.sort((a, b) => nearness(b) - nearness(a)), ...available];
}

async function describeInstalled(look: Look, id: string): Promise<ListedModel> {
  const { modelsDir, serving, target } = look;
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
    ...(await costOf(look, found)),
    offers: known !== null && known.id === id ? await offersOf(look, known) : [],
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
  look: Look,
  { id, problem }: InstalledModel,
): Promise<Pick<ListedModel, 'embedMs' | 'pictures' | 'secondsToSwitch'>> {
  const { catalog, measurements, plan, serving, target } = look;
  const measured = measurements.get(id) ?? null;
  const inUse = [serving, ...(target === null ? [] : [target])].find((model) => model.id === id);
  const spaceId = inUse?.spaceId ?? measured?.spaceId ?? null;
  const embedMs = measured?.embedMs ?? null;
  const secondsToSwitch = (missing: number): number | null => {
    if (problem !== null) return null;
    if (missing === 0) return 0;
    // One that was put there by hand was never measured.
    const found = measured === null ? knownModelOf(id) : null;
    const time = measured ?? (found && timeOf(look, found.known, found.precision));
    return time && secondsFor(missing, time, decodeMsOf(look), plan);
  };
  if (spaceId === null) return { embedMs, pictures: null, secondsToSwitch: secondsToSwitch(look.images) };
  const { images, pending } = await catalog.vectors.coverage(spaceId);
  return {
    embedMs,
    pictures: images - pending,
    secondsToSwitch: secondsToSwitch(spaceId === serving.spaceId ? 0 : pending),
  };
}

/** An estimate; null when nothing was measured here that compares. */
function timeOf(
  { measurements, plan }: Look,
  known: KnownModel,
  precision: Precision,
): Pick<Measured, 'embedMs' | 'threads'> | null {
  const embedMs = estimateEmbedMs(known, precision, measurements, plan);
  return embedMs === null ? null : { embedMs, threads: plan.threads };
}

/** Whatever model it was measured with: decoding is nearly the same for all. */
function decodeMsOf({ measurements, serving }: Look): number | null {
  const known = [...measurements.values()].filter(({ decodeMs }) => decodeMs !== null);
  return (known.find(({ spaceId }) => spaceId === serving.spaceId) ?? known[0])?.decodeMs ?? null;
}

async function describeAvailable(look: Look, known: KnownModel): Promise<ListedModel> {
  const offers = await offersOf(look, known);
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

async function offersOf(look: Look, known: KnownModel): Promise<ModelOffer[]> {
  const { modelsDir, pulling, ids } = look;
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
      ...estimateOf(look, known, precision),
      jobId,
    };
  });
}

/** Of one that is here there is better: `secondsToSwitch`, of its own measurement and the pictures it lacks. */
function estimateOf(
  look: Look,
  known: KnownModel,
  precision: Precision,
): Pick<ModelOffer, 'estimatedEmbedMs' | 'estimatedSecondsToSwitch'> {
  const { ids, plan, images } = look;
  const time = ids.has(pulledId(known, precision)) ? null : timeOf(look, known, precision);
  return {
    estimatedEmbedMs: time && time.embedMs,
    estimatedSecondsToSwitch: time && secondsFor(images, time, decodeMsOf(look), plan),
  };
}
