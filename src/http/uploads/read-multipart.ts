import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy, { type Busboy } from 'busboy';
import type { FileUpload } from 'graphql-upload/processRequest.mjs';
import type Upload from 'graphql-upload/Upload.mjs';
import { AppError } from '../../errors.js';
import { badMultipart, parseOperations, placeUploads, tooManyFiles, type Expected } from './operations.js';
import { ReceivedFile, type SpoolOptions } from './uploaded-file.js';

export interface MultipartOptions extends SpoolOptions {
  /** Maximum size of one file. */
  readonly maxBytes: number;
  readonly maxFiles: number;
  /**
   * Called if the operation uploads a model, before its files are read.
   * @returns the maximum size of one of its files, in bytes
   * @throws AppError UNAUTHENTICATED, FORBIDDEN
   */
  readonly allowModel: () => number;
}

export interface MultipartRequest {
  readonly operation: Record<string, unknown>;
  /** Removes temporary files and releases memory. */
  dispose(): Promise<void>;
}

const MAX_FIELD_BYTES = 1_000_000;
/** Size of everything besides the files: operations, map, boundaries, headers of parts. */
export const OVERHEAD_BYTES = 2 * MAX_FIELD_BYTES + 100_000;

/**
 * Reads a GraphQL multipart request to its end. Nothing is executed before the whole request is known to be well-formed
 * and each file is in memory or on disk. A file that is too large fails alone.
 *
 * @throws AppError BAD_USER_INPUT for a malformed request, IMAGE_TOO_LARGE and FILE_TOO_LARGE above the limit for all files,
 *   STORAGE_FULL, STORAGE_FAILED, UNAUTHENTICATED and FORBIDDEN; the rest of the body is then unread, and nothing is kept
 */
export async function readMultipart(
  request: IncomingMessage,
  options: MultipartOptions,
): Promise<MultipartRequest> {
  const reading = new Reading(openParser(request, options), options);
  try {
    await reading.read(request);
    return { operation: reading.finish(), dispose: () => reading.dispose() };
  } catch (error) {
    await reading.dispose();
    throw error;
  }
}

function openParser(request: IncomingMessage, { maxFiles }: MultipartOptions): Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { fieldSize: MAX_FIELD_BYTES, fields: 16, files: maxFiles },
    });
  } catch {
    throw badMultipart(
      'headers.content-type',
      'Expected the boundary in the header content-type of a multipart request. Leave that header out: the library that creates the form sets it, with the boundary',
    );
  }
}

/** One request while it is being read. */
class Reading {
  readonly #parser: Busboy;
  readonly #options: MultipartOptions;
  #operation: Record<string, unknown> | null = null;
  #expected: Expected | null = null;
  /** Maximum size of one file. */
  #maxFileBytes: number;
  #isModel = false;
  readonly #received = new Map<Upload, ReceivedFile>();
  readonly #receiving: Promise<void>[] = [];

  constructor(parser: Busboy, options: MultipartOptions) {
    this.#parser = parser;
    this.#options = options;
    this.#maxFileBytes = options.maxBytes;
  }

  /** Resolves when every part has been received. */
  read(request: IncomingMessage): Promise<void> {
    const parser = this.#parser;
    return new Promise((resolve, reject) => {
      let isOver = false;
      /** Called with the first failure; later ones of the parser and the request are ignored. */
      const stop = (error: Error): void => {
        if (isOver) return;
        isOver = true;
        request.unpipe(parser).off('data', count);
        parser.destroy();
        reject(error);
      };
      const guarded =
        <Args extends unknown[]>(listener: (...args: Args) => void) =>
        (...args: Args): void => {
          try {
            if (!isOver) listener(...args);
          } catch (error) {
            stop(error as Error);
          }
        };
      let arrived = 0;
      const count = (chunk: Buffer): void => {
        arrived += chunk.byteLength;
        if (arrived > this.#maxBytes()) stop(this.#tooLarge(arrived));
      };
      const onClose = (): void => {
        if (!request.complete) stop(brokenOff());
      };

      parser.on(
        'field',
        guarded((name, value, { valueTruncated }) => this.#onField(name, value, valueTruncated)),
      );
      parser.on('file', (name, part, { filename }) => {
        part.on('error', () => {}); // its reader gets the error; an ignored part has none
        if (isOver) return; // in the same chunk as a refused part: it never ends
        this.#receiving.push(this.#onFile(name, part, filename).catch(stop));
      });
      parser.on('filesLimit', () => stop(tooManyFiles(this.#options.maxFiles)));
      parser.on('fieldsLimit', () =>
        stop(badMultipart('request', 'Expected the parts operations and map, and then the files, each once')),
      );
      parser.on('error', () => stop(malformed()));
      // Now all parts have arrived; the last bytes may still have to be written to disk.
      parser.on('close', () => {
        Promise.all(this.#receiving).then(() => resolve(), stop);
      });
      request.on('data', count).on('close', onClose).on('error', onClose);
      request.pipe(parser);
    });
  }

  #onField(name: string, value: string, isTruncated: boolean): void {
    if (isTruncated) {
      throw badMultipart('request', `Expected at most ${MAX_FIELD_BYTES} bytes in a part that is not a file`);
    }
    if (name === 'operations') {
      if (this.#operation !== null) throw twice('operations');
      this.#operation = parseOperations(value);
      if (!uploadsModel(this.#operation)) return;
      this.#maxFileBytes = this.#options.allowModel();
      this.#isModel = true;
    } else if (name === 'map') {
      if (this.#expected !== null) throw twice('map');
      if (this.#operation === null)
        throw badMultipart('map', 'Expected the part operations before the part map');
      this.#expected = placeUploads(this.#operation, value, this.#options.maxFiles);
    } else if (this.#expected?.uploads.has(name) === true) {
      throw badMultipart(
        'request',
        'Expected a file for every name of the part map: give its part a file name',
      );
    }
  }

  async #onFile(name: string, part: Readable, fileName: string | undefined): Promise<void> {
    if (name === 'operations' || name === 'map') {
      part.resume();
      throw badMultipart(name, `Expected the part ${name} as a plain field: send it without a file name`);
    }
    if (this.#expected === null) {
      part.resume();
      throw badMultipart('request', 'Expected the parts operations and map before the files');
    }
    const upload = this.#expected.uploads.get(name);
    if (upload === undefined) {
      part.resume(); // an unexpected file is discarded
      return;
    }
    if (this.#received.has(upload)) {
      part.resume();
      throw twice('a file');
    }
    const file = new ReceivedFile({ ...this.#options, name: fileName ?? '', maxBytes: this.#maxFileBytes });
    this.#received.set(upload, file);
    await file.receive(part);
  }

  /** Limit for the whole body; until the files are known, only for what precedes them. */
  #maxBytes(): number {
    return (this.#expected?.uploads.size ?? 0) * this.#maxFileBytes + OVERHEAD_BYTES;
  }

  #tooLarge(actual: number): AppError {
    if (this.#expected === null) {
      return badMultipart(
        'request',
        'Expected the parts operations and map first, each within 1 MB, separated by the boundary of the header content-type',
      );
    }
    return this.#fileTooLarge(Math.max(this.#maxFileBytes + 1, actual - OVERHEAD_BYTES));
  }

  /** Puts the files into the operation. @throws AppError BAD_USER_INPUT */
  finish(): Record<string, unknown> {
    if (this.#operation === null)
      throw badMultipart('operations', 'Expected the part operations in a multipart request');
    if (this.#expected === null) throw badMultipart('map', 'Expected the part map in a multipart request');
    for (const upload of this.#expected.uploads.values()) {
      const file = this.#received.get(upload);
      if (file === undefined)
        throw badMultipart('map', 'Expected a file in the request for every name of the part map');
    }
    for (const [upload, file] of this.#received) {
      if (file.size > this.#maxFileBytes) upload.reject(this.#fileTooLarge(file.size));
      // The scalar hands on what it is given, and our resolvers expect a file of ours.
      else upload.resolve(file as unknown as FileUpload);
    }
    return this.#expected.operation;
  }

  /** @param actual bytes that had arrived when the file was cut off, its minimum size */
  #fileTooLarge(actual: number): AppError {
    const limit = this.#maxFileBytes;
    return new AppError(
      this.#isModel ? 'FILE_TOO_LARGE' : 'IMAGE_TOO_LARGE',
      `The file is larger than ${limit} bytes.`,
      { details: { limit, actual, unit: 'bytes' } },
    );
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#receiving);
    await Promise.all([...this.#received.values()].map((file) => file.dispose()));
  }
}

const twice = (what: string): AppError => badMultipart('request', `Expected ${what} once in a request`);

/** Guesses from the text: what the operation really does is known only when it is executed, after the files have arrived. */
const uploadsModel = ({ query }: Record<string, unknown>): boolean =>
  typeof query === 'string' && /\buploadModel\b/.test(query);

const malformed = (): AppError =>
  badMultipart(
    'request',
    'Expected parts separated and ended by the boundary of the header content-type: the body is cut off, or has another boundary',
  );

const brokenOff = (): AppError => new AppError('IMAGE_UNREADABLE', 'The upload broke off.');
