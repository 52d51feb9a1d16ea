import { int, ints, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import {
  BRIGHTNESS,
  CONE_ROOTS_TO_AXES,
  LIGHT_TO_CONES,
  SRGB,
  srgbToOpponent,
  type Triple,
} from './opponent-color.js';

/**
 * Which colours are where: soft histograms over six regions. The weight of a pixel in a bin is exp(-d^2 / (2 sigma^2)),
 * with d its distance in brightness and opponent colours from the centre of the bin, so that slightly different light
 * changes little.
 */

/** Centres of the bins: all mixtures of these levels of red, green and blue, which cover exactly the gamut. */
const LEVELS = [0, 1 / 3, 2 / 3, 1];

/** Hue and saturation distinguish things better than brightness, which changes with the light. */
const CHROMA_STRETCH = 2;

/** In these stretched axes; neighbouring centres are 0.1 to 0.4 apart. */
const BIN_SIGMA = 0.09;

/** Side in pixels of the picture whose colours are counted. */
const COUNTED_SIZE = 32;

/** Standard deviation of the round central region, in picture sides. */
const CENTER_SIGMA = 0.18;

/** In the order of the vector. The centre usually shows the subject, the corners the background. */
export const REGIONS = [
  { name: 'whole', weight: 1.5 },
  { name: 'centre', weight: 2 },
  { name: 'top left', weight: 1 },
  { name: 'top right', weight: 1 },
  { name: 'bottom left', weight: 1 },
  { name: 'bottom right', weight: 1 },
] as const;

export const COLOR_BINS = LEVELS.length ** 3;
export const COLOR_DIMENSION = REGIONS.length * COLOR_BINS;

const stretched = ([brightness, a, b]: Triple): Triple => [
  brightness,
  a * CHROMA_STRETCH,
  b * CHROMA_STRETCH,
];

/** Centres of the bins; red varies slowest, blue fastest. */
function binCenters(): Triple[] {
  return LEVELS.flatMap((red) =>
    LEVELS.flatMap((green) => LEVELS.map((blue) => stretched(srgbToOpponent([red, green, blue])))),
  );
}

/** How much each pixel counts in each region: row-major [regions, size * size], each row summing to 1. */
export function regionWeights(size: number): Float32Array {
  const middle = (i: number): number => (i + 0.5) / size - 0.5;
  const masks: ((x: number, y: number) => number)[] = [
    () => 1,
    (x, y) => Math.exp(-(x * x + y * y) / (2 * CENTER_SIGMA * CENTER_SIGMA)),
    (x, y) => Number(x < 0 && y < 0),
    (x, y) => Number(x >= 0 && y < 0),
    (x, y) => Number(x < 0 && y >= 0),
    (x, y) => Number(x >= 0 && y >= 0),
  ];
  return Float32Array.from(
    masks.flatMap((mask) => {
      const weights = Array.from({ length: size * size }, (_, i) =>
        mask(middle(i % size), middle(Math.floor(i / size))),
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return weights.map((weight) => weight / total);
    }),
  );
}

/** `srgbToOpponent`, stretched. @returns [3, pixels] */
function toOpponent(graph: GraphBuilder, planes: Value): Value {
  const constant = (name: string, value: number): Value => graph.float32(name, [], [value]);
  const coded = graph.node('Mul', [planes, constant('level', 1 / 255)]);
  const dark = graph.node('LessOrEqual', [coded, constant('srgb_threshold', SRGB.threshold)]);
  const line = graph.node('Mul', [coded, constant('srgb_slope', 1 / SRGB.slope)]);
  const shifted = graph.node('Add', [coded, constant('srgb_offset', SRGB.offset)]);
  const curve = graph.node('Pow', [
    graph.node('Mul', [shifted, constant('srgb_scale', 1 / (1 + SRGB.offset))]),
    constant('srgb_exponent', SRGB.exponent),
  ]);
  const light = graph.node('Where', [dark, line, curve]);
  const cones = graph.node('MatMul', [graph.float32('light_to_cones', [3, 3], LIGHT_TO_CONES), light]);
  const roots = graph.node('Pow', [cones, constant('third', 1 / 3)]);
  const axes = CONE_ROOTS_TO_AXES.map((value) => value * CHROMA_STRETCH);
  const colors = graph.node('MatMul', [graph.float32('cone_roots_to_axes', [2, 3], axes), roots]);
  const brightness = graph.node('MatMul', [graph.float32('brightness', [1, 3], BRIGHTNESS), coded]);
  return graph.node('Concat', [brightness, colors], { attributes: { axis: int(0) } });
}

/**
 * -|x - c|^2 / (2 sigma^2) for the softmax, without |x|^2, which is the same for all bins: (x . c - |c|^2 / 2) / sigma^2.
 * @returns [pixels, bins], rows summing to 1
 */
function softBins(graph: GraphBuilder, colors: Value): Value {
  const variance = BIN_SIGMA * BIN_SIGMA;
  const centers = binCenters();
  const axis = (i: 0 | 1 | 2): number[] => centers.map((center) => center[i] / variance);
  const slopes = graph.float32('bin_slopes', [3, COLOR_BINS], [...axis(0), ...axis(1), ...axis(2)]);
  const offsets = graph.float32(
    'bin_offsets',
    [COLOR_BINS],
    centers.map(([x, y, z]) => -(x * x + y * y + z * z) / 2 / variance),
  );
  const pixels = graph.node('Transpose', [colors], { attributes: { perm: ints(1, 0) } });
  const logits = graph.node('Add', [graph.node('MatMul', [pixels, slopes]), offsets]);
  return graph.node('Softmax', [logits], { attributes: { axis: int(-1) } });
}

/**
 * Square roots of the shares (so that the scalar product is the Bhattacharyya coefficient), minus their mean, which all
 * pictures share.
 *
 * @param rgb [1, 3, size, size], levels 0..255
 * @param size a multiple of 32
 * @returns [1, 384], at region * 64 + bin, of length 1; mean 0 within each region
 */
export function colorBlock(graph: GraphBuilder, rgb: Value, size: number): Value {
  const factor = size / COUNTED_SIZE;
  const pixels = COUNTED_SIZE * COUNTED_SIZE;
  const small = graph.node('AveragePool', [rgb], {
    attributes: { kernel_shape: ints(factor, factor), strides: ints(factor, factor) },
  });
  const planes = graph.node('Reshape', [small, graph.int64('small_shape', [2], [3, pixels])]);
  const bins = softBins(graph, toOpponent(graph, planes));
  const regions = graph.float32('regions', [REGIONS.length, pixels], regionWeights(COUNTED_SIZE));
  const shares = graph.node('MatMul', [regions, bins], { output: 'shares' });
  const roots = graph.node('Sqrt', [shares]);
  const means = graph.node('ReduceMean', [roots], { attributes: { axes: ints(1) } });
  const weights = graph.float32(
    'region_weights',
    [REGIONS.length, 1],
    REGIONS.map(({ weight }) => weight),
  );
  const centred = graph.node('Reshape', [
    graph.node('Mul', [graph.node('Sub', [roots, means]), weights]),
    graph.int64('color_shape', [2], [1, COLOR_DIMENSION]),
  ]);
  const length = graph.node('ReduceL2', [centred], { attributes: { axes: ints(1) } });
  return graph.node('Div', [centred, length], { output: 'color' });
}
