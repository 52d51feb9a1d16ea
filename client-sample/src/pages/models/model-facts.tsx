import { useTranslation } from 'react-i18next';
import { FactList, type Fact } from '../../components/fact-list';
import { formatBytes, formatDuration, formatNumber } from '../../lib/format';
import type { Model } from './use-models';

/** The numbers of a model. */
export function ModelFacts({ model }: { readonly model: Model }) {
  const { t, i18n } = useTranslation();
  const locale = i18n.language;
  const { dimension, bytesOnDisk, embedMs, precision, licence, offers } = model;
  const sizes = offers.map(({ downloadBytes }) => downloadBytes);
  const smallest = Math.min(...sizes);
  const largest = Math.max(...sizes);
  const bytes = (value: number): string => formatBytes(locale, value);
  const facts: readonly Fact[] = [
    [t('models.fact.disk'), bytesOnDisk == null ? null : bytes(bytesOnDisk)],
    [
      t('models.fact.download'),
      bytesOnDisk != null || offers.length === 0
        ? null
        : smallest === largest
          ? bytes(largest)
          : `${bytes(smallest)} – ${bytes(largest)}`,
    ],
    [t('models.fact.time'), embedMs == null ? t('models.fact.timeUnknown') : formatDuration(locale, embedMs)],
    [
      t('models.fact.dimension'),
      dimension == null ? null : t('models.fact.dimensionOf', { number: formatNumber(locale, dimension) }),
    ],
    [
      t('models.fact.precision'),
      precision ?? (offers.length > 0 ? offers.map((offer) => offer.precision).join(', ') : null),
    ],
    [t('models.fact.licence'), licence ?? t('models.fact.licenceUnknown')],
  ];
  return <FactList facts={facts} className="model-facts" />;
}
