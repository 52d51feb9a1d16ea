import { getLocation, Source, type GraphQLError, type SourceLocation } from 'graphql';

/** Maximum number of locations in an error. */
const MAX_LOCATIONS = 10;

/**
 * The text of a document, hidden from graphql-js after parsing. For every node of every error, graphql-js counts lines
 * from the start of the text: seconds for a thousand nodes after a thousand lines. Without the text it assumes a single
 * line, and `locationsOf` computes the lines of the few locations that are reported.
 */
export class DocumentSource extends Source {
  readonly #text: string;

  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  /** Call this once the document is parsed. */
  forget(): void {
    this.body = '';
  }

  /** The real location of one that was computed without the text. */
  locate({ column }: SourceLocation): SourceLocation {
    return getLocation(new Source(this.#text), column - 1);
  }
}

/** Where in its document an error is; undefined if unknown. */
export function locationsOf({ source, locations }: GraphQLError): readonly SourceLocation[] | undefined {
  if (!(source instanceof DocumentSource) || source.body !== '') return locations;
  return locations?.slice(0, MAX_LOCATIONS).map((location) => source.locate(location));
}
