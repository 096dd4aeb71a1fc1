// What the vendors' shims share: settings, widgets by their ids, and rendering by itself.
(() => {
  "use strict";
  const vendors = {};

  InkgateCaptcha.Vendor = class Vendor {
    // One for each vendor, however often a page loads the script. `classes` name the containers,
    // `field` the response, `adapt` may change a setting, `hear` gets each new widget.
    static of(name, options) {
      const vendor = (vendors[name] ??= Object.assign(new Vendor(), { widgets: new Map(), waiting: [] }));
      return Object.assign(vendor, options, { query: new URL(document.currentScript.src).searchParams });
    }

    // Renders what is marked, then calls whoever waited, once the page is read.
    start(waiting = []) {
      let gone = false;
      const go = () => {
        if (gone) return;
        gone = this.started = true;
        if ((this.query.get("render") ?? "onload") === "onload") this.renderAll();
        for (const call of [...this.waiting.splice(0), ...waiting, this.query.get("onload")]) this.call(call);
      };
      // Deferred scripts of the page that stand behind this one may have the callbacks.
      const isRead = performance.getEntriesByType("navigation")[0]?.domContentLoadedEventStart > 0;
      if (isRead || document.readyState === "complete") return queueMicrotask(go);
      document.addEventListener("DOMContentLoaded", go);
      addEventListener("load", go);
    }

    ready(call) {
      if (this.started) call();
      else this.waiting.push(call);
    }

    renderAll() {
      for (const name of this.classes) {
        for (const place of document.getElementsByClassName(name)) if (!place.dataset.inkgate) this.render(place);
      }
    }

    // Makes a widget; a button gets one that asks in a dialog when it is pressed.
    render(where, given = {}, inherit = true) {
      const place = this.place(where);
      if (!place) throw new Error(`no element ${where} to render in`);
      if (place.dataset.inkgate) throw new Error("there is a widget in this element already");
      const settings = { ...(inherit && marked(place)), ...lowered(given) };
      const id = this.id(this.widgets.size);
      const element = document.createElement("inkgate-captcha");
      const isButton = place.matches("button, input");
      const language = settings.hl ?? settings.language ?? this.query.get("hl");
      const theme = settings.theme ?? this.theme;
      const attributes = {
        ...pick(settings, ["sitekey", "action", "cdata", "preset", "execution", "response-field", "refresh-expired"]),
        language: language === "auto" ? null : language,
        theme: ["dark", "auto"].includes(theme) ? theme : "light",
        size: isButton ? "invisible" : settings.size,
        tabindex: settings.tabindex > 0 ? settings.tabindex : null,
        "response-field-name": settings["response-field-name"] ?? this.field,
      };
      for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
      const widget = { id, element, place, call: (name, ...values) => this.call(settings[name], ...values) };
      element.addEventListener("verified", ({ detail }) => {
        if (isButton && !settings.callback) place.form?.requestSubmit(place.type === "submit" ? place : null);
        widget.call("callback", detail.token);
      });
      element.addEventListener("expired", () => widget.call("expired-callback"));
      this.hear(widget);
      if (isButton) place.addEventListener("click", (widget.press = (event) => {
        event.preventDefault();
        element.execute();
      }));
      place.dataset.inkgate = id;
      this.widgets.set(id, widget);
      if (isButton) place.after(element);
      else place.append(element);
      return id;
    }

    // A widget by its id or its container; the first, if neither is named.
    find(which) {
      const { widgets } = this;
      const widget = which === undefined ? widgets.values().next().value : widgets.get(which) ?? this.at(which);
      if (!widget) throw new Error(which === undefined ? "there is no widget yet" : `no widget ${which}`);
      return widget;
    }

    at(where) {
      const place = this.place(where);
      return place && [...this.widgets.values()].find((widget) => widget.place === place);
    }

    remove(which) {
      const widget = this.find(which);
      widget.element.reset();
      widget.element.remove();
      widget.place.removeEventListener("click", widget.press);
      delete widget.place.dataset.inkgate;
      this.widgets.delete(widget.id);
    }

    place(where) {
      if (typeof where !== "string") return where instanceof Element ? where : null;
      return document.getElementById(where) ?? (/^[#.[]/.test(where) ? document.querySelector(where) : null);
    }

    // A function, or the name of a global one.
    call(what, ...values) {
      const named = typeof what === "string" ? what.split(".").reduce((found, name) => found?.[name], globalThis) : what;
      return named?.(...values);
    }
  };

  const marked = ({ dataset, attributes }) =>
    dataset && Object.fromEntries([...attributes].filter(({ name }) => name.startsWith("data-")).map(({ name, value }) => [name.slice(5), value]));

  const lowered = (given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));

  const pick = (settings, names) => Object.fromEntries(names.map((name) => [name, settings[name]]));
})();
