import { expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { chooseKnownModel, describeChoices } from '../../src/cli/commands/models/choose-model.js';

/** What a person types, line by line, each when the question is there. */
async function choose(
  ...lines: readonly (string | null)[]
): Promise<{ chosen: string | null; shown: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = '';
  let asked = 0;
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const questions = shown.split('Which one?').length - 1;
    if (questions <= asked) return;
    const line = lines[asked++];
    if (line === null) input.end();
    else input.write(`${line}\n`);
  });
  return { chosen: await chooseKnownModel(describeChoices('fp32', false), { input, output }), shown };
}

test('a model is chosen by its number, its name, or by Enter', async () => {
  expect((await choose('1')).chosen).toBe('dinov2-small');
  expect((await choose('dinov2-base-registers')).chosen).toBe('dinov2-base-registers');
  expect((await choose('')).chosen).toBe('dinov2-base');
});

test('it is asked again after what is none, and nothing is chosen when the input ends', async () => {
  const { chosen, shown } = await choose('99', 'dinov3', '3');
  expect(chosen).toBe('dinov2-large');
  expect(shown).toContain('There is no "dinov3".');
  expect((await choose(null)).chosen).toBeNull();
});

test('sizes are those of the precision', () => {
  const [small] = describeChoices('fp32', false);
  expect(small).toContain('dinov2-small ');
  expect(small).toMatch(/download 88\.\d MB, on disk 88\.\d MB/);
  expect(describeChoices('int8', false)[0]).toMatch(/download 2\d\.\d MB, on disk 2\d\.\d MB/);
  expect(describeChoices('int8', true)[0]).toMatch(/download 88\.\d MB, on disk 2\d\.\d MB/);
});
