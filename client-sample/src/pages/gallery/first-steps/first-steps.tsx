import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { formatNumber } from '../../../lib/format';
import { later } from '../../../navigation/lazy-part';
import '../../../styles/first-steps.css';
import { useRemovePictures } from '../use-remove-pictures';
import { useSamples } from './use-samples';

const AskDialog = later(async () => (await import('../../../components/ask-dialog')).AskDialog);

const STORED = 'likeness.first-steps';

interface FirstStepsProps {
  /** The gallery as far as it has been loaded. */
  readonly ids: readonly string[];
  readonly total: number;
}

/** What this is and what to try, as long as the gallery holds nothing of one's own. */
export function FirstSteps({ ids, total }: FirstStepsProps) {
  const { t, i18n } = useTranslation();
  const removePictures = useRemovePictures();
  const [hidden, setHidden] = useState(() => localStorage.getItem(STORED) === 'hidden');
  const [asking, setAsking] = useState(false);
  const samples = useSamples(ids, total, !hidden);
  if (hidden || samples === null) return null;

  const count = samples.length;
  const number = formatNumber(i18n.language, count);
  return (
    <section className="first-steps" aria-labelledby="first-steps-title">
      <h2 className="h5" id="first-steps-title">
        {t('gallery.first.title')}
      </h2>
      <p>
        {t('gallery.first.about')} {total > 0 && t('gallery.first.samples')}
      </p>
      <p className="mb-1">{t('gallery.first.try')}</p>
      <ul>
        <li>{t('gallery.first.alike')}</li>
        <li>
          <Link to="/">{t('gallery.first.search')}</Link>
        </li>
        <li>
          <Link to="/atlas">{t('gallery.first.atlas')}</Link>
        </li>
      </ul>
      <p>
        {t('gallery.first.own')} <Link to="/libraries">{t('gallery.first.libraries')}</Link>
      </p>
      <div className="d-flex flex-wrap gap-2">
        {total > 0 && (
          <Button size="sm" variant="outline-danger" onClick={() => setAsking(true)}>
            {t('gallery.first.remove')}
          </Button>
        )}
        <Button
          size="sm"
          variant="outline-secondary"
          onClick={() => {
            localStorage.setItem(STORED, 'hidden');
            setHidden(true);
          }}
        >
          {t('gallery.first.hide')}
        </Button>
      </div>
      {asking && (
        <AskDialog
          title={t('gallery.first.removeTitle', { count, number })}
          action={t('gallery.first.removeAction')}
          variant="danger"
          onAction={() => {
            setAsking(false);
            removePictures(samples);
          }}
          onHide={() => setAsking(false)}
        >
          <p className="mb-0">{t('gallery.first.removeHint')}</p>
        </AskDialog>
      )}
    </section>
  );
}
