import { int, ints, type Value } from '../onnx/graph-builder.js';
import { emitInt8Product, PATCH_EMBEDDING } from './int8-linear.js';
import { float32Linear, transpose, type LinearEmitter, type LinearLayer } from './linear.js';
import { columnMaxima } from './smooth-quant.js';

/** Emitters that compute in float32 and add the values for calibration as further outputs of the graph. */

const BATCH_AND_TOKENS = ints(0, 1);

/** An emitter with the names of its added outputs, by layer. */
export interface LayerProbe extends LinearEmitter {
  readonly outputs: ReadonlyMap<string, Value>;
}

export interface MaximaProbe extends LayerProbe {
  /** By layer: the largest absolute weight of each input. */
  readonly weightMaxima: ReadonlyMap<string, Float32Array>;
}

/** Outputs, for each layer, the largest absolute value of each input channel: float32 [inputs]. */
export function maximaProbe(): MaximaProbe {
  const outputs = new Map<string, Value>();
  const weightMaxima = new Map<string, Float32Array>();
  return {
    outputs,
    weightMaxima,
    async emit(writer, x, layer) {
      const { name, inputs } = layer;
      if (name !== PATCH_EMBEDDING) {
        const output = writer.graph.node('ReduceMax', [writer.graph.node('Abs', [x])], {
          attributes: { axes: BATCH_AND_TOKENS, keepdims: int(0) },
          output: `${name}.maxima`,
        });
        writer.graph.output(output, 'float32', [inputs]);
        outputs.set(name, output);
        weightMaxima.set(name, columnMaxima(layer.weight, inputs));
      }
      return float32Linear.emit(writer, x, layer);
    },
  };
}

/**
 * Also computes each layer in int8, once per candidate, and outputs float32 [1 + candidates]: the sum of squares of the
 * float32 result, then of its difference from each candidate's. All without the bias, which is not quantised.
 * @param candidates divisors of the inputs, or null for the inputs as they are
 */
export function errorProbe(candidates: (layer: LinearLayer) => readonly (Float32Array | null)[]): LayerProbe {
  const outputs = new Map<string, Value>();
  return {
    outputs,
    async emit(writer, x, layer) {
      const { name } = layer;
      const { graph } = writer;
      if (name === PATCH_EMBEDDING) return float32Linear.emit(writer, x, layer);
      const weight = await writer.constant(
        `${name}.weight`,
        'float32',
        [layer.inputs, layer.outputs],
        transpose(layer.weight, layer.outputs, layer.inputs),
      );
      const exact = graph.node('MatMul', [x, weight], { output: `${name}.exact` });
      const energy = (value: Value): Value =>
        graph.node('Reshape', [
          graph.node('ReduceSumSquare', [value], { attributes: { keepdims: int(1) } }),
          one,
        ]);
      const one = graph.int64(`${name}.one`, [1], [1]);
      const sums = [energy(exact)];
      for (const [at, divisors] of candidates(layer).entries()) {
        const product = await emitInt8Product(writer, x, layer, {
          name: `${name}.candidate_${at}`,
          divisors: divisors ?? undefined,
        });
        sums.push(energy(graph.node('Sub', [product, exact])));
      }
      const output = graph.node('Concat', sums, { attributes: { axis: int(0) }, output: `${name}.errors` });
      graph.output(output, 'float32', [sums.length]);
      outputs.set(name, output);
      if (layer.bias === null) return exact;
      const bias = await writer.constant(`${name}.bias`, 'float32', [layer.outputs], layer.bias);
      return graph.node('Add', [exact, bias], { output: name });
    },
  };
}
