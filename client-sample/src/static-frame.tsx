import i18next from 'i18next';
import { renderToStaticMarkup } from 'react-dom/server';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Router } from 'wouter';
import { Header } from './components/header';
import * as en from './i18n/messages/en/frame';
import * as zh from './i18n/messages/zh/frame';

/**
 * The header as HTML, in both languages, for the build to put into `index.html`: it is painted before any script of the
 * page has come, and React draws the same in its place. `first-paint.js` says which of them is shown.
 */
export async function staticFrame(): Promise<string> {
  const frames = [
    { lang: 'en', language: 'en', messages: en },
    { lang: 'zh-CN', language: 'zh', messages: zh },
  ].map(async ({ lang, language, messages }) => {
    const i18n = i18next.createInstance();
    await i18n
      .use(initReactI18next)
      .init({ lng: language, resources: { [language]: { translation: { ...messages } } } });
    return renderToStaticMarkup(
      <I18nextProvider i18n={i18n}>
        <Router ssrPath="/-">
          <div className="static-frame" lang={lang}>
            <Header />
          </div>
        </Router>
      </I18nextProvider>,
    );
  });
  // React also asks for the picture beforehand, from within the body.
  return (await Promise.all(frames)).join('').replaceAll(/<link [^>]*>/g, '');
}
