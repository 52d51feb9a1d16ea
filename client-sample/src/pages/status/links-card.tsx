import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import readmeZh from '../../../../README.zh-CN.md?url';
import readme from '../../../../README.md?url';
import schema from '../../../../schema.graphql?url';

const PLAYGROUND = '/playground';

/** What there is to read, and where to try the API. */
export function LinksCard() {
  const { t, i18n } = useTranslation();
  const served = usePlaygroundServed();
  return (
    <section className="status-card" aria-label={t('status.links.title')}>
      <h2 className="h6">{t('status.links.title')}</h2>
      <ul className="status-links">
        {served && (
          <li>
            <a href={PLAYGROUND} target="_blank" rel="noreferrer">
              {t('status.links.playground')}
            </a>
            <span>{t('status.links.playgroundHint')}</span>
          </li>
        )}
        <li>
          <a href={schema} download="likeness.graphql">
            {t('status.links.schema')}
          </a>
          <span>{t('status.links.schemaHint')}</span>
        </li>
        <li>
          <a href={i18n.language === 'zh' ? readmeZh : readme} target="_blank" rel="noreferrer">
            {t('status.links.readme')}
          </a>
          <span>{t('status.links.readmeHint')}</span>
        </li>
      </ul>
    </section>
  );
}

/** A server that does not publish its schema serves no playground. */
function usePlaygroundServed(): boolean {
  const [served, setServed] = useState(false);
  useEffect(() => {
    const request = new AbortController();
    fetch(PLAYGROUND, {
      method: 'HEAD',
      signal: request.signal,
      headers: { accept: 'application/json' },
    }).then(
      ({ ok }) => setServed(ok),
      () => {}, // away, or the page is left
    );
    return () => request.abort();
  }, []);
  return served;
}
