// <inkgate-captcha>: shows the picture of a code, asks for the code, and puts the proof into the form.
// Plain JavaScript, no dependency. docs/widget.md tells its attributes, inkgate.d.ts its types.
(() => {
  "use strict";
  const TAG = "inkgate-captcha";
  if (customElements.get(TAG)) return;

  // The API lies where this script came from, by whichever of its paths.
  const HOME = document.currentScript?.src.replace(/\/(recaptcha\/|1\/|turnstile\/v0\/)?api\.js.*$/, "/");

  // Milliseconds: the end of a life in which nobody types and sends any more, and the longest wait
  // for an answer.
  const MARGIN = 5_000;
  const PATIENCE = 20_000;

  // A picture narrower than this many pixels is shown at twice its size.
  const NARROW = 100;

  // So often an expired picture is replaced for somebody who does nothing.
  const RENEWALS = 5;

  class InkgateCaptcha extends HTMLElement {
    static formAssociated = true;
    static observedAttributes = ["sitekey", "action", "cdata", "preset", "language", "theme", "size", "required"];

    #internals = this.attachInternals();
    #parts;
    #text = TEXTS.en;
    #phase = "idle"; // loading, working, asking, checking, verified, trouble
    #ticket = null;
    #token = "";
    #end = 0;
    #timer = 0;
    #renewals = 0;
    #turn = 0; // A later load or reset overtakes what is still on its way.
    #abort = new AbortController();
    #checking = null;
    #counters = null; // What the machine is finding out, and the way to end it:
    #labour = null;
    #alone = false;
    #reads = false; // Whether the visitor would rather read.
    #waiting = null; // Whoever called execute().
    #fields = [];
    #root = null;
    #disabled = false;

    constructor() {
      super();
      const shadow = this.attachShadow({ mode: "open", delegatesFocus: true });
      shadow.adoptedStyleSheets = [sheet()];
      this.#parts = build();
      shadow.append(this.#parts.card);
      this.#listen();
    }

    // --- what pages may call

    // The token, or "" while there is none.
    getResponse() {
      this.#expireWhenDue();
      return this.#token;
    }

    // Forgets what was done and starts again.
    reset() {
      this.#stop("reset");
      this.#renewals = 0;
      this.#tell("");
      this.#enter("idle");
      if (this.isConnected && !this.#waitsForExecute()) this.#load();
    }

    // Asks for the code now, in a dialog if the widget is invisible. Gives the token.
    execute() {
      if (this.getResponse()) return Promise.resolve(this.#token);
      if (!this.#waiting) {
        const waiting = {};
        waiting.promise = new Promise((resolve, reject) => Object.assign(waiting, { resolve, reject }));
        waiting.promise.catch(() => {});
        this.#waiting = waiting;
        this.#reveal();
      }
      return this.#waiting.promise;
    }

    focus(options) {
      const { done, again, code, instead } = this.#parts;
      ({ verified: done, trouble: again, working: instead })[this.#phase]?.focus(options) ?? code.focus(options);
    }

    get form() { return this.#internals.form; }
    get validity() { return this.#internals.validity; }
    get validationMessage() { return this.#internals.validationMessage; }
    get willValidate() { return this.#internals.willValidate; }
    checkValidity() { return this.#internals.checkValidity(); }
    reportValidity() { return this.#internals.reportValidity(); }

    // --- what the browser calls

    connectedCallback() {
      this.#abort = new AbortController();
      const { signal } = this.#abort;
      this.#root = this.getRootNode();
      this.#root.addEventListener("submit", (event) => this.#beforeSubmit(event), { capture: true, signal });
      document.addEventListener("visibilitychange", () => this.#expireWhenDue(), { signal });
      addEventListener("online", () => this.#phase === "trouble" && this.#retry(), { signal });
      // A page that comes back from the browser's cache brings a token that was sent already.
      addEventListener("pageshow", (event) => event.persisted && this.reset(), { signal });
      this.#speak();
      this.#look();
      this.#fill(this.#token);
      this.#arm();
      if (this.#phase === "idle" && !this.#waitsForExecute()) this.#load();
      else this.#enter(this.#phase);
    }

    disconnectedCallback() {
      this.#abort.abort();
      clearTimeout(this.#timer);
      this.#rest();
      if (["loading", "working", "checking"].includes(this.#phase)) this.#phase = "idle";
    }

    attributeChangedCallback(name, before, now) {
      if (!this.isConnected || before === now) return;
      if (name === "language") this.#speak();
      else if (name === "required") this.#validate();
      else if (name === "theme") this.#paint();
      else if (name === "size") this.#look();
      else this.reset();
    }

    formResetCallback() { this.reset(); }

    formDisabledCallback(disabled) {
      this.#disabled = disabled;
      for (const part of ["code", "fresh", "check", "again", "instead"]) this.#parts[part].disabled = disabled;
    }

    // --- asking

    // Fetches a ticket and shows its picture; `news` is said when it is there. The picture that is
    // shown stays until then, so that picture and ticket change together or not at all.
    async #load(news = "", focus = false, tries = 2) {
      const turn = ++this.#turn;
      // What has the focus may be about to hide.
      focus ||= this.#phase !== "asking" && this.#phase !== "checking" && this.#hasFocus();
      this.#enter("loading");
      try {
        const challenge = await this.#post("api/challenge", {
          sitekey: this.getAttribute("sitekey") ?? "",
          action: this.getAttribute("action") ?? undefined,
          cdata: this.getAttribute("cdata") ?? undefined,
          preset: this.getAttribute("preset") ?? undefined,
        });
        if (turn !== this.#turn) return;
        // Site keys for tests may ask nothing.
        if (challenge.kind === "none") return this.#verify(challenge.token, challenge.expires_in);
        const alone = challenge.kind === "work" && !(this.#reads && challenge.image);
        this.#rest();
        if (challenge.work && (alone || challenge.kind !== "work")) this.#begin(challenge.work);
        if (alone) return this.#labours(challenge, focus);
        await this.#show(challenge, turn);
        if (turn !== this.#turn) return;
        this.#tell(news, news === this.#text.wrong ? "wrong" : "");
        if (focus || this.#hasFocus()) this.#parts.code.focus();
      } catch (problem) {
        if (turn !== this.#turn) return;
        // A picture that cannot be had (410: drawn by another version) may be had for a new ticket.
        if (problem.code === "picture" && tries > 1) return this.#load(news, focus, tries - 1);
        this.#fail(problem);
      }
    }

    async #show(challenge, turn) {
      const picture = this.#picture(new URL(challenge.image, this.#home()).href, challenge);
      await picture.lastChild.decode().catch(() => { throw new Trouble("picture"); });
      if (turn !== this.#turn) return;
      this.#parts.picture.replaceWith(picture);
      this.#parts.picture = picture;
      this.#ticket = challenge.ticket;
      this.#parts.code.value = "";
      this.#live(challenge.expires_in);
      this.#enter("asking");
    }

    // --- work

    // Sets the machine to work; what it finds is waited for where it is needed.
    #begin(job) {
      const labour = (this.#labour = new AbortController());
      const { bar } = this.#parts;
      bar.value = 0;
      const progress = (done) => {
        if (labour.signal.aborted) return;
        if (bar.value < 0.5 && done >= 0.5 && this.#phase === "working") this.#tell(this.#text.half, "quiet");
        bar.value = Math.max(bar.value, done);
      };
      this.#counters = work(this.#home(), job, progress, labour.signal);
      this.#counters.catch(() => {});
    }

    #rest() {
      this.#labour?.abort();
      this.#labour = this.#counters = null;
    }

    // Work alone: it ends by itself, or with a picture for whoever would rather read.
    #labours(challenge, focus) {
      const { instead, picture } = this.#parts;
      this.#ticket = challenge.ticket;
      picture.replaceChildren();
      this.#live(challenge.expires_in);
      instead.hidden = !challenge.image;
      instead.onclick = async () => {
        if (this.#phase !== "working") return;
        this.#reads = true;
        this.#rest();
        this.#checking = this.#ticket = null;
        const mine = ++this.#turn;
        try {
          await this.#show(challenge, mine);
          if (mine === this.#turn) this.#parts.code.focus();
        } catch {
          if (mine === this.#turn) this.#load("", true);
        }
      };
      this.#deliver(focus);
    }

    // Sends what the machine finds, as soon as it is found.
    #deliver(focus) {
      const turn = this.#turn;
      const { instead } = this.#parts;
      this.#enter("working");
      this.#tell(this.#text.working, "quiet");
      if (focus) this.focus();
      const done = this.#counters.then(
        (counters) => turn === this.#turn && this.#send({ ticket: this.#ticket, work: counters }, turn),
        () => {
          if (turn !== this.#turn) return false;
          this.#rest();
          instead.hidden ? this.#fail(new Trouble("network")) : instead.click();
          return false;
        },
      );
      const checking = (this.#checking = done.finally(() => this.#checking === checking && (this.#checking = null)));
    }

    // What was found and did not arrive is sent again; else all begins anew.
    #retry(focus) {
      if (this.#ticket && this.#counters && Date.now() < this.#end) this.#deliver(focus);
      else this.#load("", focus);
    }

    // Sends the code; gives whether it was right. Two calls at once are one.
    #check() {
      return (this.#checking ??= this.#solve().finally(() => (this.#checking = null)));
    }

    async #solve() {
      const { code } = this.#parts;
      const solution = code.value.trim();
      if (this.#phase !== "asking") return false;
      if (!solution) return this.#reject(this.#text.empty);
      const turn = ++this.#turn;
      this.#enter("checking");
      this.#tell(this.#text.checking, "quiet");
      try {
        const work = (await this.#counters) ?? undefined;
        return turn === this.#turn && (await this.#send({ ticket: this.#ticket, solution, work }, turn));
      } catch {
        if (turn === this.#turn) this.#fail(new Trouble("network"));
        return false;
      }
    }

    async #send(proof, turn) {
      try {
        const answer = await this.#post("api/solve", proof);
        if (turn !== this.#turn) return false;
        this.#ticket = null;
        if (answer.success) {
          this.#verify(answer.token, answer.expires_in, proof.solution === undefined);
          return true;
        }
        this.#load(answer.error === "expired" ? this.#text.renewed : this.#text.wrong);
        if (proof.solution) this.#parts.code.setAttribute("aria-invalid", "true");
      } catch (problem) {
        if (turn !== this.#turn) return false;
        if (problem.code === "gone") this.#load(this.#text.renewed);
        else this.#fail(problem);
      }
      return false;
    }

    // A machine alone is no sign of somebody who is there, so it is not set to work again and again.
    #verify(token, lives, alone = false) {
      const focused = this.#hasFocus();
      this.#token = token;
      this.#alone = alone;
      if (!alone) this.#renewals = 0;
      this.#rest();
      this.#fill(token);
      this.#live(lives);
      this.#enter("verified");
      this.#tell("");
      if (focused) this.#parts.done.focus();
      this.#parts.dialog?.close();
      this.#waiting?.resolve(token);
      this.#waiting = null;
      this.#say("verified", { token });
    }

    // What went wrong and what to do. A picture that is still good stays.
    #fail(problem) {
      const focused = this.#hasFocus();
      if (this.#ticket && Date.now() > this.#end) this.#ticket = null;
      this.#enter(this.#ticket && this.#parts.picture.lastChild ? "asking" : "trouble");
      const text = this.#text[problem.code] ?? this.#text.network;
      this.#tell(text.replace("{n}", problem.seconds), "wrong");
      if (focused) this.focus();
      if (problem.code === "setup") console.warn(`<${TAG}>: ${problem.message}`);
      this.#say("error", { code: problem.code, message: problem.message, status: problem.status });
    }

    #reject(text) {
      this.#tell(text, "wrong");
      this.#parts.code.setAttribute("aria-invalid", "true");
      this.#parts.code.focus();
      return false;
    }

    async #post(path, body) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), PATIENCE);
      this.#abort.signal.addEventListener("abort", () => late.abort(), { once: true });
      try {
        const response = await fetch(new URL(path, this.#home()), {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
          credentials: "omit",
          cache: "no-store",
          signal: late.signal,
        });
        const answer = await response.json().catch(() => ({}));
        if (response.ok) return answer;
        throw new Trouble(WHY[response.status] ?? (response.status < 500 ? "setup" : "unavailable"), {
          status: response.status,
          message: answer.error?.message ?? "",
          seconds: Number.parseInt(response.headers.get("Retry-After"), 10) || 10,
        });
      } catch (problem) {
        throw problem instanceof Trouble ? problem : await this.#silence();
      } finally {
        clearTimeout(timer);
      }
    }

    // No answer that could be read: no way to the server, or one that does not know this page's host.
    async #silence() {
      const reached = await fetch(new URL("api.js", this.#home()), { mode: "no-cors", method: "HEAD" }).catch(() => null);
      return reached ? new Trouble("setup", { message: `${location.host} may be no host of this site` }) : new Trouble("network");
    }

    #home() {
      return new URL(this.getAttribute("endpoint") ?? HOME ?? "/", document.baseURI);
    }

    // --- lives that end

    #live(seconds) {
      this.#end = Date.now() + seconds * 1_000 - MARGIN;
      this.#arm();
    }

    #arm() {
      clearTimeout(this.#timer);
      if (this.#end) this.#timer = setTimeout(() => this.#expireWhenDue(), this.#end - Date.now());
    }

    // A laptop's sleep or a tab in the background delays timers, so whoever comes back is seen too.
    #expireWhenDue() {
      if (!this.#end || Date.now() < this.#end) return;
      if (this.#token) return this.#expireToken();
      if (this.#phase !== "asking" || document.visibilityState !== "visible") return;
      if (this.#renewals++ >= RENEWALS) return;
      this.#load(this.#text.renewed);
      this.#say("renewed", {});
    }

    #expireToken() {
      this.#end = 0;
      this.#token = "";
      this.#fill("");
      this.#say("expired", {});
      if (this.#token || this.#phase !== "verified") return; // The page has started again itself.
      if (this.#waitsForExecute()) {
        this.#enter("idle");
      } else if (["manual", "never"].includes(this.getAttribute("refresh-expired")) || (this.#alone && this.#renewals++ >= RENEWALS)) {
        this.#enter("trouble");
        this.#tell(this.#text.over);
      } else {
        this.#load(this.#text.over);
      }
    }

    // Back to nothing; what is on its way is overtaken.
    #stop(why) {
      this.#turn += 1;
      clearTimeout(this.#timer);
      this.#ticket = null;
      this.#token = "";
      this.#end = 0;
      this.#fill("");
      this.#rest();
      this.#parts.picture.replaceChildren();
      this.#parts.code.value = "";
      this.#parts.code.removeAttribute("aria-invalid");
      this.#parts.dialog?.close();
      this.#waiting?.reject(new Trouble(why));
      this.#waiting = null;
    }

    // --- the form

    // Hidden fields beside the widget rather than in it: scripts of the page read them by name, too.
    #fill(token) {
      const names = this.getAttribute("response-field-name") ?? "inkgate-response";
      const wanted = this.getAttribute("response-field") !== "false";
      if (wanted && this.#fields.length === 0) {
        this.#fields = names.split(/\s+/).filter(Boolean).map((name) => {
          const field = h("textarea", { name, hidden: true, className: name, autocomplete: "off" });
          const root = this.isConnected ? this.getRootNode() : document;
          for (let n = 0; !field.id; n += 1) {
            const id = n ? `${name}-${n}` : name;
            if (!root.getElementById?.(id)) field.id = id;
          }
          return field;
        });
      }
      for (const field of this.#fields) {
        if (field.parentNode !== this) this.append(field);
        field.value = token;
      }
      this.#validate();
    }

    // With `required`, an empty widget holds its form back as an empty field does. A typed code does
    // not: it is checked on the way.
    #validate() {
      const lacks = this.hasAttribute("required") && !this.#invisible() && !this.#token
        && this.#phase !== "working" && !this.#parts.code.value.trim();
      if (lacks) this.#internals.setValidity({ valueMissing: true }, this.#text.empty, this.#parts.code);
      else this.#internals.setValidity({});
    }

    // A form that is sent with a typed code waits for the check, then goes on by itself.
    async #beforeSubmit(event) {
      const { form } = this.#internals;
      if (!form || event.target !== form || this.#disabled || this.getResponse()) return;
      const typed = this.#checking || (this.#phase === "asking" && this.#parts.code.value.trim());
      const asks = this.#invisible() && this.hasAttribute("required");
      if (!typed && !asks) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const by = event.submitter;
      const right = typed ? await this.#check() : await this.execute().catch(() => "");
      if (!right) return typed && this.focus();
      if (form.isConnected) form.requestSubmit(by?.form === form && !by.disabled ? by : null);
    }

    // --- what is seen and heard

    #listen() {
      const { code, fresh, check, again, close } = this.#parts;
      check.onclick = () => this.#check();
      again.onclick = () => this.#retry(true);
      fresh.onclick = () => this.#phase === "asking" && this.#load(this.#text.swapped, true);
      close.onclick = () => this.#cancel();
      code.onfocus = () => this.#seen();
      code.oninput = () => {
        code.removeAttribute("aria-invalid");
        this.#validate();
        this.#seen();
      };
      // While an input method is composing, Enter picks a word.
      code.onkeydown = (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        this.#check();
      };
    }

    #seen() {
      this.#renewals = 0;
      this.#expireWhenDue();
    }

    #enter(phase) {
      this.#phase = phase;
      const { card, ask, done, again, code, check, fresh, effort } = this.#parts;
      const busy = phase === "loading" || phase === "checking";
      card.classList.toggle("busy", busy);
      card.setAttribute("aria-busy", busy);
      ask.hidden = ["trouble", "verified", "idle", "working"].includes(phase);
      effort.hidden = phase !== "working";
      done.hidden = phase !== "verified";
      again.hidden = phase !== "trouble";
      card.hidden = phase === "idle" && this.#waitsForExecute();
      code.readOnly = busy;
      for (const button of [check, fresh]) button.setAttribute("aria-disabled", busy);
      if (phase === "loading") this.#tell(this.#text.busy, "quiet");
      this.#validate();
    }

    // What is on its way is said only; it can be seen anyhow.
    #tell(text, kind = "") {
      this.#parts.news.className = `news ${kind}`;
      this.#parts.news.textContent = text;
    }

    #say(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }

    // Two densities of one picture; in the dark its dark palette, as the theme or the reader has it.
    #picture(address, { width, height }) {
      const [, stem, kind] = /^(.*)(\.\w+)$/.exec(address) ?? [null, address, ""];
      const sizes = (shade) => `${stem}${shade}${kind} 1x, ${stem}@2x${shade}${kind} 2x`;
      const theme = this.getAttribute("theme");
      const picture = h("picture", { part: "picture" });
      if (theme !== "light" && theme !== "dark") {
        picture.append(h("source", { media: "(prefers-color-scheme: dark)", srcset: sizes(".dark") }));
      }
      const image = h("img", { alt: this.#text.alt, srcset: sizes(theme === "dark" ? ".dark" : ""), src: address });
      const times = width < NARROW ? 2 : 1;
      picture.append(Object.assign(image, { width: width * times, height: height * times }));
      return picture;
    }

    #paint() {
      const image = this.#parts.picture.lastChild;
      if (!image?.src) return;
      const picture = this.#picture(image.src, { width: image.getAttribute("width"), height: image.getAttribute("height") });
      this.#parts.picture.replaceWith(picture);
      this.#parts.picture = picture;
    }

    #invisible() { return this.getAttribute("size") === "invisible"; }

    #waitsForExecute() {
      return !this.#waiting && (this.#invisible() || this.getAttribute("execution") === "execute");
    }

    // An invisible widget lives in a dialog.
    #look() {
      const parts = this.#parts;
      const { card } = parts;
      if (this.#invisible() === Boolean(parts.dialog)) return;
      if (parts.dialog) {
        parts.dialog.replaceWith(card);
        parts.dialog = null;
      } else {
        parts.dialog = h("dialog", { part: "dialog", oncancel: () => this.#cancel() });
        card.replaceWith(parts.dialog);
        parts.dialog.append(card);
        this.#speak();
      }
      parts.head.hidden = !parts.dialog;
    }

    #reveal() {
      const { dialog } = this.#parts;
      if (dialog && !dialog.open) dialog.showModal();
      if (this.#phase === "idle" || this.#phase === "trouble") this.#retry(true);
      else this.focus();
      if (dialog) this.#say("opened", {});
    }

    #cancel() {
      this.#stop("closed");
      this.#enter("idle");
      this.#say("closed", {});
    }

    #hasFocus() { return Boolean(this.shadowRoot.activeElement); }

    #speak() {
      const language = chosen(this);
      const text = (this.#text = TEXTS[language]);
      const { card, dialog, head, label, picture, check, fresh, again, done, close, effort, bar, instead } = this.#parts;
      effort.firstChild.textContent = text.working;
      bar.setAttribute("aria-label", text.working);
      instead.textContent = text.instead;
      card.lang = language;
      for (const part of [card, dialog]) part?.setAttribute("aria-label", text.name);
      head.firstChild.textContent = text.name;
      label.textContent = text.label;
      check.textContent = text.check;
      again.textContent = text.again;
      done.lastChild.textContent = text.done;
      for (const [button, name] of [[fresh, text.fresh], [close, text.close]]) {
        button.title = name;
        button.setAttribute("aria-label", name);
      }
      if (picture.lastChild) picture.lastChild.alt = text.alt;
      this.#validate();
    }
  }

  class Trouble extends Error {
    constructor(code, { message = "", status = 0, seconds = 0 } = {}) {
      super(message || code);
      Object.assign(this, { code, status, seconds });
    }
  }

  // Work is done in a worker where the browser allows it one, that is, where page and script have one origin; else
  // beside the page, whose own cryptography does not hold it up.
  async function work(home, job, progress, signal) {
    const address = new URL("work.js", home);
    if (address.origin === location.origin) {
      try {
        return await inWorker(address, job, progress, signal);
      } catch {
        signal.throwIfAborted();
      }
    }
    const { solve } = await import(address.href);
    return solve(job, progress, signal);
  }

  let policy;
  function inWorker(address, job, progress, signal) {
    // Pages that trust no text as an address are told that this is ours.
    policy ??= globalThis.trustedTypes?.createPolicy(TAG, { createScriptURL: (url) => url }) ?? { createScriptURL: (url) => url };
    const url = `${address.href}#${new URLSearchParams(job)}`;
    return new Promise((resolve, reject) => {
      const worker = new Worker(policy.createScriptURL(url), { type: "module" });
      const end = (settle, value) => {
        worker.terminate();
        settle(value);
      };
      worker.onmessage = ({ data }) => (data.counters ? end(resolve, data.counters) : progress(data.done));
      worker.onerror = (event) => end(reject, event);
      signal.addEventListener("abort", () => end(reject, signal.reason));
    });
  }

  const WHY = { 410: "gone", 429: "rate-limited", 503: "unavailable" };

  // The attribute's, the page's or the browser's language: the first that there are texts in.
  function chosen(element) {
    const page = element.closest("[lang]") ?? document.documentElement;
    for (const tag of [element.getAttribute("language"), page.lang, ...navigator.languages]) {
      if (/^en\b/i.test(tag)) return "en";
      if (/^zh\b/i.test(tag)) return !/hans/i.test(tag) && /hant|-(tw|hk|mo)\b/i.test(tag) ? "zh-Hant" : "zh-Hans";
    }
    return "en";
  }

  const TEXTS = {
    en: {
      name: "Verification",
      label: "Code in the picture",
      alt: "Picture with the code to type",
      check: "Check",
      fresh: "New picture",
      again: "Try again",
      close: "Close",
      done: "Verified",
      working: "Checking this device. It takes a moment.",
      instead: "Show a picture instead",
      half: "Half of it is done.",
      busy: "Loading a picture…",
      checking: "Checking…",
      swapped: "Here is a new picture.",
      renewed: "The picture had expired. Here is a new one.",
      wrong: "That was not the code. Here is a new picture.",
      over: "The verification has expired. Please do it once more.",
      empty: "Type the code that the picture shows.",
      network: "The picture did not load. Check your connection and try again.",
      unavailable: "Not possible at the moment. Try again in a few seconds.",
      "rate-limited": "A little too fast. Wait {n} seconds, then try again.",
      setup: "This verification is not set up correctly. Please tell whoever runs this site.",
    },
    "zh-Hans": {
      name: "人机验证",
      label: "图中的验证码",
      alt: "验证码图片",
      check: "验证",
      fresh: "换一张图",
      again: "重试",
      close: "关闭",
      done: "验证通过",
      working: "正在检测设备，请稍候。",
      instead: "改用图片",
      half: "已完成一半。",
      busy: "正在载入图片…",
      checking: "正在验证…",
      swapped: "已换新图。",
      renewed: "原来的图已过期，已换新图。",
      wrong: "验证码不正确，已换新图。",
      over: "验证已过期，请重新验证。",
      empty: "请输入图中的验证码。",
      network: "图片没有载入。请检查网络后再试。",
      unavailable: "暂时无法验证，请过几秒再试。",
      "rate-limited": "操作太快了。请等待 {n} 秒后再试。",
      setup: "验证码设置有误，请告知网站管理员。",
    },
    "zh-Hant": {
      name: "真人驗證",
      label: "圖中的驗證碼",
      alt: "驗證碼圖片",
      check: "驗證",
      fresh: "換一張圖",
      again: "重試",
      close: "關閉",
      done: "驗證通過",
      working: "正在檢測裝置，請稍候。",
      instead: "改用圖片",
      half: "已完成一半。",
      busy: "正在載入圖片…",
      checking: "正在驗證…",
      swapped: "已換新圖。",
      renewed: "原來的圖已過期，已換新圖。",
      wrong: "驗證碼不正確，已換新圖。",
      over: "驗證已過期，請重新驗證。",
      empty: "請輸入圖中的驗證碼。",
      network: "圖片沒有載入。請檢查網路後再試。",
      unavailable: "暫時無法驗證，請過幾秒再試。",
      "rate-limited": "操作太快了。請等待 {n} 秒後再試。",
      setup: "驗證碼設定有誤，請告知網站管理員。",
    },
  };

  // Everything there is to see, once; phases hide and show.
  function build() {
    const button = (part, ...content) => h("button", { type: "button", part, className: part }, ...content);
    const picture = h("picture", { part: "picture" });
    const label = h("label", { part: "label", htmlFor: "code" });
    const code = h("input", {
      id: "code",
      part: "code",
      type: "text",
      maxLength: 64,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: false,
      enterKeyHint: "done",
    });
    code.setAttribute("autocorrect", "off");
    code.setAttribute("aria-describedby", "news");
    const fresh = button("fresh", icon("M20 12a8 8 0 1 1-2.3-5.7L20 8.5M20 3.5v5h-5"));
    const check = button("check");
    const head = h("div", { className: "head", hidden: true });
    const close = button("close", icon("M6 6l12 12M18 6L6 18"));
    head.append(h("span"), close);
    const again = button("again");
    const done = h("div", { part: "done", className: "done", tabIndex: -1 }, icon("M5 12.5l4.5 4.5L19 7.5"), h("span"));
    const news = h("p", { part: "news", id: "news", className: "news", role: "status" });
    const paper = h("div", { className: "paper" }, picture);
    const row = h("div", { className: "row" }, code, fresh, check);
    const ask = h("div", { className: "ask" }, paper, label, row);
    const bar = h("progress", { part: "bar", max: 1, value: 0 });
    const instead = button("instead");
    const effort = h("div", { part: "effort", className: "effort", hidden: true }, h("span"), bar, instead);
    const card = h("div", { part: "card", className: "card", role: "group" }, head, effort, ask, done, news, again);
    return { card, head, effort, bar, instead, ask, picture, label, code, fresh, check, close, again, done, news, dialog: null };
  }

  function h(tag, properties = {}, ...content) {
    const element = document.createElement(tag);
    const { part, ...rest } = properties;
    if (part) element.setAttribute("part", part);
    Object.assign(element, rest);
    element.append(...content);
    return element;
  }

  function icon(path) {
    const element = (tag, attributes) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      return made;
    };
    const svg = element("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
    svg.append(element("path", { d: path }));
    return svg;
  }

  // A constructed style sheet needs no leave of the page's content security policy.
  let shared;
  function sheet() {
    if (!shared) {
      shared = new CSSStyleSheet();
      shared.replaceSync(STYLE);
    }
    return shared;
  }

  const shades = (colours) =>
    Object.entries(colours).map(([name, value]) => `--${name}:var(--inkgate-${name},${value});`).join("");

  const LIGHT = shades({
    sheet: "#fffcf6",
    ink: "#1c2736",
    soft: "#555c66",
    line: "#ded5c4",
    edge: "#837a69",
    paper: "#f3ecdd",
    press: "#1c2736",
    "on-press": "#fffaf0",
    wrong: "#a3261a",
    right: "#1d6a40",
    ring: "#1f62c9",
  });

  const DARK = shades({
    sheet: "#19202a",
    ink: "#efe8da",
    soft: "#b1aca1",
    line: "#323b48",
    edge: "#7d8794",
    paper: "#222b37",
    press: "#efe8da",
    "on-press": "#161d27",
    wrong: "#ffb3a4",
    right: "#93d8ae",
    ring: "#8fb8ff",
  });

  const STYLE = `
:host{display:block;color-scheme:light dark;width:var(--inkgate-width,20.375rem);max-width:100%}
:host([theme=light]){color-scheme:light}
:host([theme=dark]){color-scheme:dark}
:host([size=flexible]){width:100%}
:host([size=compact]){width:13rem}
:host([size=invisible]){display:contents}
:host([hidden]),[hidden]{display:none!important}
*,::before,::after{box-sizing:border-box}
.card{${LIGHT}--radius:var(--inkgate-radius,.75rem)}
@media(prefers-color-scheme:dark){:host(:not([theme=light])) .card{${DARK}}}
:host([theme=dark]) .card{${DARK}}
.card{position:relative;padding:.75rem;border:1px solid var(--line);border-radius:var(--radius);background:var(--sheet);
color:var(--ink);font:400 1rem/1.5 var(--inkgate-font,inherit);letter-spacing:normal;text-align:start;text-transform:none;white-space:normal}
.paper{display:grid;place-items:center;border-radius:calc(var(--radius) - .25rem);background:var(--paper);overflow:hidden}
picture,img{display:block;max-width:100%}
picture:empty{width:100%;aspect-ratio:30/17}
img{height:auto;transition:opacity .15s}
.busy img{opacity:.4}
label{display:block;margin:.625rem 0 .25rem;font-size:.875rem;font-weight:600}
.effort{display:grid;gap:.625rem}
progress{width:100%;height:.5rem;accent-color:var(--press)}
.row{display:flex;flex-wrap:wrap;gap:.5rem}
input,button{min-height:2.75rem;border:1px solid var(--edge);border-radius:calc(var(--radius) - .25rem);background:none;color:inherit;font:inherit}
label,.news{unicode-bidi:plaintext;text-align:-webkit-match-parent;text-align:match-parent}
input{flex:4 1 6rem;min-width:0;padding:0 .75rem;letter-spacing:.08em}
button{padding:0 1rem;cursor:pointer}
.fresh,.close{display:grid;place-items:center;min-width:2.75rem;padding:0}
.check,.again{border-color:transparent;background:var(--press);color:var(--on-press);font-weight:600}
.check{flex:1 0 auto}
.again{width:100%;margin-top:.75rem}
button:hover{border-color:var(--ink)}
.check:hover,.again:hover{opacity:.9}
button[aria-disabled=true]{cursor:default;opacity:.6}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
.done:focus{outline-width:2px}
input[aria-invalid]{border:2px solid var(--wrong)}
.news{margin:.625rem 0 0;font-size:.875rem;color:var(--soft)}
.news:empty{margin:0}
.quiet{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.wrong{color:var(--wrong)}
.done{display:flex;align-items:center;gap:.625rem;min-height:2.75rem;border-radius:.25rem;color:var(--right);font-weight:600}
svg{width:1.375rem;height:1.375rem;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.head{display:flex;align-items:center;justify-content:space-between;margin:-.25rem -.25rem .375rem 0;font-weight:600}
.close{border-color:transparent}
dialog{width:20.375rem;max-width:calc(100vw - 2rem);padding:0;border:0;background:none;overflow:visible}
dialog::backdrop{background:rgb(10 14 20/.55)}
@media(forced-colors:active){.check,.again{background:ButtonText;color:ButtonFace;forced-color-adjust:none}}
@media(prefers-reduced-motion:reduce){img{transition:none}}
`;

  globalThis.InkgateCaptcha = InkgateCaptcha;
  customElements.define(TAG, InkgateCaptcha);
})();
