/** Holds the lock of a directory until it is killed: run as a process by tests. */
import { lockDirectory } from '../../server/lock.js';

await lockDirectory(process.argv[2]);
process.stdout.write('locked\n');
setInterval(() => {}, 1_000);
