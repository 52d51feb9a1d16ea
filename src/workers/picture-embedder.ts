import { toFailure } from '../lib/worker-pool/worker-protocol.js';
import { planResize } from '../services/embedding/preprocess.js';
import type {
  EmbedInit,
  EmbedModel,
  EmbedRequest,
  EmbedResponse,
  ModelLoaded,
  ModelOutcome,
} from '../services/embedding/protocol.js';
import { makeSwatch, SWATCH_SIZE } from '../services/embedding/swatch.js';
import { decodeImage, encodeThumbnail, type DecodedImage } from '../services/media/decode.js';
import { readFacts } from '../services/media/facts/read-facts.js';
import type { ModelRunner, Turn } from './model-runner.js';
import { PatchPictures } from './patch-pictures.js';

/** Longest side of the thumbnail for the search history. */
const THUMBNAIL_SIDE = 160;

interface KnownModel {
  readonly model: EmbedModel;
  /** Models with the same key see the same pixels of a picture. */
  readonly sight: string;
  readonly patches: PatchPictures;
}

type Decode = (known: KnownModel) => Promise<DecodedImage>;

/** Decodes pictures and runs models on them. */
export class PictureEmbedder {
  readonly #runner: ModelRunner;
  readonly #maxPixels: number;
  readonly #models = new Map<string, KnownModel>();

  constructor(runner: ModelRunner, { models, maxPixels }: EmbedInit) {
    this.#runner = runner;
    this.#maxPixels = maxPixels;
    for (const model of models) this.open(model);
  }

  /** Lets jobs name the model, which is loaded when the first one does. */
  open(model: EmbedModel): void {
    const patches = new PatchPictures(model.definition, async (bytes) => {
      const decoding = this.#decode(bytes, model);
      const running = this.#runner.inTurn(async (turn) => turn.run(model, await decoding, true));
      const image = await decoding; // a failure does not wait for its turn
      return { image, tokens: (await running).tokens ?? new Float32Array() };
    });
    const sight = JSON.stringify(model.definition.preprocess);
    this.#models.set(model.spaceId, { model, sight, patches });
  }

  close(spaceId: string): void {
    this.#models.delete(spaceId);
    this.#runner.unload(spaceId).catch(() => {}); // the thread has died, which every job reports
  }

  patches(spaceId: string): PatchPictures {
    return this.#known(spaceId).patches;
  }

  /**
   * Decodes once for all models that see the same pixels. A failure of a model is only that model's outcome.
   * @throws AppError of the picture; the signal's reason
   */
  async embed(
    { spaceIds, thumbnail, facts }: EmbedRequest,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<EmbedResponse> {
    const models = spaceIds.map((spaceId) => this.#known(spaceId));
    const [first] = models;
    if (first === undefined) throw new Error('A picture came without a model.');
    const arrivedAt = performance.now();
    const decode = this.#decoder(bytes);
    const decoding = Promise.all(models.map(decode)).then((images) => ({
      images,
      decodedAt: performance.now(),
    }));
    const running = this.#runner.inTurn(async (turn) => {
      const { images } = await decoding;
      const startAt = performance.now();
      const ran = await runAll(turn, models, images, signal);
      return { ...ran, startAt, endAt: performance.now() };
    });

    const { decodedAt } = await decoding; // a failure does not wait for its turn
    const image = await decode(first);
    // While the models run, so that it costs no extra time.
    const swatch = makeSwatch(image);
    const [{ outcomes, loaded, startAt, endAt }, small] = await Promise.all([
      running,
      thumbnail ? encodeThumbnail(image, THUMBNAIL_SIDE) : null,
    ]);
    return {
      kind: 'embed',
      outcomes,
      loaded,
      width: image.upright.width,
      height: image.upright.height,
      format: image.format,
      incomplete: image.incomplete,
      facts: facts === null ? null : readFacts(bytes, facts),
      swatch,
      swatchSize: SWATCH_SIZE,
      thumbnail: small,
      waitMs: startAt - decodedAt,
      decodeMs: decodedAt - arrivedAt,
      embedMs: endAt - startAt,
    };
  }

  #known(spaceId: string): KnownModel {
    const known = this.#models.get(spaceId);
    if (known === undefined) throw new Error(`A job names the model of ${spaceId}, which nobody opened.`);
    return known;
  }

  /**
   * Decodes one picture. Models with different preprocessing each get their own decode: a JPEG is decoded at a fraction
   * that depends on the wanted size, so with shared pixels a vector would depend on which other models ran.
   */
  #decoder(bytes: Uint8Array): Decode {
    const decodings = new Map<string, Promise<DecodedImage>>();
    return ({ model, sight }) => {
      const decoding = decodings.get(sight) ?? this.#decode(bytes, model);
      decodings.set(sight, decoding);
      return decoding;
    };
  }

  #decode(bytes: Uint8Array, { definition }: EmbedModel): Promise<DecodedImage> {
    const plan = (upright: DecodedImage['upright']) => planResize(definition.preprocess, upright);
    return decodeImage(bytes, { maxPixels: this.#maxPixels, plan });
  }
}

/** Runs the models one after the other, each with its image. */
async function runAll(
  turn: Turn,
  models: readonly KnownModel[],
  images: readonly DecodedImage[],
  signal: AbortSignal,
): Promise<{ outcomes: ModelOutcome[]; loaded: ModelLoaded[] }> {
  const outcomes: ModelOutcome[] = [];
  const loaded: ModelLoaded[] = [];
  for (const [i, { model }] of models.entries()) {
    const { spaceId } = model;
    signal.throwIfAborted();
    try {
      const run = await turn.run(model, images[i]!, false);
      if (run.loaded !== null) loaded.push(run.loaded);
      outcomes.push({ spaceId, ok: true, vector: run.vector });
    } catch (error) {
      outcomes.push({ spaceId, ok: false, failure: toFailure(error) });
    }
  }
  return { outcomes, loaded };
}
