/** An error that carries the status of its HTTP answer; name and message appear in the body. */
export class ApiError extends Error {
  readonly status: number;

  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** 401; `message` is shown to the client. */
export const unauthorized = (message: string) => new ApiError('UnauthorizedError', 401, message);
/** 405. */
export const methodNotAllowed = () => new ApiError('MethodNotAllowedError', 405, 'Method not allowed');
/** 404. */
export const notFound = (message: string) => new ApiError('LangfuseNotFoundError', 404, message);
/** 400. */
export const invalidRequest = (message: string) => new ApiError('InvalidRequestError', 400, message);
/** 503: nothing was taken, and the same request may be sent again. Only the safe pipeline answers so. */
export const unavailable = (message: string) => new ApiError('ServiceUnavailableError', 503, message);

/** Any failure of Postgres. Langfuse hides its text from clients, whereas it shows those of the other parts. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
}
