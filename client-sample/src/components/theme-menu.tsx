import { useState } from 'react';
import NavDropdown from 'react-bootstrap/NavDropdown';
import { useTranslation } from 'react-i18next';

const STORED = 'likeness.theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function storedTheme(): Theme {
  const chosen = localStorage.getItem(STORED);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

/** `theme.js` applies what is chosen here, before the first paint and whenever it changes. */
export function ThemeMenu() {
  const { t } = useTranslation();
  const [theme, setTheme] = useState(storedTheme);
  const choose = (chosen: Theme): void => {
    if (chosen === 'auto') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, chosen);
    dispatchEvent(new Event('likeness:theme'));
    setTheme(chosen);
  };
  return (
    <NavDropdown title={t('common.theme.label')} id="theme" align="end">
      {THEMES.map((one) => (
        <NavDropdown.Item
          as="button"
          type="button"
          key={one}
          active={one === theme}
          onClick={() => choose(one)}
        >
          {t(`common.theme.${one}`)}
        </NavDropdown.Item>
      ))}
    </NavDropdown>
  );
}
