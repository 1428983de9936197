/**
 * The schema library, all that is used of it. The build puts it into this one file: as its seven hundred it takes half
 * of the time of a start.
 */
export { default, type Static, type TSchema, type TUnsafe } from 'typebox';
export { Compile } from 'typebox/compile';
export type { TLocalizedValidationError } from 'typebox/error';
export { Settings } from 'typebox/system';
