import { useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { graphql } from '../../gql';
import { formatBytes } from '../../lib/format';

const STORED = 'likeness.modelHint';
const BUILTIN = 'builtin';
const BETTER = 'dinov2-small';

const hintQuery = graphql(`
  query ModelHint {
    models {
      id
      state
      offers {
        precision
        downloadBytes
      }
    }
  }
`);

/**
 * One line while the built-in model serves: what it cannot do, and where to get one that can. Its place is kept from the
 * first drawing on, and not taken later, so that nothing moves when it is known which model serves.
 */
export function ModelHint({ serving }: { readonly serving: string | undefined }) {
  // 'dismissed', or 'other': another model served when last seen.
  const [stored, setStored] = useState(() => localStorage.getItem(STORED));
  const kept = stored === null;
  useEffect(() => {
    if (serving === undefined || localStorage.getItem(STORED) === 'dismissed') return;
    if (serving === BUILTIN) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, 'other');
  }, [serving]);
  if (!kept) return null;
  return (
    <HintLine
      builtin={serving === BUILTIN}
      onDismiss={() => {
        localStorage.setItem(STORED, 'dismissed');
        setStored('dismissed');
      }}
    />
  );
}

interface HintLineProps {
  readonly builtin: boolean;
  readonly onDismiss: () => void;
}

function HintLine({ builtin, onDismiss }: HintLineProps) {
  const { t, i18n } = useTranslation();
  const { data, error } = useQuery(hintQuery, { skip: !builtin });
  const better = data?.models?.find(({ id }) => id === BETTER);
  const bytes = better?.offers.find(({ precision }) => precision === 'fp32')?.downloadBytes;
  const isToGet = better?.state === 'AVAILABLE' || better?.state === 'PARTIAL';
  const shown = builtin && (isToGet || error !== undefined);
  return (
    <aside className={`model-hint ${shown ? '' : 'invisible'}`} aria-label={t('models.hint.label')}>
      <p>
        {t('models.hint.text')}{' '}
        <Link to={`/models?model=${BETTER}`}>
          {bytes === undefined
            ? t('models.hint.get')
            : t('models.hint.getSize', { size: formatBytes(i18n.language, bytes) })}
        </Link>{' '}
        <span aria-hidden="true">·</span> <Link to="/models#file">{t('models.hint.file')}</Link>
      </p>
      <Button
        className="btn-close"
        variant=""
        aria-label={t('models.hint.dismiss')}
        title={t('models.hint.dismiss')}
        onClick={onDismiss}
      />
    </aside>
  );
}
