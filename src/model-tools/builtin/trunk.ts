import { int, ints, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import type { WeightConstants } from './weight-constants.js';

/**
 * MobileNetV2 (M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018) up to its 15th
 * block, with batch norm folded into the convolutions, and a second branch of its blocks 6 to 14 that was tuned further.
 * NOTICE states the origin of the weights.
 */

interface Block {
  readonly inputs: number;
  /** Channels between expansion and projection; equal to `inputs` where there is no expansion. */
  readonly expanded: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
  readonly residual: boolean;
}

const block = (
  inputs: number,
  expanded: number,
  outputs: number,
  stride: 1 | 2,
  residual: boolean,
): Block => ({ inputs, expanded, outputs, stride, residual });

const STEM_CHANNELS = 32;
export const TOP_CHANNELS = 512;

const BLOCKS: readonly Block[] = [
  block(32, 32, 16, 1, false),
  block(16, 96, 24, 2, false),
  block(24, 144, 24, 1, true),
  block(24, 144, 32, 2, false),
  block(32, 192, 32, 1, true),
  block(32, 192, 32, 1, true),
  block(32, 192, 64, 2, false),
  block(64, 384, 64, 1, true),
  block(64, 384, 64, 1, true),
  block(64, 384, 64, 1, true),
  block(64, 384, 96, 1, false),
  block(96, 576, 96, 1, true),
  block(96, 576, 96, 1, true),
  block(96, 576, 160, 2, false),
  block(160, 960, 160, 1, true),
];

/** The tuned branch has its own blocks from here on. */
const BRANCH = 6;

export interface Taps {
  /** Global averages, [1, channels]. */
  readonly oid8: Value;
  readonly oid14: Value;
  readonly top: Value;
}

/** Channels of each tap. */
export const TAP_CHANNELS = { oid8: 64, oid14: 160, top: TOP_CHANNELS } as const satisfies Record<
  keyof Taps,
  number
>;

/**
 * @param rgb [1, 3, size, size], levels 0..255
 * @param constants written once for all sizes
 */
export function trunk(graph: GraphBuilder, constants: WeightConstants, rgb: Value, limits: Limits): Taps {
  const convolve = convolutions(graph, constants, limits);
  const centred = graph.node('Sub', [graph.node('Mul', [rgb, limits.scale]), limits.one]);
  let x = convolve.clamped('conv', centred, { inputs: 3, outputs: STEM_CHANNELS, kernel: 3, stride: 2 });
  const run = (
    from: number,
    prefix: string,
    start: Value,
    after: (index: number, value: Value) => void,
  ): Value =>
    BLOCKS.slice(from).reduce((value, shape, i) => {
      const name = `${prefix}block${String(from + i).padStart(2, '0')}`;
      const result = convolve.block(name, value, shape);
      after(from + i, result);
      return result;
    }, start);

  let shared = x;
  let oid8 = x;
  x = run(0, '', x, (index, value) => {
    if (index === BRANCH - 1) shared = value;
    if (index === 8) oid8 = value;
  });
  const tuned = run(BRANCH, 'tuned.', shared, () => {});
  const top = convolve.clamped('tuned.top', tuned, {
    inputs: 160,
    outputs: TOP_CHANNELS,
    kernel: 1,
    stride: 1,
  });
  const average = (value: Value): Value =>
    graph.node('Flatten', [graph.node('GlobalAveragePool', [value])], { attributes: { axis: int(1) } });
  return { oid8: average(oid8), oid14: average(x), top: average(top) };
}

/** Scalars that every size shares. */
export interface Limits {
  readonly scale: Value;
  readonly one: Value;
  readonly zero: Value;
  readonly six: Value;
}

export const trunkLimits = (graph: GraphBuilder): Limits => ({
  scale: graph.float32('pixel_scale', [], [1 / 127.5]),
  one: graph.float32('one', [], [1]),
  zero: graph.float32('zero', [], [0]),
  six: graph.float32('six', [], [6]),
});

interface Convolution {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly depthwise?: boolean;
}

function convolutions(graph: GraphBuilder, constants: WeightConstants, { zero, six }: Limits) {
  const plain = (name: string, x: Value, convolution: Convolution): Value => {
    const { inputs, outputs, kernel, stride, depthwise = false } = convolution;
    const weight = constants.get(`${name}.weight`, [outputs, depthwise ? 1 : inputs, kernel, kernel]);
    // TensorFlow's SAME: at stride 2, an even size is padded only at the bottom and right.
    const [before, behind] = kernel === 1 ? [0, 0] : stride === 1 ? [1, 1] : [0, 1];
    return graph.node('Conv', [x, weight, constants.get(`${name}.bias`, [outputs])], {
      attributes: {
        kernel_shape: ints(kernel, kernel),
        strides: ints(stride, stride),
        pads: ints(before, before, behind, behind),
        group: int(depthwise ? inputs : 1),
      },
    });
  };
  const clamped = (name: string, x: Value, convolution: Convolution): Value =>
    graph.node('Clip', [plain(name, x, convolution), zero, six]);
  return {
    clamped,
    block(name: string, x: Value, { inputs, expanded, outputs, stride, residual }: Block): Value {
      const wide =
        expanded === inputs
          ? x
          : clamped(`${name}.expand`, x, { inputs, outputs: expanded, kernel: 1, stride: 1 });
      const deep = clamped(`${name}.depthwise`, wide, {
        inputs: expanded,
        outputs: expanded,
        kernel: 3,
        stride,
        depthwise: true,
      });
      const narrow = plain(`${name}.project`, deep, { inputs: expanded, outputs, kernel: 1, stride: 1 });
      return residual ? graph.node('Add', [narrow, x]) : narrow;
    },
  };
}
