import * as atlas from './messages/atlas';
import * as common from './messages/common';
import * as errors from './messages/errors';
import * as gallery from './messages/gallery';
import * as history from './messages/history';
import * as lightbox from './messages/lightbox';
import * as models from './messages/models';
import * as search from './messages/search';
import * as status from './messages/status';

const pages = { common, errors, search, gallery, atlas, history, lightbox, status, models };
type Pages = typeof pages;

function of<Language extends 'en' | 'zh'>(
  language: Language,
): { [Page in keyof Pages]: Pages[Page][Language] } {
  return Object.fromEntries(Object.entries(pages).map(([page, messages]) => [page, messages[language]])) as {
    [Page in keyof Pages]: Pages[Page][Language];
  };
}

/** Every sentence, by language and page; `t` knows the English keys. */
export const resources = { en: { translation: of('en') }, zh: { translation: of('zh') } };

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: { [Page in keyof Pages]: Pages[Page]['en'] } };
  }
}
