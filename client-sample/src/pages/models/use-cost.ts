import { useTranslation } from 'react-i18next';
import { formatNumber, formatSpan } from '../../lib/format';
import type { Model } from './use-models';

/** What a change to an installed model costs this gallery. */
export function useCost({ secondsToSwitch, pictures }: Model, gallerySize: number, serving: string): string {
  const { t, i18n } = useTranslation();
  if (gallerySize === 0) return t('models.cost.empty');
  if (secondsToSwitch == null) return t('models.cost.unknown', { serving });
  if (secondsToSwitch === 0) return t('models.cost.instant');
  const missing = gallerySize - (pictures ?? 0);
  return t('models.cost.span', {
    serving,
    span: formatSpan(i18n.language, Math.max(1, secondsToSwitch)),
    pictures: t('models.cost.pictures', { count: missing, number: formatNumber(i18n.language, missing) }),
  });
}
