import { useTranslation } from 'react-i18next';
import { formatNumber, formatSpan } from '../../lib/format';
import type { Model } from './use-models';

/** What a change to a model costs this gallery; of one that is not here it is an estimate, and nothing where there is none. */
export function useCost(model: Model, gallerySize: number, serving: string): string {
  const { secondsToSwitch, pictures, state, offers } = model;
  const { t, i18n } = useTranslation();
  if (state === 'AVAILABLE') {
    const seconds = offers[0]?.estimatedSecondsToSwitch;
    if (seconds == null || gallerySize === 0) return '';
    return t('models.cost.estimate', {
      span: roughSpan(i18n.language, seconds),
      pictures: t('models.cost.all', {
        count: gallerySize,
        number: formatNumber(i18n.language, gallerySize),
      }),
    });
  }
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

/** Of an estimate, which is not good to the second. */
export const roughSpan = (locale: string, seconds: number): string =>
  formatSpan(locale, seconds < 60 ? Math.max(1, seconds) : 60 * Math.round(seconds / 60));
