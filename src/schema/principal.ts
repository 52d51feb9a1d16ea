/** The caller of one operation or request. */
export interface Principal {
  readonly role: 'visitor' | 'administrator';
  /** Whose search history it is: anonymous, from the visitor's cookie or `x-visitor-id`. */
  readonly visitorId: string;
  /** @throws AppError UNAUTHENTICATED, FORBIDDEN for a visitor */
  assertAdministrator(): void;
}
