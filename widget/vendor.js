// What the vendors' shims share: widgets by their ids, and rendering by itself.
(() => {
  "use strict";
  if (InkgateCaptcha.Vendor) return;
  const { Settings } = InkgateCaptcha;
  const vendors = {};

  InkgateCaptcha.Vendor = class Vendor {
    // One for each vendor, however often a page loads the script. `hear` gets each new widget.
    static of(name, options) {
      const vendor = (vendors[name] ??= Object.assign(new Vendor(), { widgets: new Map(), made: 0, waiting: [] }));
      return Object.assign(vendor, options, { query: new URL(document.currentScript.src).searchParams });
    }

    // Once the page is read: renders what is marked, calls whoever waited.
    start(waiting = []) {
      let gone = false;
      const go = () => {
        if (gone) return;
        gone = this.started = true;
        if ((this.query.get("render") ?? "onload") === "onload") this.renderAll();
        for (const call of [...this.waiting.splice(0), ...waiting, this.query.get("onload")]) Settings.invoke(call);
      };
      // Deferred scripts behind this one may have the callbacks.
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

    // A button gets a widget that asks in a dialog when it is pressed.
    render(where, given = {}, inherits = true) {
      const place = this.place(where);
      if (!place) throw new Error(`no element ${where}`);
      if (place.dataset.inkgate) throw new Error("there is a widget already");
      const isButton = place.matches("button, input");
      const settings = new Settings(place, given, inherits);
      const id = this.id(this.made++);
      const element = document.createElement("inkgate-captcha");
      settings.write(element, this, isButton);
      const widget = { id, element, place, call: settings.call.bind(settings) };
      element.addEventListener("verified", ({ detail }) => settings.pass(detail.token, isButton && place));
      element.addEventListener("expired", () => widget.call("expired-callback"));
      this.hear(widget);
      if (isButton) place.addEventListener("click", (widget.press = (event) => {
        event.preventDefault();
        settings.press(place, element);
      }));
      place.dataset.inkgate = id;
      this.widgets.set(id, widget);
      if (isButton) place.after(element);
      else place.append(element);
      return id;
    }

    // By id or container; the first, if neither is named.
    find(which) {
      const { widgets } = this;
      const widget = which === undefined ? widgets.values().next().value : this.at(which);
      if (!widget) throw new Error(which === undefined ? "there is no widget yet" : `no widget ${which}`);
      return widget;
    }

    at(which) {
      const place = this.place(which);
      return this.widgets.get(which) ?? [...this.widgets.values()].find((widget) => widget.place === place);
    }

    remove(which) {
      const widget = this.find(which);
      widget.element.remove();
      widget.element.reset();
      widget.place.removeEventListener("click", widget.press);
      delete widget.place.dataset.inkgate;
      this.widgets.delete(widget.id);
    }

    place(where) {
      if (typeof where !== "string") return where instanceof Element ? where : null;
      try {
        return document.getElementById(where) ?? document.querySelector(where);
      } catch {
        return null; // It is no selector.
      }
    }
  };
})();
