import type { ComponentType } from 'react';
import { addMessages, type Part } from './i18n';
import { lazyPart, type LazyPart } from './navigation/lazy-part';

/** A page is a chunk of its own; it is fetched when it is opened first, and its sentences with it. */
const page = (fetchPage: () => Promise<ComponentType>, ...messages: Part[]): LazyPart =>
  lazyPart(async () => (await Promise.all([fetchPage(), addMessages(messages)]))[0]);

// Removing a picture from the matches uses the sentences of the gallery.
const search = page(
  async () => (await import('./pages/search/search-page')).SearchPage,
  'search',
  'gallery',
  'lightbox',
  'albums',
);
const notFound = page(async () => (await import('./components/not-found')).NotFound);

const PAGES: Readonly<Record<string, LazyPart>> = {
  '/': search,
  '/upload': search,
  '/gallery': page(
    async () => (await import('./pages/gallery/gallery-page')).GalleryPage,
    'gallery',
    'lightbox',
    'albums',
    'administrator',
  ),
  '/albums': page(async () => (await import('./pages/albums/albums-page')).AlbumsPage, 'albums'),
  '/atlas': page(async () => (await import('./pages/atlas/atlas-page')).AtlasPage, 'atlas'),
  '/history': page(async () => (await import('./pages/history/history-page')).HistoryPage, 'history'),
  '/status': page(async () => (await import('./pages/status/status-page')).StatusPage, 'status'),
  '/models': page(
    async () => (await import('./pages/models/models-page')).ModelsPage,
    'models-page',
    'administrator',
  ),
  '/libraries': page(
    async () => (await import('./pages/libraries/libraries-page')).LibrariesPage,
    'libraries',
    'administrator',
  ),
};

export function pageAt(pathname: string): LazyPart {
  return PAGES[pathname.toLowerCase().replace(/\/+$/, '') || '/'] ?? notFound;
}
