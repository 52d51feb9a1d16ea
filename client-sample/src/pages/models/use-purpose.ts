import { useTranslation } from 'react-i18next';
import type { Model } from './use-models';

const SIZES = ['small', 'base', 'large', 'giant'] as const;

/** What a model is good for, in the language of the page; of one made elsewhere its maker says it, in English. */
export function usePurpose({ id, purpose, description }: Model): string {
  const { t, i18n } = useTranslation();
  if (purpose === 'UNKNOWN') return (i18n.language === 'en' && description) || t('models.purpose.UNKNOWN');
  const size = purpose === 'THINGS_AND_SCENES' ? SIZES.find((name) => id.includes(`-${name}`)) : undefined;
  return [
    t(`models.purpose.${purpose}`),
    ...(size === undefined ? [] : [t(`models.size.${size}`)]),
    ...(id.includes('registers') ? [t('models.registers')] : []),
  ].join(i18n.language === 'zh' ? '' : ' ');
}
