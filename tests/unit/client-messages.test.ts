import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ERRORS } from '../../src/errors.js';

const DIR = 'client-sample/src/i18n/messages';

interface Messages {
  readonly [key: string]: string | Messages;
}

/** A file of the web client's, whose package is not this one's; it imports nothing but types. */
async function messagesIn(language: string, file: string): Promise<Messages> {
  const { outputText } = ts.transpileModule(readFileSync(join(DIR, language, file), 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const module = (await import(
    `data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`
  )) as Messages;
  const [name] = Object.keys(module);
  return module[name ?? ''] as Messages;
}

const messagesOf = async (file: string): Promise<{ en: Messages; zh: Messages }> => ({
  en: await messagesIn('en', file),
  zh: await messagesIn('zh', file),
});

/** Sentences by their whole key. */
const flat = (messages: Messages, prefix = ''): [string, string][] =>
  Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  );

/** What is put into a sentence, by name. */
const placeholders = (sentence: string): Set<string> =>
  new Set([...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name as string));

/** `count` chooses the form, also where it is not written. */
const withoutCount = (names: Set<string>): string[] => [...names].filter((name) => name !== 'count').sort();

const files = readdirSync(join(DIR, 'en')).filter((file) => file !== 'frame.ts');

test.each(files)('%s says the same in both languages, with the same values in it', async (file) => {
  const { en, zh } = await messagesOf(file);
  const chinese = new Map(flat(zh));
  // English has a form for one thing, Chinese has not.
  const english = flat(en).filter(([key]) => !key.endsWith('_one'));
  expect(english.map(([key]) => key).sort()).toEqual([...chinese.keys()].sort());
  for (const [key, sentence] of english) {
    const translation = chinese.get(key) ?? '';
    expect([key, sentence.trim(), translation.trim()]).not.toContain('');
    expect([key, ...withoutCount(placeholders(translation))]).toEqual([
      key,
      ...withoutCount(placeholders(sentence)),
    ]);
  }
});

test('every error code that clients are told has a sentence of its own, in both languages', async () => {
  const { en, zh } = await messagesOf('errors.ts');
  const codes = Object.entries(ERRORS)
    .filter(([, { audience }]) => audience === 'client')
    .map(([code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  for (const code of [...codes, 'INTERNAL_SERVER_ERROR']) {
    expect([code, typeof en[code], typeof zh[code]]).toEqual([code, 'string', 'string']);
    expect(zh[code]).toMatch(/[\u4e00-\u9fff]/);
  }
});
