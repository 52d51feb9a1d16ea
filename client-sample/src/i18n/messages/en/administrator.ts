/** For actions that only administrators may take, and for what is refused even to them. */
export const admin = {
  title: 'For administrators',
  question:
    'Only administrators can do this. Enter the ADMIN_TOKEN from the server’s settings; it is kept until this tab is closed.',
  wrong: 'This is not the server’s token. Look at its setting ADMIN_TOKEN.',
  none: 'As long as the server has no token, this can only be done on its own machine. Open this page there (http://127.0.0.1:4000), or set ADMIN_TOKEN, restart the server, and enter the token here.',
  token: 'Administrator token',
  enter: 'Continue',
  known: 'You have entered the administrator’s token.',
  forget: 'Forget it',
  folderRefused:
    'This folder may not be imported, or it does not exist. Check the path. The server’s operator allows folders with the setting <code>{{setting}}</code>, for example:',
  folderTaken:
    'This folder cannot become a library: it is already in one, contains one, or belongs to Likeness itself.',
  patternWrong: '“Leave out” has to be a list of .gitignore patterns, one per line.',
} as const;
