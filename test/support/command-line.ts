/** The command line with a server that only pretends: run as a process by tests. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../server/program.js';

const status = await run(process.argv.slice(2), async (config, logger) => {
  if (process.env.TEST_COMPOSE_ERROR) throw new Error(process.env.TEST_COMPOSE_ERROR);
  await mkdir(join(config.dataDirectory, 'composed'));
  logger.warn({ adminKey: 'the secret', key: 'the secret' }, 'composed');
  return {
    adminKey: config.adminKey ?? 'dakkio_a_test',
    application: {
      admit: head => ({
        bodyBytesMax: config.bodyBytesMax,
        respond: async () => {
          if (head.path === '/slow') {
            process.stdout.write('slow begun\n');
            await new Promise(resolve => setTimeout(resolve, 500));
          }
          if (head.path === '/never') {
            process.stdout.write('never begun\n');
            await new Promise(() => {});
          }
          return { status: 200, body: 'hello' };
        },
      }),
      tooLarge: () => ({ status: 413 }),
      unreadable: () => ({ status: 415 }),
      overloaded: () => ({ status: 503 }),
    },
    close: async () => {
      process.stdout.write('storage closed\n');
    },
  };
});
process.exit(status);
