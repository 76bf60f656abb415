/** Takes a processor, until it is terminated. */
for (;;);
