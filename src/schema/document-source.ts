import { getLocation, Source, type GraphQLError, type SourceLocation } from 'graphql';

/** Most places that an error names. */
const MAX_LOCATIONS = 10;

/**
 * The text of a document, which graphql-js loses once it is parsed. It looks for the line of every node of every error
 * from the beginning of the text: for a thousand nodes below a thousand lines, seconds. Without the text it takes all
 * of it for one line, and `locationsOf` finds the line of the few places that are reported.
 */
export class DocumentSource extends Source {
  readonly #text: string;

  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  /** To be called when the document is parsed. */
  forget(): void {
    this.body = '';
  }

  /** Of a place that was found without the text. */
  locate({ column }: SourceLocation): SourceLocation {
    return getLocation(new Source(this.#text), column - 1);
  }
}

/** Where in its document an error is, as far as it knows. */
export function locationsOf({ source, locations }: GraphQLError): readonly SourceLocation[] | undefined {
  if (!(source instanceof DocumentSource) || source.body !== '') return locations;
  return locations?.slice(0, MAX_LOCATIONS).map((location) => source.locate(location));
}
