import { expect, test } from '@jest/globals';
import { encodeFrame, FrameReader } from '../../src/lib/worker-pool/frames.js';

test('frames come out whole, whatever the chunks', () => {
  const body = Uint8Array.from({ length: 300 }, (_, i) => i % 251);
  const stream = Buffer.concat([
    ...encodeFrame({ id: 1, vector: new Float32Array([1, -2, 0.5]) }, body),
    ...encodeFrame('second'),
    ...encodeFrame({ id: 3 }, new Uint8Array(0)),
  ]);
  for (const size of [1, 3, 7, 64, stream.length]) {
    const seen: [unknown, number[]][] = [];
    const reader = new FrameReader((message, received) => seen.push([message, [...received]]));
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
    expect(seen).toEqual([
      [{ id: 1, vector: new Float32Array([1, -2, 0.5]) }, [...body]],
      ['second', []],
      [{ id: 3 }, []],
    ]);
  }
});

test('a frame keeps its bytes when the chunk is reused', () => {
  const seen: Buffer[] = [];
  const reader = new FrameReader((_, body) => seen.push(body));
  const chunk = Buffer.concat(encodeFrame(null, new Uint8Array([5, 6, 7])));
  reader.push(chunk);
  chunk.fill(0);
  expect([...(seen[0] ?? [])]).toEqual([5, 6, 7]);
});
