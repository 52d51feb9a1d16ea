import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AS_ADMINISTRATOR } from '../../api/administrator';
import { toFailure } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';
import { failureReason } from '../../components/job-card';
import { formatNumber } from '../../lib/format';
import { libraryFailuresQuery } from './documents';

interface LibraryFailuresProps {
  readonly id: string;
  /** How many there are in all. */
  readonly count: number;
}

/** Files that could not be taken, and why; asked for when it is opened. */
export function LibraryFailures({ id, count }: LibraryFailuresProps) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const number = (value: number): string => formatNumber(i18n.language, value);
  return (
    <details className="job-details" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('libraries.failures', { count, number: number(count) })}</summary>
      {/* Another number means another list. */}
      {open && <FailureList key={count} id={id} count={count} />}
    </details>
  );
}

function FailureList({ id, count }: LibraryFailuresProps) {
  const { t, i18n } = useTranslation();
  const { data, error } = useQuery(libraryFailuresQuery, {
    variables: { id },
    fetchPolicy: 'network-only',
    context: AS_ADMINISTRATOR,
  });
  if (error !== undefined) return <ErrorNotice failure={toFailure(error)} />;
  const failures = data?.node?.__typename === 'Library' ? data.node.failures : null;
  if (failures === null) return <p className="mb-0">{t('common.loading')}</p>;
  return (
    <>
      <ul>
        {failures.map(({ path, code }) => (
          <li key={path}>
            <span className="font-monospace job-path">{path}</span>{' '}
            <span className="text-body-secondary">{t(`common.job.reasons.${failureReason(code)}`)}</span>
          </li>
        ))}
      </ul>
      {count > failures.length && (
        <p className="mb-0">
          {t('libraries.moreFailures', { number: formatNumber(i18n.language, count - failures.length) })}
        </p>
      )}
    </>
  );
}
