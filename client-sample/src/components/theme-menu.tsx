import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Menu, MenuItem } from './menu';

const STORED = 'likeness.theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function storedTheme(): Theme {
  // There is no such thing where the frame is drawn at build time.
  const chosen = typeof localStorage === 'undefined' ? null : localStorage.getItem(STORED);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

/** `first-paint.js` applies what is chosen here, before the first paint and whenever it changes. */
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
    <Menu id="theme" className="nav-item" toggleClass="nav-link" title={t('common.theme.label')}>
      {THEMES.map((one) => (
        <MenuItem key={one} active={one === theme} onClick={() => choose(one)}>
          {t(`common.theme.${one}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
