import { useTranslation } from 'react-i18next';
import type { SpacesQuery } from '../../gql/graphql';
import { formatNumber, formatPercent, formatTime } from '../../lib/format';

interface RecallProps {
  readonly recall: NonNullable<SpacesQuery['status']>['index']['recall'];
}

/** What part of the nearest vectors searches find, in words. */
export function Recall({ recall }: RecallProps) {
  const { t, i18n } = useTranslation();
  const locale = i18n.language;
  if (recall == null) return t('status.index.recallNotYet');
  if (recall.measuredAt == null) return t('status.index.recallAll');
  const measured = t('status.index.recallOf', {
    percent: formatPercent(locale, recall.value),
    sample: formatNumber(locale, recall.sampleSize),
    time: formatTime(locale, recall.measuredAt),
  });
  if (recall.strays === 0) return measured;
  return (
    <>
      {measured}
      {locale === 'zh' ? '' : '. '}
      {t('status.index.strays', { count: recall.strays, number: formatNumber(locale, recall.strays) })}
    </>
  );
}
