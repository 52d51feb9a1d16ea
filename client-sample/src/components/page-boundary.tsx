import { Component, type ReactNode } from 'react';
import { PageError } from './page-error';

interface PageBoundaryProps {
  readonly children: ReactNode;
}

interface PageBoundaryState {
  readonly failed: { readonly error: unknown } | null;
}

/** Keeps the failure of a page to the page. React knows such boundaries as classes only. */
export class PageBoundary extends Component<PageBoundaryProps, PageBoundaryState> {
  override state: PageBoundaryState = { failed: null };

  static getDerivedStateFromError(error: unknown): PageBoundaryState {
    return { failed: { error } };
  }

  override render(): ReactNode {
    const { failed } = this.state;
    return failed === null ? this.props.children : <PageError error={failed.error} />;
  }
}
