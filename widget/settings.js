// What the vendors' data attributes and parameters say, in the widget's own attributes.
(() => {
  "use strict";
  if (InkgateCaptcha.Settings) return;
  const OWN = ["sitekey", "action", "cdata", "preset", "execution", "response-field", "refresh-expired"];

  InkgateCaptcha.Settings = class Settings {
    #said;

    // Without regard to case: `cData` is `data-cdata`. What is given wins over what the element is marked with.
    constructor(place, given, inherits) {
      this.#said = { ...(inherits && marked(place)), ...lowered(given) };
    }

    // Writes them on a widget. `vendor` has a theme and a field's name of its own, and the query of its script's address.
    write(element, vendor, isButton) {
      const said = this.#said;
      const language = said.hl ?? said.language ?? vendor.query.get("hl");
      const theme = said.theme ?? vendor.theme;
      const attributes = {
        ...Object.fromEntries(OWN.map((name) => [name, said[name]])),
        language: language === "auto" ? null : language,
        theme: ["dark", "auto"].includes(theme) ? theme : "light",
        size: isButton ? "invisible" : said.size,
        tabindex: said.tabindex > 0 ? said.tabindex : null,
        "response-field-name": said["response-field-name"] ?? vendor.field,
      };
      for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
    }

    // Hands a token on: to the callback, or, from a button that names none, with its form.
    pass(token, button) {
      if (button && !this.#said.callback) button.form?.requestSubmit(button.type === "submit" ? button : null);
      this.call("callback", token);
    }

    // Asks; or hands on the token that is there, where the form was held back. A form that the button sends by itself has
    // to be filled in first.
    press(button, widget) {
      const { form, formNoValidate } = button;
      const checks = form && !this.#said.callback && !form.noValidate && !formNoValidate;
      if (checks && !form.reportValidity()) return;
      const token = widget.getResponse();
      if (token) this.pass(token, button);
      else widget.execute();
    }

    // Calls what a setting names, if it is there.
    call(name, ...values) {
      return Settings.invoke(this.#said[name], ...values);
    }

    // A function, or the name of a global one.
    static invoke(what, ...values) {
      const named = typeof what === "string" ? what.split(".").reduce((found, name) => found?.[name], globalThis) : what;
      return named?.(...values);
    }
  };

  const marked = ({ attributes }) =>
    Object.fromEntries([...attributes].filter(({ name }) => name.startsWith("data-")).map(({ name, value }) => [name.slice(5), value]));

  const lowered = (given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
})();
