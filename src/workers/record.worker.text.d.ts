/** The self-contained record worker as text, for where only a Blob may become a worker. Made by the build. */
declare const text: string;
export default text;
