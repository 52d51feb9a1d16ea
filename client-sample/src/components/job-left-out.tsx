import { useTranslation } from 'react-i18next';
import type { LeftOut } from '../gql/graphql';
import { formatNumber } from '../lib/format';

/** What an import did not look at, by reason. */
export function JobLeftOut({ leftOut }: { readonly leftOut: readonly Pick<LeftOut, 'reason' | 'count'>[] }) {
  const { t, i18n } = useTranslation();
  if (leftOut.length === 0) return null;
  const number = (value: number): string => formatNumber(i18n.language, value);
  const all = leftOut.reduce((sum, { count }) => sum + count, 0);
  return (
    <details className="job-details">
      <summary>{t('common.job.leftOut', { number: number(all) })}</summary>
      <ul>
        {leftOut.map(({ reason, count }) => (
          <li key={reason}>
            <span className="tabular">{number(count)}</span>{' '}
            {t(`common.job.leftOutReasons.${reason}`, { count })}
          </li>
        ))}
      </ul>
    </details>
  );
}
