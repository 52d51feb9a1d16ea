import { useEffect, useRef } from 'react';
import Container from 'react-bootstrap/Container';
import Nav from 'react-bootstrap/Nav';
import Navbar from 'react-bootstrap/Navbar';
import { useTranslation } from 'react-i18next';
import { NavLink, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { LanguageMenu } from './language-menu';
import { OfflineBanner } from './offline-banner';
import { ThemeMenu } from './theme-menu';
import { ToastProvider } from './toasts';

const PAGES = ['search', 'gallery', 'atlas', 'history', 'status'] as const;

/** What every page has around it. */
export function Layout() {
  const { t } = useTranslation();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const first = useRef(true);

  // After a change of page the keyboard and a screen reader go on at its beginning.
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);

  return (
    <ToastProvider>
      <a className="visually-hidden-focusable skip-link" href="#content">
        {t('common.skip')}
      </a>
      <Navbar expand="sm" className="border-bottom bg-body-tertiary" sticky="top" collapseOnSelect>
        <Container fluid className="page-width">
          <Navbar.Brand as={NavLink} to="/" className="fw-semibold">
            <img src="/favicon.svg" alt="" width={24} height={24} className="me-2 align-text-top" />
            {t('common.appName')}
          </Navbar.Brand>
          <Navbar.Toggle aria-controls="pages" label={t('common.navigation')} />
          <Navbar.Collapse id="pages">
            <Nav className="me-auto" aria-label={t('common.navigation')} as="nav">
              {PAGES.map((page) => (
                <Nav.Link
                  key={page}
                  as={NavLink}
                  to={page === 'search' ? '/' : `/${page}`}
                  eventKey={page}
                  end
                >
                  {t(`common.pages.${page}`)}
                </Nav.Link>
              ))}
            </Nav>
            <Nav>
              <LanguageMenu />
              <ThemeMenu />
            </Nav>
          </Navbar.Collapse>
        </Container>
      </Navbar>
      <OfflineBanner />
      <main id="content" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <ScrollRestoration />
    </ToastProvider>
  );
}
