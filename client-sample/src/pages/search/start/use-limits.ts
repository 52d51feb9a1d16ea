import { useQuery } from '@apollo/client/react';
import { graphql } from '../../../gql';

export const limitsQuery = graphql(`
  query SearchLimits {
    status {
      gallerySize
      model {
        id
      }
      limits {
        maxUploadBytes
        maxTopK
      }
    }
  }
`);

export type LimitsOf = { readonly maxUploadBytes: number; readonly maxTopK: number } | undefined;

/** What the server takes, how many pictures it has, and which model serves. */
export function useLimits(): {
  readonly limits: LimitsOf;
  readonly gallerySize: number | undefined;
  readonly model: string | undefined;
} {
  const { data } = useQuery(limitsQuery, {
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  return {
    limits: data?.status?.limits,
    gallerySize: data?.status?.gallerySize,
    model: data?.status?.model.id,
  };
}
