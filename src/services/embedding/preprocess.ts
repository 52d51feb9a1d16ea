import { unreachable } from '../../lib/check.js';
import type { ResizePlan, Size } from '../media/decode.js';
import type { ModelInput, Normalize, Preprocess } from './model-file.js';

/** From pictures to tensors, as the model's own data specifies. Pure functions. */

/** Above this aspect ratio, `center-crop` crops the long side before resizing: only the middle of a 1 x 5000 strip is used. */
const MAX_ASPECT = 4;

/** The steps from an upright picture of this size to the model's input. */
export function planResize(preprocess: Preprocess, upright: Size): ResizePlan {
  switch (preprocess.mode) {
    case 'stretch':
      return { resize: { width: preprocess.width, height: preprocess.height } };
    case 'center-crop':
      return planCenterCrop(preprocess.resize, preprocess.crop, upright);
    case 'short-side':
      return { resize: shortSideSize(preprocess, upright) };
    case 'pad':
      return planPad(preprocess, upright);
    default:
      return unreachable(preprocess);
  }
}

/** Like torchvision's Resize(resize) and CenterCrop(crop): the long side is rounded down, the crop position is rounded. */
function planCenterCrop(resize: number, crop: number, upright: Size): ResizePlan {
  const short = Math.min(upright.width, upright.height);
  const longest = short * MAX_ASPECT;
  const part = { width: Math.min(upright.width, longest), height: Math.min(upright.height, longest) };
  const side = (length: number): number => Math.max(resize, Math.floor((resize * length) / short));
  const size = { width: side(part.width), height: side(part.height) };
  const cut = part.width < upright.width || part.height < upright.height;
  return {
    ...(cut
      ? {
          region: {
            left: Math.floor((upright.width - part.width) / 2),
            top: Math.floor((upright.height - part.height) / 2),
            ...part,
          },
        }
      : {}),
    resize: size,
    crop: {
      left: Math.round((size.width - crop) / 2),
      top: Math.round((size.height - crop) / 2),
      width: crop,
      height: crop,
    },
  };
}

function shortSideSize(
  { shortSide, multipleOf, maxSide }: Preprocess & { mode: 'short-side' },
  upright: Size,
): Size {
  const scale = shortSide / Math.min(upright.width, upright.height);
  const most = Math.max(multipleOf, Math.floor((maxSide ?? 4 * shortSide) / multipleOf) * multipleOf);
  const side = (length: number): number =>
    Math.min(most, Math.max(multipleOf, Math.round((length * scale) / multipleOf) * multipleOf));
  return { width: side(upright.width), height: side(upright.height) };
}

function planPad({ width, height, color }: Preprocess & { mode: 'pad' }, upright: Size): ResizePlan {
  const scale = Math.min(width / upright.width, height / upright.height);
  const inner = {
    width: Math.min(width, Math.max(1, Math.round(upright.width * scale))),
    height: Math.min(height, Math.max(1, Math.round(upright.height * scale))),
  };
  const left = Math.floor((width - inner.width) / 2);
  const top = Math.floor((height - inner.height) / 2);
  return {
    resize: inner,
    pad: { left, top, right: width - inner.width - left, bottom: height - inner.height - top, color },
  };
}

/** The model's input size in words. */
export function describeInputSize(preprocess: Preprocess): string {
  switch (preprocess.mode) {
    case 'stretch':
    case 'pad':
      return `${preprocess.width}x${preprocess.height}`;
    case 'center-crop':
      return `${preprocess.crop}x${preprocess.crop}`;
    case 'short-side':
      return `short side ${preprocess.shortSide}, multiples of ${preprocess.multipleOf}`;
    default:
      return unreachable(preprocess);
  }
}

export interface InputTensor {
  readonly type: 'float32' | 'uint8';
  readonly data: Float32Array | Uint8Array;
  readonly dims: readonly [number, number, number, number];
}

/** Fills tensors for one model, reusing memory: a tensor is valid until the next call. */
export class TensorBuilder {
  readonly #input: ModelInput;
  /** Value of each pixel level, for red, green and blue. */
  readonly #tables: readonly [Float32Array, Float32Array, Float32Array];
  #floats = new Float32Array(0);
  #bytes = new Uint8Array(0);

  constructor(input: ModelInput, { scale, mean, std }: Normalize) {
    this.#input = input;
    const table = (channel: 0 | 1 | 2): Float32Array =>
      Float32Array.from({ length: 256 }, (_, level) => (level * scale - mean[channel]) / std[channel]);
    this.#tables = [table(0), table(1), table(2)];
  }

  /** @param pixels RGB, 8 bit, row-major */
  build(pixels: Uint8Array, { width, height }: Size): InputTensor {
    const { layout, type } = this.#input;
    const dims = layout === 'nchw' ? ([1, 3, height, width] as const) : ([1, height, width, 3] as const);
    const count = width * height;
    if (type === 'uint8') {
      if (layout === 'nhwc') return { type, dims, data: pixels };
      if (this.#bytes.length !== pixels.length) this.#bytes = new Uint8Array(pixels.length);
      const data = this.#bytes;
      for (let i = 0, from = 0; i < count; i++, from += 3) {
        data[i] = pixels[from]!;
        data[i + count] = pixels[from + 1]!;
        data[i + 2 * count] = pixels[from + 2]!;
      }
      return { type, dims, data };
    }
    if (this.#floats.length !== pixels.length) this.#floats = new Float32Array(pixels.length);
    const data = this.#floats;
    const [red, green, blue] = this.#tables;
    if (layout === 'nchw') {
      for (let i = 0, from = 0; i < count; i++, from += 3) {
        data[i] = red[pixels[from] as number]!;
        data[i + count] = green[pixels[from + 1] as number]!;
        data[i + 2 * count] = blue[pixels[from + 2] as number]!;
      }
    } else {
      for (let at = 0; at < pixels.length; at += 3) {
        data[at] = red[pixels[at] as number]!;
        data[at + 1] = green[pixels[at + 1] as number]!;
        data[at + 2] = blue[pixels[at + 2] as number]!;
      }
    }
    return { type, dims, data };
  }
}
