import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** In place of an empty list: says that it is empty and what to do about it. */
export function EmptyState({ title, children }: EmptyStateProps) {
  return (
    <div className="empty-state text-center text-body-secondary py-5">
      <p className="h5">{title}</p>
      {children}
    </div>
  );
}
