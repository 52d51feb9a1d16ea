import type { admin } from './messages/en/administrator';
import type { albums } from './messages/en/albums';
import type { atlas } from './messages/en/atlas';
import * as frame from './messages/en/frame';
import type { gallery } from './messages/en/gallery';
import type { history } from './messages/en/history';
import type { keys } from './messages/en/keys';
import type { libraries } from './messages/en/libraries';
import type { lightbox } from './messages/en/lightbox';
import type { modelsPage } from './messages/en/models-page';
import type { search } from './messages/en/search';
import type { status } from './messages/en/status';

export type Language = 'en' | 'zh';

/** The sentences of a page, or of what several pages show: a file for each language. */
export type Part =
  | 'administrator'
  | 'albums'
  | 'atlas'
  | 'gallery'
  | 'history'
  | 'keys'
  | 'libraries'
  | 'lightbox'
  | 'models-page'
  | 'search'
  | 'status';

/** English is bundled: it is the fallback for whatever is missing. */
export const englishFrame = { ...frame };

export const fetchChineseFrame = async (): Promise<object> => ({ ...(await import('./messages/zh/frame')) });

type Messages = Readonly<Record<string, object>>;
const FILES = import.meta.glob<Messages>([
  './messages/*/{administrator,albums,atlas,gallery,history,keys,libraries,lightbox,models-page,search,status}.ts',
]);

/** By the keys that `t` knows. @throws when it cannot be fetched */
export async function fetchPart(language: Language, part: Part): Promise<Messages> {
  const { modelsPage, ...messages } = (await FILES[`./messages/${language}/${part}.ts`]?.()) ?? {};
  // Beside those sentences about models that every page may need.
  return modelsPage === undefined ? messages : { models: modelsPage };
}

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: {
      translation: typeof englishFrame & {
        readonly admin: typeof admin;
        readonly albums: typeof albums;
        readonly atlas: typeof atlas;
        readonly gallery: typeof gallery;
        readonly history: typeof history;
        readonly keys: typeof keys;
        readonly libraries: typeof libraries;
        readonly lightbox: typeof lightbox;
        readonly models: typeof modelsPage;
        readonly search: typeof search;
        readonly status: typeof status;
      };
    };
  }
}
