import { ApolloLink } from '@apollo/client';

const KEPT = 'likeness.administrator';

/** For the context of an operation. */
export interface AsAdministrator {
  /** Sends the administrator's token with it, where there is one. */
  readonly asAdministrator: true;
}

export const AS_ADMINISTRATOR: AsAdministrator = { asAdministrator: true };

/** The ADMIN_TOKEN that was entered in this tab; it is forgotten when the tab is closed. */
export const administratorToken = (): string | null => sessionStorage.getItem(KEPT);

export function keepAdministratorToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, token);
}

/** Only operations that ask for it carry the token: others may need another header of a proxy before the server. */
export function createAdministratorLink(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { asAdministrator } = operation.getContext() as Partial<AsAdministrator>;
    const token = administratorToken();
    if (asAdministrator === true && token !== null) {
      operation.setContext(({ headers }) => ({
        headers: { ...(headers as Record<string, string> | undefined), authorization: `Bearer ${token}` },
      }));
    }
    return forward(operation);
  });
}
