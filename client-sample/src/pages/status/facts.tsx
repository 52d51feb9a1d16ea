import type { ReactNode } from 'react';
import { FactList, type Fact } from '../../components/fact-list';

interface FactsProps {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly children?: ReactNode;
}

/** A card of facts. */
export function Facts({ title, facts, children }: FactsProps) {
  return (
    <section className="status-card" aria-label={title}>
      <h2 className="h6">{title}</h2>
      <FactList facts={facts} />
      {children}
    </section>
  );
}
