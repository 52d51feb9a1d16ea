import type { ReactNode } from 'react';

interface FactsProps {
  readonly title: string;
  /** Pairs of a name and what it is; without what it is, it is left out. */
  readonly facts: readonly (readonly [string, ReactNode])[];
  readonly children?: ReactNode;
}

/** A card of facts. */
export function Facts({ title, facts, children }: FactsProps) {
  return (
    <section className="status-card" aria-label={title}>
      <h2 className="h6">{title}</h2>
      <dl className="status-facts">
        {facts
          .filter(([, fact]) => fact !== null)
          .map(([name, fact]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{fact}</dd>
            </div>
          ))}
      </dl>
      {children}
    </section>
  );
}
