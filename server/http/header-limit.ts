/**
 * Imported before uWebSockets.js, which reads this once, when it is loaded. Its own 4 KiB are too few in a browser:
 * cookies ignore the port, so every other program on localhost adds its own to our requests.
 */
process.env.UWS_HTTP_MAX_HEADERS_SIZE ??= String(16 * 1024);
