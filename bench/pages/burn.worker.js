/** Takes a processor, from when it says so until it is terminated. */
postMessage(null);
for (;;);
