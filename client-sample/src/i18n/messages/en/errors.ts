/** For every code that a client can receive, and for what only a page can run into: what happened and what to do. */
export const errors = {
  BAD_USER_INPUT: 'The server did not accept {{path}}: it expects {{rule}}. Reload the page.',
  IMAGE_TOO_LARGE:
    'This picture is too large: {{actual}}, and the limit is {{limit}}. Choose a smaller one, or make this one smaller first.',
  IMAGE_UNSUPPORTED:
    'This is not a picture of a known format. Choose a JPEG, PNG, WebP, HEIC or another kind of photo.',
  IMAGE_UNREADABLE:
    'This picture is damaged or incomplete. Open it in another program, save it again and try that copy, or choose another one.',
  FILE_CHANGED: 'A file was being written to while it was read. Import it again when it is complete.',
  URL_NOT_ALLOWED: 'The server does not fetch pictures from this address.',
  URL_UNREACHABLE: 'This address does not answer with a picture.',
  LIBRARY_UNAVAILABLE: 'The folder of this library is not there. Is its disk connected?',
  ALBUM_NOT_FOUND: 'This album does not exist any more.',
  LIBRARY_NOT_FOUND: 'This library does not exist any more.',
  FOLDER_UNREADABLE: 'The server cannot read this folder. Ask its operator.',
  IMAGE_NOT_FOUND: 'This picture is no longer in the gallery. Go back, or start over with another one.',
  IMAGE_FILE_MISSING:
    'The file of this picture is missing or damaged on the server. Adding the same picture again puts it back.',
  UNAUTHENTICATED:
    'You are not signed in. Sign in as the server’s operator has explained, then reload the page.',
  FORBIDDEN: 'You are not allowed to do this here. Ask the operator of the server.',
  HOST_NOT_ALLOWED:
    'The server does not answer under this address. Ask its operator to add the name to the setting ALLOWED_HOSTS.',
  QUERY_TOO_COMPLEX: 'This asks too much at once. Choose a smaller number of results.',
  RATE_LIMITED: 'Too many requests. Wait {{seconds}} s, then try again.',
  SERVER_BUSY: 'The server is busy. Wait {{seconds}} s, then try again.',
  FILE_TOO_LARGE: 'The file is too large: {{actual}}, the limit is {{limit}}.',
  STORAGE_FULL: 'The server’s disk is full. Ask its operator to make room, then try again.',
  SHUTTING_DOWN: 'The server is stopping. Try again when it is back.',
  MEDIA_UNAVAILABLE:
    'The server cannot use its picture folder at the moment. Try again later; if this persists, tell its operator.',
  REQUEST_TIMEOUT: 'This took too long and was stopped. Try again, or try a smaller picture.',
  REQUEST_CANCELLED: 'The request was cancelled before it was answered. Try again.',
  INTERNAL_SERVER_ERROR:
    'Something went wrong on the server. Reload the page; if it happens again, give its operator the number below.',
  PROTOCOL: 'This page and the server are of different versions. Reload the page.',
  NETWORK: 'The server did not answer. Check that it is running and reachable, then try again.',
  UNKNOWN: 'The server gave an unexpected answer ({{code}}). Reload the page.',
  FILE_GONE: 'The file was changed or is no longer there. Choose it again.',
  NOT_A_PICTURE: 'This is not a picture file. Choose, drop or paste a picture.',
  NOT_A_FILE:
    'Only the address of a picture arrived. Save the picture first and choose the file, or copy the picture itself and paste it.',
  errorId: 'Number: {{id}}',
} as const;
