// The types of <inkgate-captcha>, as `/api.js` defines it.

/** Why there is no picture or no verdict. `status` is 0 when no answer came. */
export interface InkgateTrouble {
  code: "network" | "picture" | "rate-limited" | "setup" | "unavailable";
  /** The server's own words, if it had any. */
  message: string;
  /** The HTTP status. */
  status: number;
}

export interface InkgateEvents {
  /** The code was right; the form has the token. */
  verified: CustomEvent<{ token: string }>;
  /** The token is too old to be redeemed; the form has none any more. */
  expired: CustomEvent<Record<string, never>>;
  /** The picture or the verdict could not be had; the widget says so itself. */
  error: CustomEvent<InkgateTrouble>;
  /** The picture was too old and has been replaced. */
  renewed: CustomEvent<Record<string, never>>;
  /** The dialog of an invisible widget was opened. */
  opened: CustomEvent<Record<string, never>>;
  /** The visitor closed that dialog without an answer. */
  closed: CustomEvent<Record<string, never>>;
}

export class InkgateCaptcha extends HTMLElement {
  static readonly formAssociated: true;

  /** The token, or an empty string while there is none. */
  getResponse(): string;

  /** Forgets token, picture and code, and starts again. */
  reset(): void;

  /**
   * Asks for the code now: an invisible widget opens its dialog, a visible one takes the focus.
   * Rejects with an error whose `code` is `closed` or `reset`.
   */
  execute(): Promise<string>;

  readonly form: HTMLFormElement | null;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  checkValidity(): boolean;
  reportValidity(): boolean;

  addEventListener<K extends keyof InkgateEvents>(
    type: K,
    listener: (this: InkgateCaptcha, event: InkgateEvents[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof InkgateEvents>(
    type: K,
    listener: (this: InkgateCaptcha, event: InkgateEvents[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "inkgate-captcha": InkgateCaptcha;
  }
  interface Window {
    InkgateCaptcha: typeof InkgateCaptcha;
  }
}
