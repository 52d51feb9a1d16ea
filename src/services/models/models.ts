import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import { check } from '../../lib/check.js';
import { storageFull } from '../../lib/storage-full.js';
import type { Logger } from '../../logger.js';
import type { Catalog } from '../catalog/types.js';
import type { HttpClient } from '../../model-tools/hub/http-client.js';
import {
  findKnownModel,
  KNOWN_MODELS,
  PRECISIONS,
  pulledId,
  type KnownModel,
} from '../../model-tools/hub/known-models.js';
import { discardDownload, pullModel } from '../../model-tools/hub/pull.js';
import { inspectModel } from '../../model-tools/inspect-model.js';
import { checkModelId, removeModelFolder } from '../../model-tools/model-folder.js';
import { listModels, type Model } from '../embedding/model.js';
import type { WorkerPlan } from '../embedding/plan.js';
import type { ModelDescription } from '../embedding/types.js';
import type { Job, JobReport, Jobs, ModelJobReport, ModelProgress, StartedJob } from '../jobs.js';
import type { MediaStore } from '../media/types.js';
import type { ModelSwitch } from '../spaces/model-switch.js';
import type { Spaces } from '../spaces/spaces.js';
import { isRemovable, listAllModels, type ListedModel } from './list-models.js';
import { galleryPictures } from './gallery-pictures.js';
import { ServingMeasurement } from './measure-serving.js';
import { ModelReporter, notBegun } from './progress.js';
import { chooseMainFile, installUpload, isOnnx, uploadNames, type ModelFileUpload } from './upload.js';

export interface ModelsOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
  readonly jobs: Jobs;
  readonly modelSwitch: ModelSwitch;
  readonly logger: Logger;
  readonly modelsDir: string;
  /** Folder for uploads; the next start removes leftovers of a crash. */
  readonly temporaryDir: string;
  /** Address of the hub. */
  readonly hub: string;
  /** Opens a client for one pull; the hub is never contacted otherwise. */
  readonly openClient: () => HttpClient;
  readonly plan: WorkerPlan;
  /** Files of the sample pictures, a few of each group; empty if there are none. */
  readonly samples: () => Promise<readonly string[]>;
  readonly dropSpace: (id: string) => Promise<boolean>;
}

export interface InstallOptions {
  readonly precision?: ModelDescription['precision'] | undefined;
  /** For int8: calibrate on gallery pictures to lose less accuracy. */
  readonly calibrate?: boolean | undefined;
  /** Switch to the model afterwards. */
  readonly use?: boolean | undefined;
}

export interface UploadOptions extends InstallOptions {
  readonly files: readonly ModelFileUpload[];
  readonly id?: string | undefined;
}

export interface RemovedModel {
  readonly id: string;
  readonly freedBytes: number;
  /** Spaces whose vectors were removed with it. */
  readonly spaces: readonly string[];
}

/** The models of a gallery: lists, installs and removes them. */
export class Models {
  readonly #parts: ModelsOptions;
  /** Running pulls, by the id of the model they install. */
  readonly #pulls = new Map<string, StartedJob>();
  #measurement: ServingMeasurement | null = null;

  constructor(options: ModelsOptions) {
    this.#parts = options;
  }

  list(): Promise<ListedModel[]> {
    const { catalog, modelsDir, plan } = this.#parts;
    const pulling = new Map([...this.#pulls].map(([id, { job }]) => [id, job.id]));
    return listAllModels({ catalog, modelsDir, plan, ...this.#inUse(), pulling });
  }

  /**
   * Pulls a known model in the background and, with `use`, switches to it. Called again, it returns the running job or
   * resumes a pull that ended early.
   * @throws AppError BAD_USER_INPUT for an unknown model, a precision that is not offered, or an installed model
   */
  async pull(id: string, options: InstallOptions = {}): Promise<StartedJob> {
    const { precision = 'fp32', use = true } = options;
    const known = findKnownModel(id);
    check(known !== undefined, 'id', `one of ${KNOWN_MODELS.map((model) => model.id).join(', ')}`);
    check(PRECISIONS.includes(precision), 'precision', `one of ${PRECISIONS.join(', ')}`);
    const modelId = pulledId(known, precision);
    const underWay = this.#pulls.get(modelId);
    if (underWay !== undefined) return underWay;
    await this.#checkInstall(modelId, options);
    if (this.#pulls.has(modelId)) return this.#pulls.get(modelId) as StartedJob; // started meanwhile
    const begin = notBegun('DOWNLOADING', { modelId, precision });
    const started = this.#start('MODEL_PULL', begin, use, async (report, reporter) => {
      await this.#download(known, { ...options, precision }, report, reporter);
      return modelId;
    });
    this.#pulls.set(modelId, started);
    const end = (): void => void this.#pulls.delete(modelId);
    started.finished.then(end, end);
    return started;
  }

  /**
   * Makes a model from uploaded files in the background, like `models convert`: weights (.safetensors, .npz), or an ONNX
   * export with its weights file. If it fails, nothing is left behind.
   * @throws AppError BAD_USER_INPUT for invalid files or an invalid id, STORAGE_FULL, STORAGE_FAILED
   */
  async upload(options: UploadOptions): Promise<StartedJob> {
    const { modelsDir, temporaryDir } = this.#parts;
    const { files, use = true } = options;
    const names = uploadNames(files);
    const main = chooseMainFile(names, options);
    await this.#checkInstall(options.id ?? null, options);
    const folder = join(temporaryDir, randomUUID());
    try {
      await mkdir(folder, { recursive: true });
      for (const [i, file] of files.entries()) await file.moveTo(join(folder, names[i]!));
      const precision = isOnnx(main) ? null : (options.precision ?? 'fp32');
      const begin = notBegun('CHECKING', { modelId: options.id ?? null, precision });
      const started = this.#start('MODEL_UPLOAD', begin, use, async (report, reporter) => {
        const pictures = await this.#calibrationPictures(options);
        const samples = await this.#parts.samples();
        const upload = { ...options, pictures, samples, folder, main, modelsDir };
        return (await installUpload(upload, report, reporter)).id;
      });
      const end = (): Promise<void> => rm(folder, { recursive: true, force: true });
      started.finished.then(end).catch(() => {}); // the next start removes what cannot be removed now
      return started;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw storageFull(error) ?? error;
    }
  }

  /**
   * Deletes a model's folder, or what an interrupted pull has left. Unless `vectors` is set, its vectors are kept, so that
   * they need not be computed again when the model returns.
   * @throws AppError BAD_USER_INPUT for a model that serves, will serve, is built in or does not exist; SERVER_BUSY while
   *   it is being pulled or older requests still use it
   */
  remove(id: string, { vectors = false }: { readonly vectors?: boolean } = {}): Promise<RemovedModel> {
    const { modelSwitch, modelsDir, spaces, catalog, dropSpace } = this.#parts;
    const freed = modelSwitch.order(async () => {
      const known = findKnownModel(id);
      const isThere = (await listModels(modelsDir)).includes(id);
      if (!isThere && known !== undefined) return this.#discard(known);
      check(isThere, 'id', 'the id of a model that is installed');
      check(isRemovable(id, this.#inUse()), 'id', 'a model that neither serves nor is to, nor is built in');
      // Before anything is deleted: otherwise the folder would be gone but the vectors still there.
      if (
        (await catalog.vectors.spaces()).some((space) => space.modelId === id && spaces.isRetiring(space.id))
      )
        throw busy('Requests that began with this model are still being answered.');
      const { bytes } = await inspectModel(modelsDir, id);
      await removeModelFolder(modelsDir, id);
      return bytes;
    });
    return freed.then(async (freedBytes) => {
      const dropped: string[] = [];
      if (vectors)
        for (const space of await catalog.vectors.spaces())
          if (space.modelId === id && (await dropSpace(space.id))) dropped.push(space.id);
      return { id, freedBytes, spaces: dropped };
    });
  }

  /** Measures the serving model in the background, if its time is not reliably known. */
  measureServing(model: Model): void {
    const { catalog, media, spaces, jobs, logger } = this.#parts;
    const isBusy = async (): Promise<boolean> => {
      const { embedder, index } = spaces.serving.primary;
      const { queued, running } = embedder.status();
      return queued + running > 0 || jobs.list().some(isRunning) || (await index.status()).rebuilding;
    };
    const pictures = (most: number) => galleryPictures(catalog, media, most);
    this.#measurement = new ServingMeasurement({ model, spaces, isBusy, pictures, logger });
    this.#measurement.start().catch(() => {}); // it reports its failures itself
  }

  /** Ends the measurement; all other work here runs as jobs. */
  async close(): Promise<void> {
    await this.#measurement?.close();
  }

  /** @param make installs a model and returns its id */
  #start(
    kind: 'MODEL_PULL' | 'MODEL_UPLOAD',
    begin: ModelProgress,
    use: boolean,
    make: (report: ModelJobReport, reporter: ModelReporter) => Promise<string>,
  ): StartedJob {
    const run = async (report: ModelJobReport): Promise<void> => {
      const reporter = new ModelReporter(report, begin);
      try {
        await this.#installed(await make(report, reporter), use, report, reporter);
      } finally {
        reporter.stop();
      }
    };
    return this.#parts.jobs.start(kind, run, begin);
  }

  #inUse(): { serving: ModelDescription; target: ModelDescription | null } {
    const { spaces, modelSwitch } = this.#parts;
    return { serving: spaces.serving.primary.model, target: modelSwitch.target?.info ?? null };
  }

  /** Checks everything that can be checked before the work begins. */
  async #checkInstall(modelId: string | null, { use = true, ...options }: InstallOptions): Promise<void> {
    const { catalog, modelsDir, modelSwitch } = this.#parts;
    if (modelId !== null) await checkModelId(modelsDir, modelId);
    if (use) modelSwitch.assertMayChoose(modelId ?? 'the id of the new model');
    if (options.calibrate !== true) return;
    check(options.precision === 'int8', 'calibrate', 'precision int8 with calibration');
    check((await catalog.images.count()) > 0, 'calibrate', 'a gallery with pictures to calibrate with');
  }

  async #calibrationPictures({ calibrate }: InstallOptions): Promise<readonly string[] | undefined> {
    return calibrate === true ? galleryPictures(this.#parts.catalog, this.#parts.media) : undefined;
  }

  async #download(
    known: KnownModel,
    options: InstallOptions,
    report: JobReport,
    reporter: ModelReporter,
  ): Promise<void> {
    const { hub, modelsDir, openClient, logger } = this.#parts;
    const calibrationPictures = await this.#calibrationPictures(options);
    const client = openClient();
    try {
      await pullModel({
        known,
        modelsDir,
        hub,
        client,
        precision: options.precision,
        calibrationPictures,
        samples: await this.#parts.samples(),
        signal: report.signal,
        onDownload: ({ file }, done, total) => reporter.downloading(file, done, total),
        onRetry: (reason) => logger.warn({ model: known.id, reason }, 'retrying the download'),
        onDownloaded: () => reporter.step('CHECKING'),
        onCalibration: (done, total) => reporter.step('CALIBRATING', done, total),
        onConvert: (done, total) => reporter.step('CONVERTING', done, total),
      });
    } finally {
      await client.close();
    }
  }

  /** After the installation: switches to the model, or records that the current one stays in use. */
  async #installed(id: string, use: boolean, report: JobReport, reporter: ModelReporter): Promise<void> {
    const { modelSwitch } = this.#parts;
    reporter.done(id);
    if (!use) return modelSwitch.keep();
    report.signal.throwIfAborted();
    reporter.switching((await modelSwitch.choose(id)).job.id);
  }

  async #discard(known: KnownModel): Promise<number> {
    const { modelsDir } = this.#parts;
    for (const precision of PRECISIONS)
      if (this.#pulls.has(pulledId(known, precision)))
        throw busy('This model is being pulled: cancel that first.');
    let bytes = 0;
    for (const repository of [known.repository, ...(known.int8 ? [known.int8.repository] : [])])
      bytes += await discardDownload(modelsDir, repository);
    check(bytes > 0, 'id', 'the id of a model that is installed, or partly downloaded');
    return bytes;
  }
}

const isRunning = ({ state }: Job): boolean => state === 'RUNNING';

const busy = (message: string): AppError =>
  new AppError('SERVER_BUSY', message, { details: { retryAfterMs: 1000 } });
