import * as en from './messages/en';
import type { modelsPage } from './messages/en/models-page';

export type Language = 'en' | 'zh';

/**
 * Every sentence, by page; `t` knows the English keys. English is there at once: it stands in for what is missing. Only
 * those of the models page come with it (`add-models-page`).
 */
export const english = { ...en };

/** Fetched when it is spoken. @throws when it cannot be fetched */
export async function fetchChinese(): Promise<object> {
  const { models, modelsPage, ...pages } = await import('./messages/zh');
  return { ...pages, models: { ...models, ...modelsPage } };
}

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof english & { readonly models: typeof modelsPage } };
  }
}
