import * as en from './messages/en';

export type Language = 'en' | 'zh';

/** Every sentence, by page; `t` knows the English keys. English is there at once: it stands in for what is missing. */
export const english = { ...en };

/** Fetched when it is spoken. @throws when it cannot be fetched */
export async function fetchChinese(): Promise<object> {
  return { ...(await import('./messages/zh')) };
}

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof english };
  }
}
