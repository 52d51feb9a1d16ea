import type { FileUpload } from 'graphql-upload/processRequest.mjs';
import { AppError, messageOf } from '../errors.js';

/**
 * The whole of an uploaded file. Its stream is opened before this function first waits, and destroyed on every early
 * end, so that graphql-upload removes its temporary file.
 * @throws AppError IMAGE_TOO_LARGE over `maxBytes`; IMAGE_UNREADABLE when the upload breaks off;
 *   BAD_USER_INPUT when the request names a file that is not in it
 */
async function readUpload(upload: Promise<FileUpload>, maxBytes: number): Promise<Uint8Array> {
  let file: FileUpload;
  try {
    file = await upload;
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', `Expected a file for image: ${messageOf(error)}`, {
      details: { path: 'image', rule: 'a file of the multipart request' },
      cause: error,
    });
  }
  const stream = file.createReadStream();
  const chunks: Buffer[] = [];
  let actual = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      actual += chunk.byteLength;
      if (actual > maxBytes) throw tooLarge(maxBytes, actual);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as { status?: number }).status === 413)
      throw tooLarge(maxBytes, Math.max(actual, maxBytes + 1));
    throw new AppError('IMAGE_UNREADABLE', 'The upload broke off.', { cause: error });
  } finally {
    stream.destroy();
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** `actual` is what had arrived when the upload was cut off: the file is at least that large. */
const tooLarge = (limit: number, actual: number): AppError =>
  new AppError('IMAGE_TOO_LARGE', `The file is larger than ${limit} bytes.`, {
    details: { limit, actual, unit: 'bytes' },
  });

/** Reads each upload of a request once, however many fields name it. */
export function uploadReader(maxBytes: number): (upload: Promise<FileUpload>) => Promise<Uint8Array> {
  const reads = new WeakMap<Promise<FileUpload>, Promise<Uint8Array>>();
  return (upload) => {
    let read = reads.get(upload);
    if (read === undefined) reads.set(upload, (read = readUpload(upload, maxBytes)));
    return read;
  };
}
