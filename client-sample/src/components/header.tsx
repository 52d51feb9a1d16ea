import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { LanguageMenu } from './language-menu';
import { ThemeMenu } from './theme-menu';

const PAGES = ['search', 'gallery', 'albums', 'atlas', 'history', 'status'] as const;

/** Above every page. The build draws it into the HTML as well (`static-frame.tsx`), so it needs no browser. */
export function Header() {
  const { t } = useTranslation();
  const [pathname] = useLocation();
  /** Of a window too narrow for the menu. */
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <>
      <a className="visually-hidden-focusable skip-link" href="#content">
        {t('common.skip')}
      </a>
      <nav className="navbar navbar-expand-md sticky-top border-bottom bg-body-tertiary">
        <div className="container-fluid page-width">
          <Link to="/" className="navbar-brand fw-semibold" onClick={close}>
            <img src="/favicon.svg" alt="" width={24} height={24} className="me-2 align-text-top" />
            {t('common.appName')}
          </Link>
          <button
            type="button"
            className={`navbar-toggler ${open ? '' : 'collapsed'}`}
            aria-controls="pages"
            aria-expanded={open}
            aria-label={t('common.navigation')}
            onClick={() => setOpen(!open)}
          >
            <span className="navbar-toggler-icon" />
          </button>
          <div id="pages" className={`navbar-collapse collapse ${open ? 'show' : ''}`}>
            <nav className="me-auto navbar-nav" aria-label={t('common.navigation')}>
              {PAGES.map((page) => {
                const to = page === 'search' ? '/' : `/${page}`;
                const here = pathname === to;
                return (
                  <Link
                    key={page}
                    to={to}
                    className={`nav-link ${here ? 'active' : ''}`}
                    aria-current={here ? 'page' : undefined}
                    onClick={close}
                  >
                    {t(`common.pages.${page}`)}
                  </Link>
                );
              })}
            </nav>
            <div className="navbar-nav">
              {/* There is no room for it in a window of a tablet; the key works all the same. */}
              <button
                type="button"
                className="nav-link text-start d-md-none d-lg-block"
                aria-label={t('common.keys')}
                aria-keyshortcuts="?"
                title={t('common.keys')}
                onClick={() => {
                  close();
                  dispatchEvent(new Event('likeness:keys'));
                }}
              >
                <span className="d-md-none">{t('common.keys')}</span>
                <span className="d-none d-md-inline">?</span>
              </button>
              <LanguageMenu />
              <ThemeMenu />
            </div>
          </div>
        </div>
      </nav>
    </>
  );
}
