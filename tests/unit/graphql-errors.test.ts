import { describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { AppError } from '../../src/errors.js';
import type { Logger } from '../../src/logger.js';
import { publicError } from '../../src/schema/format-error.js';

function recorder(): { logger: Logger; lines: object[] } {
  const lines: object[] = [];
  const put = (fields: object, message: string): void => void lines.push({ ...fields, message });
  return { lines, logger: { debug: put, info: put, warn: put, error: put } };
}

describe('publicError', () => {
  test('client errors are told with their details', () => {
    const { logger, lines } = recorder();
    const error = new AppError('SERVER_BUSY', 'Busy.', { details: { retryAfterMs: 5 } });
    expect(publicError(error, logger)).toEqual({
      code: 'SERVER_BUSY',
      message: 'Busy.',
      retryable: true,
      details: { retryAfterMs: 5 },
    });
    expect(lines).toEqual([]);
  });

  test.each([new Error('/etc/secret'), new AppError('STORAGE_FAILED', '/etc/secret')])(
    '%s is masked and logged under its errorId',
    (error) => {
      const { logger, lines } = recorder();
      const told = publicError(new GraphQLError('x', { originalError: error }), logger);
      expect(told.code).toBe('INTERNAL_SERVER_ERROR');
      expect(JSON.stringify(told)).not.toContain('secret');
      expect(lines).toEqual([expect.objectContaining({ errorId: told.errorId, message: '/etc/secret' })]);
    },
  );

  test("GraphQL's own words on a bad value are not passed on", () => {
    const { logger } = recorder();
    const error = new GraphQLError('Variable "$topK" got invalid value "hunter2"; Int cannot represent it', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(JSON.stringify(publicError(error, logger))).not.toContain('hunter2');
  });

  test("a refusal of Apollo's that has a status and no code keeps its constant text", () => {
    const { logger, lines } = recorder();
    const error = new GraphQLError('provided sha does not match query', {
      extensions: { http: { status: 400 } },
    });
    expect(publicError(error, logger)).toEqual({
      code: 'BAD_REQUEST',
      message: 'provided sha does not match query',
      retryable: false,
    });
    expect(lines).toEqual([]);
  });
});
