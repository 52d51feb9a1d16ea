import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { englishFrame, fetchChineseFrame, fetchPart, type Language, type Part } from './resources';

export type { Language, Part };

const STORED = 'likeness.language';
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

export const i18n = i18next.createInstance();

/** What the pages opened so far have asked for, so that it is there in another language, too. */
const wanted = new Set<Part>();
const fetched = new Set<string>();
let hasChineseFrame = false;

let language: Language | null = null;

/** The language of the page; first as `first-paint.js` has found it. */
const current = (): Language => (language ??= document.documentElement.lang === 'zh-CN' ? 'zh' : 'en');

let initialised: Promise<unknown> | null = null;

const initialise = (): Promise<unknown> =>
  (initialised ??= i18n.use(initReactI18next).init({
    resources: { en: { translation: englishFrame } },
    lng: 'en',
    fallbackLng: 'en',
    interpolation: { escapeValue: false }, // React escapes
  }));

export async function initI18n(): Promise<void> {
  await initialise();
  i18n.on('languageChanged', (spoken) => {
    document.documentElement.lang = spoken === 'zh' ? 'zh-CN' : 'en';
  });
  await speak(current());
}

/** In English when Chinese cannot be fetched. */
async function speak(wish: Language): Promise<void> {
  language = wish;
  try {
    if (wish === 'zh' && !hasChineseFrame) {
      addBundle('zh', await fetchChineseFrame());
      hasChineseFrame = true;
    }
    await addParts(wish, wanted);
    await i18n.changeLanguage(wish);
  } catch {
    language = 'en';
    await addParts('en', wanted);
    await i18n.changeLanguage('en');
  }
}

function addBundle(of: Language, messages: object): void {
  i18n.addResourceBundle(of, 'translation', messages, true);
}

async function addParts(of: Language, parts: Iterable<Part>): Promise<void> {
  await Promise.all(
    [...parts].map(async (part) => {
      const name = `${of} ${part}`;
      if (fetched.has(name)) return;
      const messages = await fetchPart(of, part);
      await initialise();
      addBundle(of, messages);
      fetched.add(name);
    }),
  );
}

/** Makes the sentences of a page known, in English where the others cannot be fetched. @throws when neither can */
export async function addMessages(parts: readonly Part[]): Promise<void> {
  for (const part of parts) wanted.add(part);
  await addParts(current(), parts).catch(() => addParts('en', parts));
}

export function chooseLanguage(wish: Language): void {
  localStorage.setItem(STORED, wish);
  void speak(wish);
}
