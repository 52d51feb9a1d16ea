import { describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { GraphBuilder, float, int, ints, string } from '../../src/model-tools/onnx/graph-builder.js';
import { decodeModel, encodeModel } from '../../src/model-tools/onnx/onnx-proto.js';

async function run(
  graph: GraphBuilder,
  feeds: Record<string, ort.Tensor>,
): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(encodeModel(graph.build()), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

describe('a graph in ONNX Runtime', () => {
  test('computes with initializers, attributes of every plain kind and a symbolic size', async () => {
    const graph = new GraphBuilder({ name: 'affine' });
    const x = graph.input('x', 'float32', ['n', 3]);
    const w = graph.float32('w', [2, 3], [1, 2, 3, -1, 0, 1]);
    const y = graph.node('Gemm', [x, w], { attributes: { alpha: float(0.5), transB: int(1) } });
    graph.node('Transpose', [y], { attributes: { perm: ints(1, 0) }, output: 'y' });
    graph.output('y', 'float32', [2, 'n']);

    const { y: answer } = await run(graph, { x: new ort.Tensor('float32', [1, 1, 1, 2, 0, 0], [2, 3]) });
    expect(answer?.dims).toEqual([2, 2]);
    expect(Array.from(answer?.data as Float32Array)).toEqual([3, 1, 0, -1]);
  });

  test('takes uint8 pixels, int64 shapes, zero and negative numbers, and text attributes', async () => {
    const graph = new GraphBuilder({ name: 'pixels' });
    const pixels = graph.input('pixels', 'uint8', [1, 2, 2, 1]);
    const wide = graph.node('Cast', [pixels], { attributes: { to: int(1) } });
    const padded = graph.node('Pad', [wide, graph.int64('pads', [8], [0, 1, 0, 0, 0, 0, 0, 0])], {
      attributes: { mode: string('reflect') },
    });
    graph.node('ReduceSum', [padded, graph.int64('axes', [1], [-1])], {
      attributes: { keepdims: int(0) },
      output: 'sum',
    });
    graph.output('sum', 'float32', [1, 3, 2]);

    const { sum } = await run(graph, {
      pixels: new ort.Tensor('uint8', Uint8Array.of(0, 255, 1, 2), [1, 2, 2, 1]),
    });
    expect(Array.from(sum?.data as Float32Array)).toEqual([1, 2, 0, 255, 1, 2]);
  });

  test("reaches the runtime's own operators through their domain", async () => {
    const graph = new GraphBuilder({ name: 'contrib', opsets: { '': 17, 'com.microsoft': 1 } });
    const x = graph.input('x', 'float32', [1, 2]);
    graph.node('FusedMatMul', [x, x], {
      domain: 'com.microsoft',
      attributes: { transB: int(1), alpha: float(2) },
      output: 'y',
    });
    graph.output('y', 'float32', [1, 1]);

    const { y } = await run(graph, { x: new ort.Tensor('float32', [3, 4], [1, 2]) });
    expect(Array.from(y?.data as Float32Array)).toEqual([50]);
  });
});

describe('the encoded model', () => {
  const tiny = (): GraphBuilder => {
    const graph = new GraphBuilder({ name: 'tiny', metadata: { 'likeness.kind': 'test' } });
    const x = graph.input('x', 'float32', ['n']);
    graph.node('Add', [x, graph.float32('one', [], [1])], { output: 'y' });
    graph.output('y', 'float32', ['n']);
    return graph;
  };

  test('is the same bytes each time and reads back as written', () => {
    const bytes = encodeModel(tiny().build());
    expect(encodeModel(tiny().build())).toEqual(bytes);
    expect(decodeModel(bytes)).toMatchObject({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      metadataProps: [{ key: 'likeness.kind', value: 'test' }],
      graph: { node: [{ opType: 'Add', input: ['x', 'one'], output: ['y'] }] },
    });
  });

  test('keeps a weight as the bytes it was given, and names the file of an external one', () => {
    const graph = new GraphBuilder({ name: 'weights' });
    const data = Float32Array.of(0.1, -2.5);
    graph.initializer('here', 'float32', [2], data);
    graph.externalInitializer('there', 'int8', [4, 4], { location: 'weights.bin', offset: 4096, length: 16 });
    graph.output('here', 'float32', [2]);

    const model = graph.build();
    expect(model.graph.initializer[0]?.rawData?.buffer).toBe(data.buffer);
    const [here, there] = decodeModel(encodeModel(model)).graph.initializer;
    expect(new Uint8Array(here?.rawData ?? [])).toEqual(new Uint8Array(data.buffer));
    expect(there).toMatchObject({
      dims: [4, 4],
      dataType: 3,
      dataLocation: 1,
      externalData: [
        { key: 'location', value: 'weights.bin' },
        { key: 'offset', value: '4096' },
        { key: 'length', value: '16' },
      ],
    });
  });
});

describe('mistakes are refused where they are made', () => {
  const graph = new GraphBuilder({ name: 'wrong' });
  graph.input('x', 'float32', [1]);

  test.each<[string, () => unknown]>([
    ['a value that nobody made', () => graph.node('Relu', ['z'])],
    ['a name given twice', () => graph.node('Relu', ['x'], { output: 'x' })],
    ['a shape that does not fit the data', () => graph.float32('w', [3], [1, 2])],
    ['an operator set that was not imported', () => graph.node('Gelu', ['x'], { domain: 'com.microsoft' })],
    ['a graph without an output', () => graph.build()],
  ])('%s', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});
