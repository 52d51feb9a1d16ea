import { createBrowserRouter, type RouteObject } from 'react-router';
import { Layout } from './components/layout';
import { NotFound } from './components/not-found';
import { PageError } from './components/page-error';

const children: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import('./pages/search/search-page')).SearchPage }) },
  {
    path: 'upload',
    lazy: async () => ({ Component: (await import('./pages/search/search-page')).SearchPage }),
  },
  {
    path: 'gallery',
    lazy: async () => ({ Component: (await import('./pages/gallery/gallery-page')).GalleryPage }),
  },
  { path: 'atlas', lazy: async () => ({ Component: (await import('./pages/atlas/atlas-page')).AtlasPage }) },
  {
    path: 'history',
    lazy: async () => ({ Component: (await import('./pages/history/history-page')).HistoryPage }),
  },
  {
    path: 'status',
    lazy: async () => ({ Component: (await import('./pages/status/status-page')).StatusPage }),
  },
  {
    path: 'models',
    lazy: async () => ({ Component: (await import('./pages/models/models-page')).ModelsPage }),
  },
  { path: '*', Component: NotFound },
];

/** A page is a chunk of its own and is fetched when it is opened first. */
export const router = createBrowserRouter([
  {
    Component: Layout,
    HydrateFallback: () => null,
    children: [{ ErrorBoundary: PageError, children }],
  },
]);
