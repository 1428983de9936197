import { NAME_CHARACTERS_MAX, RETENTION_DAYS_MAX } from '../limits.js';
import { descriptionSchema, nameSchema, statusSchema } from './common.js';
import Type from './typebox.js';
import { TOO_LONG_MESSAGE } from './validate.js';

const bucketNameSchema = nameSchema({
  [TOO_LONG_MESSAGE]: `Bucket name must be ${NAME_CHARACTERS_MAX} characters or less`,
});

/** Null keeps points for ever. */
const retentionDaysSchema = Type.Unsafe<number | null>({
  type: ['integer', 'null'],
  minimum: 1,
  maximum: RETENTION_DAYS_MAX,
});

export const createBucketSchema = Type.Object({
  name: bucketNameSchema,
  description: Type.Optional(descriptionSchema),
  retentionDays: Type.Optional(retentionDaysSchema),
});

export const updateBucketSchema = Type.Object({
  name: Type.Optional(bucketNameSchema),
  description: Type.Optional(descriptionSchema),
  retentionDays: Type.Optional(retentionDaysSchema),
  status: Type.Optional(statusSchema),
});
