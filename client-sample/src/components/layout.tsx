import { Suspense, useEffect, useRef } from 'react';
import { Router, useLocation } from 'wouter';
import { go } from '../navigation/go';
import { ScrollPosition } from '../navigation/scroll';
import { pageAt } from '../routes';
import { Header } from './header';
import { KeyboardHelp } from './keyboard-help';
import { OfflineBanner } from './offline-banner';
import { PageBoundary } from './page-boundary';
import { ToastProvider } from './toasts';

/** What every page has around it, and the page. */
export function Layout() {
  return (
    <Router aroundNav={go}>
      <ToastProvider>
        <Header />
        <OfflineBanner />
        <Main />
        <KeyboardHelp />
      </ToastProvider>
    </Router>
  );
}

function Main() {
  const main = useRef<HTMLElement>(null);
  const [pathname] = useLocation();
  const { Part: Page } = pageAt(pathname);

  // After a change of page the keyboard and a screen reader go on at its beginning.
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);

  return (
    <main id="content" ref={main} tabIndex={-1}>
      <PageBoundary key={pathname}>
        <Suspense>
          <Page />
          <ScrollPosition />
        </Suspense>
      </PageBoundary>
    </main>
  );
}
