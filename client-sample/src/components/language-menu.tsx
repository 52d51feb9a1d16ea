import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n';
import { Menu, MenuItem } from './menu';

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  const current = i18n.language as Language;
  const title = (
    <>
      <span className="visually-hidden">{t('common.language')}: </span>
      {LANGUAGES[current]}
    </>
  );
  return (
    <Menu id="language" className="nav-item" toggleClass="nav-link" title={title}>
      {Object.entries(LANGUAGES).map(([language, name]) => (
        <MenuItem
          key={language}
          lang={language === 'zh' ? 'zh-CN' : language}
          active={language === current}
          onClick={() => chooseLanguage(language as Language)}
        >
          {name}
        </MenuItem>
      ))}
    </Menu>
  );
}
