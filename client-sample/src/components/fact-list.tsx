import type { ReactNode } from 'react';

/** A name and what it is; without what it is, it is left out. */
export type Fact = readonly [string, ReactNode];

interface FactListProps {
  readonly facts: readonly Fact[];
  readonly className?: string;
}

export function FactList({ facts, className = '' }: FactListProps) {
  return (
    <dl className={`status-facts ${className}`}>
      {facts
        .filter(([, fact]) => fact !== null)
        .map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
    </dl>
  );
}
