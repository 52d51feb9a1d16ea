import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { english, fetchChinese, type Language } from './resources';

export type { Language };

const STORED = 'likeness.language';
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

function isLanguage(value: string | null | undefined): value is Language {
  return value === 'en' || value === 'zh';
}

/** What was chosen here before, else the first of the browser's languages that we have. */
function initialLanguage(): Language {
  const chosen = localStorage.getItem(STORED);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

export const i18n = i18next.createInstance();

export async function initI18n(): Promise<void> {
  i18n.on('languageChanged', (language) => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  });
  await i18n.use(initReactI18next).init({
    resources: { en: { translation: english } },
    lng: 'en',
    fallbackLng: 'en',
    interpolation: { escapeValue: false }, // React escapes
  });
  await speak(initialLanguage());
}

/** In English when Chinese cannot be fetched. */
async function speak(language: Language): Promise<void> {
  if (language === 'zh' && !i18n.hasResourceBundle('zh', 'translation')) {
    const chinese = await fetchChinese().catch(() => null);
    if (chinese === null) return;
    i18n.addResourceBundle('zh', 'translation', chinese);
  }
  await i18n.changeLanguage(language);
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
  void speak(language);
}
