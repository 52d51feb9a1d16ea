import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../errors.js';

const ALLOWED = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/** @throws AppError BAD_USER_INPUT (405) for methods that GraphQL over HTTP does not use */
export function graphqlMethods(request: Request, response: Response, next: NextFunction): void {
  if (ALLOWED.includes(request.method)) return next();
  response.status(405).set('allow', 'GET, POST');
  throw new AppError('BAD_USER_INPUT', 'Expected the method POST or GET for /graphql', {
    details: { path: 'method', rule: 'POST or GET' },
  });
}
