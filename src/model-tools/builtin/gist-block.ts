import { int, ints, string, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import { gaborFilters, gaborSize, type GaborBank } from './gabor.js';
import { gaussianBlurMatrix } from './gaussian-blur.js';
import { BRIGHTNESS } from './opponent-color.js';

/**
 * The gist of a scene: A. Oliva and A. Torralba, "Modeling the shape of the scene: a holistic representation of the
 * spatial envelope", IJCV 42(3), 2001; contrast normalisation after the authors' code (`prefilt`, in http://people.csail.mit.edu/torralba/code/spatialenvelope/). Where that code
 * multiplies by transfer functions in the frequency domain, this convolves with the same filters at each level of a
 * pyramid, and uses the square roots of the energies, which gives small ones more weight.
 */

export const GIST = {
  scales: 3,
  orientations: 8,
  /** Cells along each side. */
  grid: 4,
} as const;

export const GIST_DIMENSION = GIST.scales * GIST.orientations * GIST.grid * GIST.grid;

/** At 128 pixels: periods of 6, 12 and 24 pixels over the pyramid. One octave apart, about one octave wide. */
export const BANK: GaborBank = { wavelength: 6, sigma: 0.56 * 6, orientations: GIST.orientations };

/** `prefilt`: cycles per picture at which the low-pass filter passes half, and the constant that keeps flat regions flat. */
const LOW_PASS_CYCLES = 4;
const CONTRAST_FLOOR = 0.2;

/** `prefilt` uses 1; 25 levels of 255 measured better, since it does not amplify compression artefacts in shadows. */
const DARK_LEVEL = 25;

/** Below about this energy (typically 0.4) there is only noise, which the square root must not amplify. */
const ENERGY_FLOOR = 0.01;

/**
 * How much is kept of the mean response of an orientation over the whole picture (its texture), relative to where it
 * responds more than elsewhere (its layout). With 1, a bold pattern hides the layout; with 0, patterns are not
 * distinguished.
 */
const TEXTURE_SHARE = 0.3;

/** Length of the centred block (typically 3 to 4) below which it counts less and less: a flat picture has none. */
const LENGTH_FLOOR = 0.5;

/**
 * The filter exp(-f^2 / s^2), s = fc / sqrt(ln 2), of `prefilt` as a blur in space: the Fourier transform of a Gaussian
 * of standard deviation sigma is one of size / (2 pi sigma).
 */
function lowPassSigma(size: number): number {
  const frequencies = LOW_PASS_CYCLES / Math.sqrt(Math.LN2) / Math.SQRT2;
  return size / (2 * Math.PI * frequencies);
}

/** Means over tiles of `side` x `side` places. */
function averagePool(graph: GraphBuilder, value: Value, side: number): Value {
  return graph.node('AveragePool', [value], {
    attributes: { kernel_shape: ints(side, side), strides: ints(side, side) },
  });
}

/** (v - blur v) / (floor + sqrt blur (v - blur v)^2) with v = log(DARK_LEVEL + brightness). */
function normalizeContrast(graph: GraphBuilder, rgb: Value, size: number): Value {
  const sigma = lowPassSigma(size);
  const blurMatrix = gaussianBlurMatrix(size, sigma);
  const left = graph.float32('blur', [size, size], blurMatrix);
  const right = graph.float32(
    'blur_transposed',
    [size, size],
    blurMatrix.map((_, at) => blurMatrix[(at % size) * size + Math.floor(at / size)] ?? 0),
  );
  const blur = (value: Value): Value => graph.node('MatMul', [left, graph.node('MatMul', [value, right])]);

  const planes = graph.node('Reshape', [rgb, graph.int64('plane_shape', [2], [3, size * size])]);
  const luma = graph.node('MatMul', [graph.float32('luma', [1, 3], BRIGHTNESS), planes]);
  const image = graph.node('Reshape', [luma, graph.int64('image_shape', [4], [1, 1, size, size])]);
  const log = graph.node('Log', [graph.node('Add', [image, graph.float32('dark_level', [], [DARK_LEVEL])])]);
  const detail = graph.node('Sub', [log, blur(log)]);
  const contrast = graph.node('Sqrt', [blur(graph.node('Mul', [detail, detail]))]);
  const floor = graph.float32('contrast_floor', [], [CONTRAST_FLOOR]);
  return graph.node('Div', [detail, graph.node('Add', [contrast, floor])]);
}

/**
 * Subtracts what all pictures share, the mean of each scale, and most of what is the same all over the picture.
 * @param roots [scales, orientations, cells]
 */
function withoutCommonPart(graph: GraphBuilder, roots: Value): Value {
  const mean = (weight: string, value: number, ...axes: number[]): Value =>
    graph.node('Mul', [
      graph.node('ReduceMean', [roots], { attributes: { axes: ints(...axes) } }),
      graph.float32(weight, [], [value]),
    ]);
  const ofScale = mean('texture_share', TEXTURE_SHARE, 1, 2);
  const ofOrientation = mean('layout_share', 1 - TEXTURE_SHARE, 2);
  return graph.node('Sub', [roots, graph.node('Add', [ofScale, ofOrientation])]);
}

/**
 * @param rgb [1, 3, size, size], levels 0..255
 * @param size a multiple of 64
 * @returns [1, 384], at (scale * 8 + orientation) * 16 + row * 4 + column, finest scale first; mean 0 within each scale,
 *   length 1 but for pictures with next to nothing on them, where it goes down to 0
 */
export function gistBlock(graph: GraphBuilder, rgb: Value, size: number): Value {
  const { scales, orientations, grid } = GIST;
  const side = gaborSize(BANK);
  const filters = graph.float32('gabor', [2 * orientations, 1, side, side], gaborFilters(BANK));
  const border = (side - 1) / 2;
  const pads = graph.int64('border', [8], [0, 0, border, border, 0, 0, border, border]);

  const maps: Value[] = [];
  let level = normalizeContrast(graph, rgb, size);
  let levelSize = size;
  for (let scale = 0; scale < scales; scale++) {
    if (scale > 0) {
      level = averagePool(graph, level, 2);
      levelSize /= 2;
    }
    // The energy of a filter varies slowly over its own window: on the finest level every second place is enough.
    const stride = scale === 0 ? 2 : 1;
    const padded = graph.node('Pad', [level, pads], { attributes: { mode: string('reflect') } });
    const answers = graph.node('Conv', [padded, filters], {
      attributes: { kernel_shape: ints(side, side), strides: ints(stride, stride) },
    });
    const parts = [`even_${scale}`, `odd_${scale}`];
    graph.nodes('Split', [answers], parts, { attributes: { axis: int(1) } });
    const squares = parts.map((part) => graph.node('Mul', [part, part]));
    const energy = graph.node('Sqrt', [graph.node('Add', squares)]);
    maps.push(averagePool(graph, energy, levelSize / stride / grid));
  }

  const energies = graph.node('Reshape', [
    graph.node('Concat', maps, { attributes: { axis: int(1) }, output: 'energies' }),
    graph.int64('map_shape', [3], [scales, orientations, grid * grid]),
  ]);
  const floor = graph.float32('energy_floor', [], [ENERGY_FLOOR]);
  const roots = graph.node('Sqrt', [graph.node('Add', [energies, floor])]);
  const centred = graph.node('Reshape', [
    withoutCommonPart(graph, roots),
    graph.int64('gist_shape', [2], [1, GIST_DIMENSION]),
  ]);
  const squared = graph.node('ReduceSumSquare', [centred], { attributes: { axes: ints(1) } });
  const lengthFloor = graph.float32('length_floor', [], [LENGTH_FLOOR * LENGTH_FLOOR]);
  const length = graph.node('Sqrt', [graph.node('Add', [squared, lengthFloor])]);
  return graph.node('Div', [centred, length], { output: 'gist' });
}
