/** The self-contained worklet as text, for where only a Blob may become one. Made by the build. */
declare const text: string;
export default text;
