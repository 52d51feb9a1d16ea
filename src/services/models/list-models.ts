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

/** In the order from download to serving; BROKEN: its files are incomplete or damaged. */
export type ModelState = 'AVAILABLE' | 'PARTIAL' | 'PULLING' | 'BROKEN' | 'INSTALLED' | 'FILLING' | 'SERVING';
export type OfferState = Extract<ModelState, 'AVAILABLE' | 'PARTIAL' | 'PULLING' | 'INSTALLED'>;

/** COPIES_AND_LOOKS: copies, colours, shapes. THINGS_AND_SCENES: what is in a picture. UNKNOWN: made elsewhere. */
export type ModelPurpose = 'COPIES_AND_LOOKS' | 'THINGS_AND_SCENES' | 'UNKNOWN';

/** One way to get a known model. */
export interface ModelOffer {
  readonly precision: Precision;
  /** The id that it will have here. */
  readonly modelId: string;
  readonly state: OfferState;
  /** Approximate size of the whole download. */
  readonly downloadBytes: number;
  readonly installedBytes: number;
  /** Bytes left by an interrupted pull; the next one resumes there. */
  readonly downloadedBytes: number;
  /** Estimated time per picture on this machine, from another model's; null if no comparable model was measured. */
  readonly estimatedEmbedMs: number | null;
  /** Estimated time to embed the whole gallery. */
  readonly estimatedSecondsToSwitch: number | null;
  /** The running pull. */
  readonly jobId: string | null;
}

export interface ListedModel {
  readonly id: string;
  readonly name: string;
  readonly state: ModelState;
  readonly purpose: ModelPurpose;
  /** What it is good at and what not, in English. */
  readonly description: string;
  readonly licence: string | null;
  readonly dimension: number | null;
  readonly parameters: number | null;
  /** For an installed model, like the next three. */
  readonly precision: Precision | null;
  readonly bytesOnDisk: number | null;
  /** Time per picture in the model on this machine; null until measured. */
  readonly embedMs: number | null;
  /** Pictures with a vector from it, or a recorded reason for having none; null while its space is unknown. */
  readonly pictures: number | null;
  /** Estimated time until it could serve with all pictures embedded; null while unknown. */
  readonly secondsToSwitch: number | null;
  /** Ways to get it; empty if it is not a known model. */
  readonly offers: readonly ModelOffer[];
  /** Whether `removeModel` can remove it. */
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
  /** Ids of pull jobs, by the model they install. */
  readonly pulling: ReadonlyMap<string, string>;
}

/** What is the same for all models of a list. */
interface Look extends ListOptions {
  readonly ids: ReadonlySet<string>;
  readonly measurements: Measurements;
  /** Pictures of the gallery. */
  readonly images: number;
}

/** Every installed and every known model: the serving one first, then installed ones, then available ones. */
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

/** The built-in model belongs to the program and would return with it. */
export const isRemovable = (
  id: string,
  { serving, target }: Pick<ListOptions, 'serving' | 'target'>,
): boolean => id !== BUILTIN_ID && id !== serving.id && id !== target?.id;

/** Known figures of its time and its space. */
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
    // A model that was installed by hand was never measured.
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

/** An estimate; null if nothing comparable was measured here. */
function timeOf(
  { measurements, plan }: Look,
  known: KnownModel,
  precision: Precision,
): Pick<Measured, 'embedMs' | 'threads'> | null {
  const embedMs = estimateEmbedMs(known, precision, measurements, plan);
  return embedMs === null ? null : { embedMs, threads: plan.threads };
}

/** From any measured model, since decoding takes nearly the same time for all. */
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

/** Null for an installed model, for which `secondsToSwitch` is better: it uses its own measurement and missing pictures. */
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
