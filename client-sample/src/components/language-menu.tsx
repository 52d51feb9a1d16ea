import NavDropdown from 'react-bootstrap/NavDropdown';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n';

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  const current = i18n.language as Language;
  return (
    <NavDropdown
      title={
        <>
          <span className="visually-hidden">{t('common.language')}: </span>
          {LANGUAGES[current]}
        </>
      }
      id="language"
      align="end"
    >
      {Object.entries(LANGUAGES).map(([language, name]) => (
        <NavDropdown.Item
          as="button"
          type="button"
          key={language}
          lang={language === 'zh' ? 'zh-CN' : language}
          active={language === current}
          onClick={() => chooseLanguage(language as Language)}
        >
          {name}
        </NavDropdown.Item>
      ))}
    </NavDropdown>
  );
}
