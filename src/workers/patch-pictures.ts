import { createHash } from 'node:crypto';
import type { ModelFile, PatchTokens } from '../services/embedding/model-file.js';
import { findAgreement } from '../services/embedding/patches/agreement.js';
import { patchColors } from '../services/embedding/patches/colors.js';
import { heatColors, smoothHeat } from '../services/embedding/patches/heat.js';
import {
  centreOf,
  gridOf,
  keptTokens,
  layOutPatches,
  shownRegion,
  type PatchLayout,
} from '../services/embedding/patches/layout.js';
import { renderedSize, renderPatches } from '../services/embedding/patches/render.js';
import { planResize } from '../services/embedding/preprocess.js';
import type { Explanation, PatchPicture } from '../services/embedding/types.js';
import { encodePng, type DecodedImage, type Size } from '../services/media/decode.js';

/** Limit of cached tokens, in numbers of 4 bytes: about ten pictures of 518 x 518 for a large model. */
const MOST_KEPT = 16 << 20;
const MOST_PAIRS = 32;

/** What the model saw of a picture, and its tokens. */
export interface SeenPicture {
  readonly image: DecodedImage;
  /** All tokens of the model, including prefix and margins. */
  readonly tokens: Float32Array;
}

/** The patches that show a picture. */
interface Patches {
  readonly layout: PatchLayout;
  readonly tokens: Float32Array;
  readonly dimension: number;
  /** Size in picture pixels of what the model sees. */
  readonly shown: Size;
}

/** Pictures made from patch tokens, for models that have them. */
export class PatchPictures {
  readonly #definition: Pick<ModelFile, 'patchTokens' | 'preprocess'>;
  readonly #mostKept: number;
  readonly #see: (bytes: Uint8Array) => Promise<SeenPicture>;
  /** By sha256 of the file, least recently used first. */
  readonly #recent = new Map<string, Promise<Patches>>();

  /**
   * @param see decodes a picture and runs the model on it
   * @param mostKept limit of cached tokens, in numbers
   */
  constructor(
    definition: Pick<ModelFile, 'patchTokens' | 'preprocess'>,
    see: (bytes: Uint8Array) => Promise<SeenPicture>,
    mostKept = MOST_KEPT,
  ) {
    this.#definition = definition;
    this.#see = see;
    this.#mostKept = mostKept;
  }

  async map(bytes: Uint8Array, signal: AbortSignal): Promise<PatchPicture> {
    const { layout, tokens, dimension, shown } = await this.#patches(bytes, signal);
    const size = renderedSize(layout, shown);
    const pixels = Uint8Array.from(
      renderPatches(patchColors(tokens, dimension), 3, layout, size),
      Math.round,
    );
    return { png: await encodePng(pixels, size), grid: gridOf(layout) };
  }

  /** @param bytes two concatenated pictures, the first of `queryBytes` bytes */
  async explain(bytes: Uint8Array, queryBytes: number, signal: AbortSignal): Promise<Explanation> {
    const [query, match] = await Promise.all([
      this.#patches(bytes.subarray(0, queryBytes), signal),
      this.#patches(bytes.subarray(queryBytes), signal),
    ]);
    const { heatA, heatB, pairs } = findAgreement(query.tokens, match.tokens, query.dimension);
    const [queryPicture, matchPicture] = await Promise.all([drawHeat(heatA, query), drawHeat(heatB, match)]);
    return {
      query: queryPicture,
      match: matchPicture,
      agreement: (mean(heatA) + mean(heatB)) / 2,
      pairs: pairs.slice(0, MOST_PAIRS).map(({ a, b, cosine }) => ({
        query: centreOf(query.layout, a),
        match: centreOf(match.layout, b),
        similarity: cosine,
      })),
    };
  }

  /** Computed once per file for concurrent callers, and therefore completed even if one of them cancels. */
  #patches(bytes: Uint8Array, signal: AbortSignal): Promise<Patches> {
    signal.throwIfAborted();
    const key = createHash('sha256').update(bytes).digest('base64');
    const known = this.#recent.get(key);
    const found = known ?? this.#see(bytes).then((seen) => this.#layOut(seen));
    this.#recent.delete(key);
    this.#recent.set(key, found);
    if (known === undefined) {
      found.then(
        () => this.#forgetOldest(),
        () => this.#recent.delete(key),
      );
    }
    return found;
  }

  #layOut({ image, tokens }: SeenPicture): Patches {
    const { patchTokens, preprocess } = this.#definition;
    const { prefix, patchSize } = patchTokens as PatchTokens;
    const region = shownRegion(planResize(preprocess, image.upright), image.upright);
    const layout = layOutPatches(image, patchSize, image.content, region);
    const patches = Math.floor(image.width / patchSize) * Math.floor(image.height / patchSize);
    const dimension = tokens.length / (prefix + patches);
    const kept = keptTokens(tokens, dimension, prefix, layout);
    return { layout, tokens: kept, dimension, shown: image.shown };
  }

  async #forgetOldest(): Promise<void> {
    let kept = 0;
    for (const [key, patches] of [...this.#recent].reverse()) {
      kept += (await patches.catch(() => null))?.tokens.length ?? 0;
      if (kept > this.#mostKept) this.#recent.delete(key);
    }
  }
}

async function drawHeat(heat: Float32Array, { layout, shown }: Patches): Promise<PatchPicture> {
  const size = renderedSize(layout, shown);
  const rendered = renderPatches(smoothHeat(heat, layout.kept.width), 1, layout, size);
  return { png: await encodePng(heatColors(rendered), size), grid: gridOf(layout) };
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
