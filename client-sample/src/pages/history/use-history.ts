import type { HistoryQuery } from '../../gql/graphql';
import { type ConnectionPages, useConnection } from '../../api/use-connection';
import { historyQuery } from './documents';

const PAGE = 24;

export type History = ConnectionPages<NonNullable<HistoryQuery['searchHistory']>>;

const listOf = ({ searchHistory }: HistoryQuery) => searchHistory;

/** This visitor's searches, newest first, page after page. */
export const useHistory = (): History => useConnection(historyQuery, { first: PAGE }, listOf);
