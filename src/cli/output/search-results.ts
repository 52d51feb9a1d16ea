import Table from 'cli-table3';
import type { ModelDescription } from '../../services/embedding/types.js';
import type { Match, PictureSubject, SearchAnswer } from '../../services/search/types.js';
import { csvRecord } from './csv.js';
import { count, formatBytes, printable, shorten } from './format.js';
import type { Failure } from './report-error.js';

export interface FileMatch extends Match {
  /** Where the picture lies in MEDIA_DIR. */
  readonly file: string;
}

export type QueryResult =
  | {
      readonly query: string;
      readonly answer: SearchAnswer<PictureSubject>;
      readonly matches: readonly FileMatch[];
      readonly model: ModelDescription;
    }
  | { readonly query: string; readonly error: Failure };

/** How results are written; each piece ends its own lines. */
export interface ResultFormat {
  readonly head: string;
  result(result: QueryResult): string;
}

/** Enough digits to distinguish two scores, and no more than float32 cosines have. */
const similarityText = (similarity: number): string => similarity.toFixed(6);

const plainBorders = { head: [], border: [] };

export const table: ResultFormat = {
  head: '',
  result(result) {
    const name = printable(result.query);
    if ('error' in result) return '';
    const { width, height, format } = result.answer.query.subject.facts;
    const heading = `${name}  ${width}x${height} ${format}`;
    if (result.matches.length === 0) return `${heading}\nno matches\n\n`;
    const rows = new Table({
      head: ['rank', 'similarity', 'strength', 'id', 'title', 'size', 'bytes', 'tags'],
      colAligns: ['right', 'right', 'left', 'right', 'left', 'right', 'right', 'left'],
      style: plainBorders,
    });
    for (const { rank, similarity, strength, image } of result.matches) {
      rows.push([
        rank,
        similarity.toFixed(4),
        strength ?? '',
        image.id,
        shorten(printable(image.title)),
        `${image.width}x${image.height}`,
        formatBytes(image.bytes),
        shorten(printable(image.tags.join(', '))),
      ]);
    }
    const matches = count(result.matches.length, 'match', 'matches');
    return `${heading}\n${rows.toString()}\n${matches} in ${Math.round(result.answer.timings.totalMs)} ms\n\n`;
  },
};

/** The fields of the GraphQL API, by the same names. */
export const jsonLines: ResultFormat = {
  head: '',
  result(result) {
    if ('error' in result) return `${JSON.stringify({ query: result.query, error: result.error })}\n`;
    const { width, height, format, bytes, sha256 } = result.answer.query.subject.facts;
    const matches = result.matches.map(({ rank, similarity, strength, percentile, image, file }) => ({
      rank,
      similarity,
      strength,
      percentile,
      id: String(image.id),
      title: image.title,
      width: image.width,
      height: image.height,
      format: image.format,
      bytes: image.bytes,
      sha256: image.sha256,
      tags: image.tags,
      createdAt: image.createdAt,
      file,
    }));
    const { id: model, spaceId } = result.model;
    const { timings } = result.answer;
    return `${JSON.stringify({ query: result.query, width, height, format, bytes, sha256, model, spaceId, matches, timings })}\n`;
  },
};

const MATCH_COLUMNS = [
  'query',
  'rank',
  'similarity',
  'id',
  'title',
  'width',
  'height',
  'format',
  'bytes',
  'sha256',
  'tags',
  'createdAt',
  'file',
  'strength', // last: a script that reads by position finds the others where they were
];

export const matchRecords: ResultFormat = {
  head: `${csvRecord(MATCH_COLUMNS)}\n`,
  result(result) {
    if ('error' in result) return '';
    return result.matches
      .map(({ rank, similarity, strength, image, file }) =>
        csvRecord([
          result.query,
          rank,
          similarityText(similarity),
          image.id,
          image.title,
          image.width,
          image.height,
          image.format,
          image.bytes,
          image.sha256,
          image.tags.join(';'),
          image.createdAt.toISOString(),
          file,
          strength,
        ]),
      )
      .map((record) => `${record}\n`)
      .join('');
  },
};

/** One record per query; the fields of absent matches are empty. */
export function queryRecords(topK: number): ResultFormat {
  const ranks = Array.from({ length: topK }, (_, i) => i + 1);
  const columns = ranks.flatMap((rank) => [`id_${rank}`, `similarity_${rank}`, `title_${rank}`]);
  const strengths = ranks.map((rank) => `strength_${rank}`);
  return {
    head: `${csvRecord(['query', 'error', 'matches', ...columns, ...strengths])}\n`,
    result(result) {
      const matches = 'error' in result ? [] : result.matches;
      const fields = ranks.flatMap((rank) => {
        const match = matches[rank - 1];
        return match === undefined
          ? [null, null, null]
          : [match.image.id, similarityText(match.similarity), match.image.title];
      });
      const error = 'error' in result ? `${result.error.code}: ${result.error.message}` : null;
      const found = ranks.map((rank) => matches[rank - 1]?.strength ?? null);
      return `${csvRecord([result.query, error, matches.length, ...fields, ...found])}\n`;
    },
  };
}
