/** What a request answers; `T` says what is stored there, which the database cannot know. */
export function answer<T>(request: Pick<IDBRequest<unknown>, 'result' | 'error'> & EventTarget): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result as T));
    request.addEventListener('error', () => reject(request.error ?? new Error('The database did not answer.')));
  });
}
